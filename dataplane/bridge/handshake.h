// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What goes over the attach socket: one hello from control, one answer from the dataplane. These
// two layouts never change, whatever BRIDGE_VERSION becomes: they are how two versions tell each
// other why they do not fit. An answer that accepts carries, as SCM_RIGHTS, the memfd, the event
// doorbell and one command doorbell per worker, in that order.
#pragma once

#include <assert.h>
#include <stdint.h>

#define BRIDGE_MAGIC               "sluice\0" // 8 bytes with its terminator
#define BRIDGE_HANDSHAKE_TIMEOUT_S 2
#define BRIDGE_FDS_FIXED           2u // memfd and event doorbell

struct bridge_hello { // control -> dataplane
	char magic[8];
	uint32_t version;
	uint32_t stats_bytes;
};
static_assert(sizeof(struct bridge_hello) == 16, "fixed for all versions");

struct bridge_answer { // dataplane -> control
	char magic[8];
	uint32_t version;
	uint32_t stats_bytes;
	uint32_t accepted; // 1: descriptors follow; else text says why not
	uint32_t fds;
	char text[160];
};
static_assert(sizeof(struct bridge_answer) == 184, "fixed for all versions");

// Whether the other side's version and counters are ours; if not, says so in why.
int bridge_versions_match(uint32_t version, uint32_t stats_bytes, char why[static 160]);
