// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// An engine with its world in the hands of the test: events from a list, POSTs that are answered by
// hand, a clock that stands still.
#pragma once

#include "control/backend/engine.h"

#define EVENTS_MAX 20000u
#define LANES      4u

struct post {
	bool under_way;
	char keys[4096]; // "1 2 3" of the body's ids
	uint32_t events;
	char body[1 << 16];
	size_t len;
};

struct rig {
	struct engine engine;
	struct config_backend cfg;
	uint64_t last;
	char endpoints[EVENTS_MAX + 1][8]; // by key; empty: damaged, is not called back with
	struct post posts[LANES];
	unsigned posted; // in all
	char buried[1024];
	unsigned burying, bury_lane;
	int bury_rc, read_rc;
	unsigned reads;
	uint64_t moved;
	uint64_t now;
};

extern struct rig rig;

int setup(void **state);
int teardown(void **state);
void begin(void); // with rig.cfg
// That many events more, of one endpoint ("r.." makes responses, "" damaged ones).
void happen(unsigned count, const char *endpoint);
// Time passes, and what is due is done.
void tick(uint64_t ms);
void answer_after(unsigned lane, long status, uint32_t retry_after_s);
void answer(long status); // to lane 0
// Lane 0 posts the events with these keys.
void assert_posted(const char *keys);
