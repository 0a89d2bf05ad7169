// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/bridge/handshake.h"
#include "dataplane/bridge/proto.h"

// A memfd that can shrink kills its reader with SIGBUS; one that can grow would escape the size
// check.
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
// What control still maps: 64 workers with both rings at this size are 128 GiB, far from overflow.
#define SLOTS_MIN (2 * BRIDGE_RECORD_MAX / BRIDGE_SLOT)
#define SLOTS_MAX (1u << 24)

static_assert(sizeof(struct bridge_header) == 64, "shared layout");

static size_t align64(size_t bytes)
{
	return (bytes + 63) & ~(size_t)63;
}

static size_t worker_bytes(uint32_t event_slots, uint32_t command_slots)
{
	return align64(sizeof(struct bridge_worker_stats)) +
	       align64(bridge_ring_bytes(event_slots)) + align64(bridge_ring_bytes(command_slots));
}

static size_t segment_bytes(uint32_t workers, uint32_t event_slots, uint32_t command_slots)
{
	return align64(sizeof(struct bridge_header)) +
	       workers * worker_bytes(event_slots, command_slots);
}

// Places the channels. The counts are the caller's checked copies, never read from the segment
// again.
static void segment_lay_out(struct bridge_segment *seg, uint32_t event_slots,
			    uint32_t command_slots)
{
	uint8_t *base = (uint8_t *)seg->header + align64(sizeof(struct bridge_header));

	for (uint32_t w = 0; w < seg->workers; w++) {
		struct bridge_worker_channel *ch = &seg->channels[w];

		ch->stats = (struct bridge_worker_stats *)(void *)base;
		base += align64(sizeof(struct bridge_worker_stats));
		bridge_ring_init(&ch->events, base, event_slots);
		base += align64(bridge_ring_bytes(event_slots));
		bridge_ring_init(&ch->commands, base, command_slots);
		base += align64(bridge_ring_bytes(command_slots));
	}
}

static void segment_clear(struct bridge_segment *seg)
{
	memset(seg, 0, sizeof(*seg));
	seg->memfd = -1;
	seg->event_doorbell = -1;
	for (uint32_t w = 0; w < BRIDGE_WORKERS_MAX; w++)
		seg->channels[w].command_doorbell = -1;
}

static int header_fill(struct bridge_header *hdr, uint32_t workers, uint64_t tsc_hz)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*hdr = (struct bridge_header){
		.magic = BRIDGE_MAGIC,
		.version = BRIDGE_VERSION,
		.workers = workers,
		.event_slots = BRIDGE_EVENT_SLOTS,
		.command_slots = BRIDGE_COMMAND_SLOTS,
		.stats_bytes = sizeof(struct bridge_worker_stats),
		.dataplane_pid = (uint32_t)getpid(),
		.tsc_hz = tsc_hz,
		.started_wall_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
	};
	if (getrandom(&hdr->attach_id, sizeof(hdr->attach_id), 0) != sizeof(hdr->attach_id))
		return -EIO;
	return 0;
}

// MAP_POPULATE on the dataplane's side: no page fault on the packet path later.
static int segment_mmap(struct bridge_segment *seg, int flags)
{
	void *mem =
		mmap(NULL, seg->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | flags, seg->memfd, 0);

	if (mem == MAP_FAILED)
		return -errno;
	seg->header = mem;
	return 0;
}

static int segment_open(struct bridge_segment *seg, const int *worker_doorbells)
{
	seg->memfd = memfd_create("sluice-bridge", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (seg->memfd < 0 || ftruncate(seg->memfd, (off_t)seg->bytes) != 0 ||
	    fcntl(seg->memfd, F_ADD_SEALS, SEALS) != 0)
		return -errno;
	seg->event_doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (seg->event_doorbell < 0)
		return -errno;
	for (uint32_t w = 0; w < seg->workers; w++) {
		seg->channels[w].command_doorbell = fcntl(worker_doorbells[w], F_DUPFD_CLOEXEC, 0);
		if (seg->channels[w].command_doorbell < 0)
			return -errno;
	}
	return segment_mmap(seg, MAP_POPULATE);
}

int bridge_segment_create(struct bridge_segment *seg, uint32_t workers, const int *worker_doorbells,
			  uint64_t tsc_hz)
{
	int rc;

	segment_clear(seg);
	if (workers == 0 || workers > BRIDGE_WORKERS_MAX)
		return -EINVAL;
	seg->workers = workers;
	seg->bytes = segment_bytes(workers, BRIDGE_EVENT_SLOTS, BRIDGE_COMMAND_SLOTS);
	rc = segment_open(seg, worker_doorbells);
	if (rc == 0)
		rc = header_fill(seg->header, workers, tsc_hz);
	if (rc != 0) {
		bridge_segment_close(seg);
		return rc;
	}
	segment_lay_out(seg, BRIDGE_EVENT_SLOTS, BRIDGE_COMMAND_SLOTS);
	return 0;
}

void bridge_segment_close(struct bridge_segment *seg)
{
	if (seg->header != NULL)
		munmap(seg->header, seg->bytes);
	if (seg->memfd >= 0)
		close(seg->memfd);
	if (seg->event_doorbell >= 0)
		close(seg->event_doorbell);
	for (uint32_t w = 0; w < seg->workers; w++) {
		if (seg->channels[w].command_doorbell >= 0)
			close(seg->channels[w].command_doorbell);
	}
	segment_clear(seg);
}

int bridge_versions_match(uint32_t version, uint32_t stats_bytes, char why[static 160])
{
	if (version != BRIDGE_VERSION) {
		snprintf(why, 160, "bridge version %u wanted, %" PRIu32 " offered", BRIDGE_VERSION,
			 version);
		return -EPROTO;
	}
	if (stats_bytes != sizeof(struct bridge_worker_stats)) {
		snprintf(why, 160,
			 "counters differ: %zu bytes per worker wanted, %" PRIu32
			 " offered (two builds of the same bridge version)",
			 sizeof(struct bridge_worker_stats), stats_bytes);
		return -EPROTO;
	}
	return 0;
}

static bool slots_sane(uint32_t slots)
{
	return slots >= SLOTS_MIN && slots <= SLOTS_MAX && (slots & (slots - 1)) == 0;
}

static int header_check(const struct bridge_header *hdr, off_t size, uint32_t doorbells,
			char why[static 160])
{
	size_t want;

	if (memcmp(hdr->magic, BRIDGE_MAGIC, sizeof(hdr->magic)) != 0) {
		snprintf(why, 160, "segment, wrong magic (not a sluice bridge)");
		return -EPROTO;
	}
	if (bridge_versions_match(hdr->version, hdr->stats_bytes, why) != 0)
		return -EPROTO;
	if (hdr->workers == 0 || hdr->workers > BRIDGE_WORKERS_MAX ||
	    !slots_sane(hdr->event_slots) || !slots_sane(hdr->command_slots)) {
		snprintf(why, 160,
			 "segment, counts out of range (%" PRIu32 " workers, %" PRIu32
			 " event and %" PRIu32 " command slots)",
			 hdr->workers, hdr->event_slots, hdr->command_slots);
		return -EPROTO;
	}
	if (hdr->workers != doorbells) {
		snprintf(why, 160, "segment, %" PRIu32 " workers but %" PRIu32 " doorbells",
			 hdr->workers, doorbells);
		return -EPROTO;
	}
	want = segment_bytes(hdr->workers, hdr->event_slots, hdr->command_slots);
	if ((uint64_t)size != want) {
		snprintf(why, 160, "segment, %lld bytes where its counts need %zu", (long long)size,
			 want);
		return -EPROTO;
	}
	return 0;
}

// The header is read with pread: nothing is mapped before it has been checked, and what was checked
// cannot change afterwards.
static int memfd_check(int memfd, struct bridge_header *hdr, off_t *size, char why[static 160])
{
	struct stat st;
	int seals = fcntl(memfd, F_GET_SEALS);

	if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_GROW)) != (F_SEAL_SHRINK | F_SEAL_GROW)) {
		snprintf(why, 160, "segment, not a sealed memfd (it could shrink while mapped)");
		return -EPROTO;
	}
	if (fstat(memfd, &st) != 0 || pread(memfd, hdr, sizeof(*hdr), 0) != sizeof(*hdr)) {
		snprintf(why, 160, "segment, too short for its header");
		return -EPROTO;
	}
	*size = st.st_size;
	return 0;
}

int bridge_segment_map(struct bridge_segment *seg, const int *fds, uint32_t count,
		       char why[static 160])
{
	uint32_t workers = count - BRIDGE_FDS_FIXED;
	struct bridge_header hdr;
	off_t size;
	int rc;

	segment_clear(seg);
	if (count <= BRIDGE_FDS_FIXED || workers > BRIDGE_WORKERS_MAX) {
		snprintf(why, 160, "segment, %" PRIu32 " descriptors handed over", count);
		return -EPROTO;
	}
	rc = memfd_check(fds[0], &hdr, &size, why);
	if (rc == 0)
		rc = header_check(&hdr, size, workers, why);
	if (rc != 0)
		return rc;
	seg->memfd = fds[0];
	seg->bytes = (size_t)size;
	rc = segment_mmap(seg, 0);
	if (rc != 0) {
		snprintf(why, 160, "segment, cannot map %zu bytes (%s)", seg->bytes, strerror(-rc));
		segment_clear(seg);
		return rc;
	}
	seg->workers = workers;
	seg->event_doorbell = fds[1];
	for (uint32_t w = 0; w < workers; w++)
		seg->channels[w].command_doorbell = fds[BRIDGE_FDS_FIXED + w];
	segment_lay_out(seg, hdr.event_slots, hdr.command_slots);
	return 0;
}
