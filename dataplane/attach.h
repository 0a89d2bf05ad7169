// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The main thread's side of the bridge: waits for control, hands it a segment, offers the segment
// to the workers, and takes it back when control goes. One control at a time.
#pragma once

#include <stdint.h>

#include "dataplane/worker.h"

struct dp_attach {
	const char *path; // of the socket
	struct dp_worker **workers;
	uint32_t workers_count;
	int listen_fd; // -1: the disk does not take the socket's name
	int conn_fd;   // -1: no control
	uint64_t id;   // names this process to control
	struct bridge_segment segment;
};

// 0 or -errno. What the disk is to blame for is no error: the dataplane runs without control, as it
// would while control is away, and dp_attach_wait looks again.
int dp_attach_init(struct dp_attach *attach, const char *path, struct dp_worker **workers,
		   uint32_t workers_count);
// Waits at most timeout_ms for something to happen and deals with it. stop_fd readable ends the
// wait; returns true then.
bool dp_attach_wait(struct dp_attach *attach, int stop_fd, int timeout_ms);
void dp_attach_fini(struct dp_attach *attach); // workers must have stopped
