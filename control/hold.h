// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Reasons for which nothing new may be promised to devices. While any is set the dataplane answers
// what would be a promise with 5.03 and Max-Age at once (to a notification nothing), keep-alive
// Updates go on, and what waits for its commit goes on waiting. /readyz and /metrics tell each.
// Who sets a reason clears it. Loop thread only.
#pragma once

#include <stdbool.h>

// One line: enum, name in /readyz and /metrics, what it means.
#define CTL_HOLDS(X)                                                  \
	X(STORE, "store", "the store cannot be written")              \
	X(OUTBOX, "outbox", "back ends are too far behind")           \
	X(STARTING, "starting", "not everything is read or restored") \
	X(STOPPING, "stopping", "what was promised is still delivered")

enum ctl_hold {
#define X(id, name, help) CTL_HOLD_##id,
	CTL_HOLDS(X)
#undef X
		CTL_HOLD_COUNT
};

#define CTL_HOLD_WHY_MAX 160

typedef void (*ctl_hold_cb_t)(bool held, void *arg);

// All zero: nothing is held.
struct ctl_holds {
	char why[CTL_HOLD_COUNT][CTL_HOLD_WHY_MAX]; // empty: not set
	ctl_hold_cb_t cb;
	void *arg;
};

// why is not empty; cut off when it is too long. Set again, it replaces the last one. Logged when
// it is new.
void ctl_hold_set(struct ctl_holds *holds, enum ctl_hold hold, const char *why);
void ctl_hold_clear(struct ctl_holds *holds, enum ctl_hold hold);
// True while any reason is set.
bool ctl_held(const struct ctl_holds *holds);
// NULL: not set.
const char *ctl_hold_why(const struct ctl_holds *holds, enum ctl_hold hold);
const char *ctl_hold_name(enum ctl_hold hold);

// Calls when the first reason is set and when the last is cleared; NULL ends that. One listener.
void ctl_holds_listen(struct ctl_holds *holds, ctl_hold_cb_t cb, void *arg);
