// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The last keep-alives of a session: deduplication (RFC 7252 section 4.5) of the one message that a
// fleet at rest sends, on the cache line that answering it reads anyway. The table of state/dedup.h
// has all other messages; a repetition is the same bytes, so it is looked for in the same place.
//
// An exchange is known by its sender, too (RFC 7252 section 4.4). Of those held, the ones that came
// from an address the device has left since are marked: a repetition that comes late from there
// must not pass for a move back.
//
// When more than DP_RECENT_MAX come within EXCHANGE_LIFETIME, the oldest is forgotten.
// Single-threaded.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define DP_RECENT_MAX       3u
#define DP_RECENT_ALL       ((1u << DP_RECENT_MAX) - 1)
#define DP_RECENT_SHIFT     21u  // of a time in microseconds: units of 2.1 s
#define DP_RECENT_LIFE      118u // EXCHANGE_LIFETIME in these units, 247 s rounded up
#define DP_RECENT_FORGET_US (247u * 1000000u)

struct dp_recent {
	uint16_t mids[DP_RECENT_MAX];
	uint8_t at[DP_RECENT_MAX]; // when it came
	uint8_t held : 4;          // a bit for each that is one
	uint8_t former : 4;        // a bit for each that came from a former address
};
static_assert(sizeof(struct dp_recent) == 10, "beside the rest of a session's first line");

// Forgets what has ended. since_us: since the device was last heard. Times wrap after 537 s, but
// nothing held is looked at later than 2 x 247 s after it came.
static inline void dp_recent_age(struct dp_recent *recent, uint64_t now_us, uint64_t since_us)
{
	uint8_t now = (uint8_t)(now_us >> DP_RECENT_SHIFT);
	unsigned live = 0;

	for (unsigned i = 0; i < DP_RECENT_MAX; i++)
		live |= (unsigned)((uint8_t)(now - recent->at[i]) <= DP_RECENT_LIFE) << i;
	recent->held &= since_us > DP_RECENT_FORGET_US ? 0 : live;
}

// After dp_recent_age. moved: it comes from another address than the last message did. True when it
// is held: a repetition.
static inline bool dp_recent_find(const struct dp_recent *recent, uint16_t mid, bool moved)
{
	unsigned match = 0;

	for (unsigned i = 0; i < DP_RECENT_MAX; i++)
		match |= (unsigned)(recent->mids[i] == mid) << i;
	return (match & recent->held & (moved ? recent->former : ~recent->former)) != 0;
}

// The device is at another address now.
static inline void dp_recent_move(struct dp_recent *recent)
{
	recent->former = DP_RECENT_ALL;
}

// Holds one that dp_recent_find did not know; true when the oldest had to go for it.
static inline bool dp_recent_add(struct dp_recent *recent, uint16_t mid, uint64_t now_us)
{
	uint8_t now = (uint8_t)(now_us >> DP_RECENT_SHIFT);
	unsigned free = ~recent->held & DP_RECENT_ALL, at = 0;

	if (free) {
		at = (unsigned)__builtin_ctz(free);
	} else {
		for (unsigned i = 1; i < DP_RECENT_MAX; i++)
			if ((uint8_t)(now - recent->at[i]) > (uint8_t)(now - recent->at[at]))
				at = i;
	}
	recent->mids[at] = mid;
	recent->at[at] = now;
	recent->held |= 1u << at;
	recent->former &= ~(1u << at);
	return free == 0;
}
