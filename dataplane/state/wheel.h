// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A hierarchical timer wheel: four levels of 256 slots, ticks of 2^14 us (16.4 ms). Arming,
// disarming and firing are O(1); nothing scans. A deadline further off than WHEEL_MAX_AHEAD (1.1
// years) is the owner's to split: it arms for less and looks again when that fires, as owners do
// anyway that only moved their own deadline (the packet path does that: refreshing a lifetime
// writes one field and leaves the wheel alone).
//
// Single-threaded; timers are embedded in what they belong to.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_TICK_SHIFT 14
#define WHEEL_LEVELS     4
#define WHEEL_SLOTS      256
#define WHEEL_MAX_AHEAD  0x7fffff00u // ticks; deadlines are compared with wrap-around

struct wheel_timer {
	struct wheel_timer *next;
	struct wheel_timer **pprev; // NULL: not armed
	uint32_t deadline;          // tick
	uint32_t reserved;
};

struct wheel {
	uint32_t now; // tick that has been swept up to
	uint32_t armed;
	struct wheel_timer *due; // taken from a slot, not fired yet
	struct wheel_timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

// Rounds up: a timer never fires before its time.
static inline uint32_t wheel_tick(uint64_t us)
{
	return (uint32_t)((us + (1u << WHEEL_TICK_SHIFT) - 1) >> WHEEL_TICK_SHIFT);
}

void wheel_init(struct wheel *wheel, uint64_t now_us);
void wheel_arm(struct wheel *wheel, struct wheel_timer *timer,
	       uint32_t deadline);                                 // re-arms if armed
void wheel_disarm(struct wheel *wheel, struct wheel_timer *timer); // fine if not armed

// Fires at most max timers due by now_us: each is disarmed, then handed to fire, which may arm it
// (or any other) again. Returns how many fired; when it equals max there may be more.
typedef void (*wheel_fire_cb_t)(struct wheel_timer *timer, void *arg);
uint32_t wheel_sweep(struct wheel *wheel, uint64_t now_us, uint32_t max, wheel_fire_cb_t fire,
		     void *arg);

// Microseconds until the next tick at which something may be due, at most max_us.
uint64_t wheel_idle_us(const struct wheel *wheel, uint64_t now_us, uint64_t max_us);
