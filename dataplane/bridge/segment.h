// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The shared-memory segment and how control gets it: a sealed memfd and its doorbells (eventfds),
// handed over a Unix stream socket with SCM_RIGHTS. The dataplane listens and makes a fresh segment
// for every attach; control connects, names its version, and keeps the connection open as its sign
// of life.
//
// Layout of the segment: struct bridge_header, then per worker a struct bridge_worker_stats, its
// event ring and its command ring, each 64-byte aligned. Both sides compute the offsets from the
// two counts in the header, which control checks against the memfd's size.
//
// Slow path only; may block for the time of a handshake (bounded by a 2 s socket timeout).
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dataplane/bridge/counters.h"
#include "dataplane/bridge/ring.h"

#define BRIDGE_WORKERS_MAX   64u
#define BRIDGE_EVENT_SLOTS   (1u << 16) // 4 MiB per worker
#define BRIDGE_COMMAND_SLOTS (1u << 15) // 2 MiB per worker

struct bridge_header {
	char magic[8];    // "sluice\0\0"
	uint32_t version; // BRIDGE_VERSION
	uint32_t workers;
	uint32_t event_slots;
	uint32_t command_slots;
	uint32_t stats_bytes; // sizeof(struct bridge_worker_stats): differs when counters do
	uint32_t dataplane_pid;
	uint64_t attach_id; // random; new for every segment
	uint64_t tsc_hz;
	uint64_t started_wall_ms;
	uint64_t dataplane_id; // random; the same for all segments of one process
};

// Worker: wo, control: ro. Read with relaxed loads; a torn set of counters is fine, a torn counter
// is not.
struct bridge_worker_stats {
	struct dp_counters counters;
	struct dp_gauges gauges;
};

struct bridge_worker_channel { // one side's view
	struct bridge_ring events;
	struct bridge_ring commands;
	struct bridge_worker_stats *stats;
	int command_doorbell; // eventfd, control rings it for this worker
};

struct bridge_segment {
	struct bridge_header *header;
	size_t bytes;
	int memfd;
	int event_doorbell; // eventfd, any worker rings it for control
	uint32_t workers;
	struct bridge_worker_channel channels[BRIDGE_WORKERS_MAX];
};

// Dataplane side. worker_doorbells are the workers' own eventfds; they stay the caller's (the
// segment keeps duplicates). 0 or -errno; after a failure there is nothing to close.
int bridge_segment_create(struct bridge_segment *seg, uint32_t workers, const int *worker_doorbells,
			  uint64_t tsc_hz);
void bridge_segment_close(struct bridge_segment *seg); // either side; unmaps, closes what it opened

// Dataplane: a listening, non-blocking socket at path (mode 0600; a dead socket file is replaced, a
// live one is -EADDRINUSE, a path too long for a Unix socket -ENAMETOOLONG). fd or -errno.
int bridge_listen(const char *path);
// Dataplane: one handshake on an accepted connection. 0 when control got the segment, else -errno
// with the reason in why (a version mismatch names both versions, and the other side is told the
// same). conn_fd stays the caller's either way.
int bridge_serve(int conn_fd, const struct bridge_segment *seg, char why[static 160]);
// Dataplane: tells a connection that it is not wanted (a control is attached already), then closes
// it.
void bridge_refuse(int conn_fd, const char *why);

// Control: connects and maps. Returns the connection's fd (readable = dataplane gone), or -errno
// with the reason in why; then seg is empty.
int bridge_attach(const char *path, struct bridge_segment *seg, char why[static 160]);
// Control: the last step of bridge_attach. Maps what was handed over (memfd, event doorbell,
// command doorbells) after checking seals, sizes and counts. 0: seg owns the descriptors, else they
// stay the caller's and why has the reason.
int bridge_segment_map(struct bridge_segment *seg, const int *fds, uint32_t count,
		       char why[static 160]);
