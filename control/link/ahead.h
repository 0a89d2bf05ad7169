// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A few events of a worker, copied out of the shared memory, and what applying them will look at on
// its way into the cache: each is for another device, out of millions, so that without this every
// step of applying one waits for memory. Loop thread only.
#pragma once

#include <stdint.h>

#include "dataplane/bridge/proto.h"

#define LINK_AHEAD_MAX 16u

struct ctl_link;

struct link_event {
	struct bridge_record *record; // a copy, of which every field may be looked at twice
	uint32_t len;
	uint64_t exchange; // of one that promises something: link_exchanges_hash
};

struct link_ahead {
	uint8_t *bytes;
	struct link_event events[LINK_AHEAD_MAX];
};

// 0 or -ENOMEM.
int link_ahead_init(struct link_ahead *ahead);
void link_ahead_fini(struct link_ahead *ahead);
// At most that many into link->ahead. How many; the ring gets their room back with its release.
unsigned link_ahead_take(struct ctl_link *link, struct bridge_ring *ring, unsigned max);
