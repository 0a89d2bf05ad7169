// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/wheel.h"

#include <string.h>

#define SLOT_BITS 8
#define SLOT_MASK (WHEEL_SLOTS - 1)

void wheel_init(struct wheel *wheel, uint64_t now_us)
{
	memset(wheel, 0, sizeof(*wheel));
	wheel->now = (uint32_t)(now_us >> WHEEL_TICK_SHIFT);
}

static void list_push(struct wheel_timer **head, struct wheel_timer *timer)
{
	timer->next = *head;
	if (timer->next)
		timer->next->pprev = &timer->next;
	timer->pprev = head;
	*head = timer;
}

static void list_remove(struct wheel_timer *timer)
{
	*timer->pprev = timer->next;
	if (timer->next)
		timer->next->pprev = timer->pprev;
	timer->pprev = NULL;
}

// A timer lies on the level whose span still covers its distance, in the slot of its deadline's
// digits.
static void place(struct wheel *wheel, struct wheel_timer *timer)
{
	uint32_t ahead = timer->deadline - wheel->now;
	unsigned level = 0;

	while (level < WHEEL_LEVELS - 1 && ahead >= 1u << (SLOT_BITS * (level + 1)))
		level++;
	list_push(&wheel->slots[level][(timer->deadline >> (SLOT_BITS * level)) & SLOT_MASK],
		  timer);
}

void wheel_arm(struct wheel *wheel, struct wheel_timer *timer, uint32_t deadline)
{
	if (timer->pprev)
		wheel_disarm(wheel, timer);
	if ((int32_t)(deadline - wheel->now) <=
	    0) // past: the next tick is the earliest that is still swept
		deadline = wheel->now + 1;
	timer->deadline = deadline;
	place(wheel, timer);
	wheel->armed++;
}

void wheel_disarm(struct wheel *wheel, struct wheel_timer *timer)
{
	if (!timer->pprev)
		return;
	list_remove(timer);
	wheel->armed--;
}

// Moves a slot of a higher level down to where its timers now belong.
static void cascade(struct wheel *wheel, unsigned level)
{
	struct wheel_timer **slot =
		&wheel->slots[level][(wheel->now >> (SLOT_BITS * level)) & SLOT_MASK];
	struct wheel_timer *timer = *slot;

	*slot = NULL;
	while (timer) {
		struct wheel_timer *next = timer->next;

		place(wheel, timer);
		timer = next;
	}
}

static void advance(struct wheel *wheel)
{
	struct wheel_timer **slot;

	wheel->now++;
	for (unsigned level = WHEEL_LEVELS - 1; level > 0; level--)
		if ((wheel->now & ((1u << (SLOT_BITS * level)) - 1)) == 0)
			cascade(wheel, level);

	slot = &wheel->slots[0][wheel->now & SLOT_MASK];
	wheel->due = *slot;
	if (wheel->due)
		wheel->due->pprev = &wheel->due;
	*slot = NULL;
}

uint32_t wheel_sweep(struct wheel *wheel, uint64_t now_us, uint32_t max, wheel_fire_cb_t fire,
		     void *arg)
{
	uint32_t target = (uint32_t)(now_us >> WHEEL_TICK_SHIFT);
	uint32_t fired = 0;

	for (;;) {
		while (wheel->due) {
			struct wheel_timer *timer = wheel->due;

			if (fired == max)
				return fired;
			wheel_disarm(wheel, timer);
			fired++;
			fire(timer, arg);
		}
		if ((int32_t)(target - wheel->now) <= 0)
			return fired;
		if (wheel->armed == 0)
			wheel->now = target;
		else
			advance(wheel);
	}
}

uint64_t wheel_idle_us(const struct wheel *wheel, uint64_t now_us, uint64_t max_us)
{
	uint64_t base_us = now_us & ~((1ull << WHEEL_TICK_SHIFT) - 1);
	uint32_t now = (uint32_t)(now_us >> WHEEL_TICK_SHIFT);
	uint32_t last = (uint32_t)(max_us >> WHEEL_TICK_SHIFT);

	if (wheel->armed == 0)
		return max_us;
	if (wheel->due || wheel->now != now)
		return 0;
	// One more than max_us has whole ticks: the present one has begun.
	for (uint32_t ahead = 1; ahead <= last + 1; ahead++) {
		uint32_t tick = now + ahead;

		// Where a cascade is due, look again then rather than into the levels above.
		if ((tick & SLOT_MASK) == 0 || wheel->slots[0][tick & SLOT_MASK]) {
			uint64_t due_us = base_us + ((uint64_t)ahead << WHEEL_TICK_SHIFT) - now_us;

			return due_us < max_us ? due_us : max_us;
		}
	}
	return max_us;
}
