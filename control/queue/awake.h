// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which devices in queue mode are awake. The window is the same for all, so that the list of them,
// in the order of their last message, is in the order of falling asleep, too: each step is O(1).
// Time is a parameter that never goes back; any clock will do.
//
// An entry hangs on its registration (reg->awake), and must be ended before that is freed. Loop
// thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/registry.h"

struct awake_entry {
	struct awake_entry *prev, *next;
	struct ctl_reg *reg;
	uint64_t heard_ms;
};

struct awake {
	struct awake_entry *first, *last; // last: heard last
	uint64_t window_ms;
};

void awake_init(struct awake *awake, uint64_t window_ms);
void awake_fini(struct awake *awake); // registrations still point at what is freed here

bool awake_has(const struct ctl_reg *reg);
// 1 when it was asleep, 0 when it was awake already, -ENOMEM (asleep then). A time before that of
// another device's last message counts as that one.
int awake_heard(struct awake *awake, struct ctl_reg *reg, uint64_t heard_ms);
// False when it was asleep already.
bool awake_end(struct awake *awake, struct ctl_reg *reg);
// Takes one whose window is over; NULL: there is none.
struct ctl_reg *awake_take_due(struct awake *awake, uint64_t now_ms);
// When the next one is due; UINT64_MAX when all are asleep.
uint64_t awake_next_ms(const struct awake *awake);
