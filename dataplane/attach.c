// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/attach.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/log.h"

LOG_TYPE("bridge")

#define ADOPT_POLL_US 200u

// The disk is full, broken, read-only or not there yet: nothing that a start anew would mend.
static bool passes(int err)
{
	return err == -EROFS || err == -ENOSPC || err == -EDQUOT || err == -EIO || err == -ENOENT;
}

int dp_attach_init(struct dp_attach *attach, const char *path, struct dp_worker **workers,
		   uint32_t workers_count)
{
	memset(attach, 0, sizeof(*attach));
	attach->path = path;
	attach->workers = workers;
	attach->workers_count = workers_count;
	attach->conn_fd = -1;
	if (getrandom(&attach->id, sizeof(attach->id), 0) != sizeof(attach->id))
		return -EIO;
	attach->listen_fd = bridge_listen(path);
	if (attach->listen_fd >= 0)
		return 0;
	if (!passes(attach->listen_fd))
		return attach->listen_fd;
	LOG(WARNING, "%s, cannot listen (%s); trying until it can", path,
	    strerror(-attach->listen_fd));
	attach->listen_fd = -1;
	return 0;
}

static void listen_again(struct dp_attach *attach)
{
	int fd = bridge_listen(attach->path);

	if (fd < 0)
		return;
	attach->listen_fd = fd;
	LOG(INFO, "%s, listening again", attach->path);
}

// Workers look at the offer once a round, so this takes microseconds, or a doorbell's time when
// they sleep.
static void offer(struct dp_attach *attach, struct bridge_segment *segment)
{
	uint64_t one = 1;

	for (uint32_t i = 0; i < attach->workers_count; i++) {
		atomic_store_explicit(&attach->workers[i]->offered, segment, memory_order_release);
		(void)!write(attach->workers[i]->doorbell, &one, sizeof(one));
	}
	for (uint32_t i = 0; i < attach->workers_count; i++) {
		struct dp_worker *w = attach->workers[i];

		while (atomic_load_explicit(&w->adopted, memory_order_acquire) != segment &&
		       !atomic_load_explicit(&w->stop, memory_order_relaxed))
			usleep(ADOPT_POLL_US);
	}
}

static void detach(struct dp_attach *attach, const char *why)
{
	if (attach->conn_fd < 0)
		return;
	offer(attach, NULL);
	for (uint32_t i = 0; i < attach->workers_count; i++)
		atomic_store_explicit(&attach->workers[i]->bridge_failed, false,
				      memory_order_relaxed);
	close(attach->conn_fd);
	attach->conn_fd = -1;
	bridge_segment_close(&attach->segment);
	LOG(WARNING, "control detached (%s)", why);
}

static void attach_control(struct dp_attach *attach, int conn_fd)
{
	int doorbells[BRIDGE_WORKERS_MAX];
	char why[160];
	int ret;

	for (uint32_t i = 0; i < attach->workers_count; i++)
		doorbells[i] = attach->workers[i]->doorbell;
	ret = bridge_segment_create(&attach->segment, attach->workers_count, doorbells,
				    attach->workers[0]->tsc_hz);
	if (ret < 0) {
		LOG(ERROR, "segment, cannot create (%s)", strerror(-ret));
		bridge_refuse(conn_fd, "the dataplane is out of memory");
		return;
	}
	attach->segment.header->dataplane_id = attach->id;
	// Offered first: control may use the rings as soon as it has them.
	offer(attach, &attach->segment);
	ret = bridge_serve(conn_fd, &attach->segment, why);
	attach->conn_fd = conn_fd;
	if (ret < 0) {
		detach(attach, why);
		return;
	}
	LOG(INFO, "control attached");
}

static void accept_one(struct dp_attach *attach)
{
	int fd = accept4(attach->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (attach->conn_fd >= 0) {
		LOG(WARNING, "control, second one refused (one is attached)");
		bridge_refuse(fd, "another control is attached to this dataplane");
		return;
	}
	attach_control(attach, fd);
}

static bool bridge_failed(const struct dp_attach *attach)
{
	for (uint32_t i = 0; i < attach->workers_count; i++)
		if (atomic_load_explicit(&attach->workers[i]->bridge_failed, memory_order_relaxed))
			return true;
	return false;
}

bool dp_attach_wait(struct dp_attach *attach, int stop_fd, int timeout_ms)
{
	struct pollfd fds[] = {
		{.fd = stop_fd, .events = POLLIN},
		{.fd = attach->listen_fd, .events = POLLIN}, // -1 is ignored by poll
		{.fd = attach->conn_fd, .events = POLLIN},
	};
	char byte;

	if (attach->listen_fd < 0)
		listen_again(attach);
	if (poll(fds, 3, timeout_ms) < 0)
		return false;
	if (fds[0].revents)
		return true;
	// Control says nothing after the handshake; what is readable is its end.
	if (fds[2].revents && recv(attach->conn_fd, &byte, 1, MSG_DONTWAIT) <= 0)
		detach(attach, "connection closed");
	else if (attach->conn_fd >= 0 && bridge_failed(attach))
		detach(attach, "malformed records in the bridge");
	if (fds[1].revents)
		accept_one(attach);
	return false;
}

void dp_attach_fini(struct dp_attach *attach)
{
	detach(attach, "shutting down");
	if (attach->listen_fd < 0)
		return;
	close(attach->listen_fd);
	unlink(attach->path);
}
