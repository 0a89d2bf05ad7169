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

#define DP_RECENT_MAX   3u
#define DP_RECENT_SHIFT 22u // of a time in microseconds: units of 4.2 s
#define DP_RECENT_LIFE  59u // EXCHANGE_LIFETIME in these units, 247 s rounded up
// After a longer one dp_recent_hear has something to do.
#define DP_RECENT_SILENCE_US ((uint64_t)DP_RECENT_LIFE << DP_RECENT_SHIFT)

struct dp_recent {
	uint16_t mids[DP_RECENT_MAX];
	uint8_t at[DP_RECENT_MAX]; // when it came
	uint8_t held : 3;          // a bit for each that is one
	uint8_t former : 3;        // a bit for each that came from a former address
	uint8_t next : 2;          // to be written: the oldest
};
static_assert(sizeof(struct dp_recent) == 10, "beside the rest of a session's first line");

static inline bool dp_recent_is_live(const struct dp_recent *recent, unsigned i, uint64_t now_us)
{
	return (recent->held >> i & 1) != 0 &&
	       (uint8_t)((uint8_t)(now_us >> DP_RECENT_SHIFT) - recent->at[i]) <= DP_RECENT_LIFE;
}

// Call whenever the device is heard, since_us after it was last. Times wrap after 1,074 s: after a
// silence longer than EXCHANGE_LIFETIME everything has ended, so nothing that is held is ever more
// than DP_RECENT_MAX times that old while keep-alives come; for other messages see dp_recent_age.
static inline void dp_recent_hear(struct dp_recent *recent, uint64_t since_us)
{
	if (since_us > DP_RECENT_SILENCE_US)
		recent->held = 0;
}

// As dp_recent_hear, for a message that is not a keep-alive: many of those may come between two.
static inline void dp_recent_age(struct dp_recent *recent, uint64_t now_us, uint64_t since_us)
{
	unsigned live = 0;

	dp_recent_hear(recent, since_us);
	for (unsigned i = 0; i < DP_RECENT_MAX; i++)
		live |= (unsigned)dp_recent_is_live(recent, i, now_us) << i;
	recent->held = live & 7;
}

// After dp_recent_hear. moved: it comes from another address than the last message did. True when
// it is held: a repetition.
static inline bool dp_recent_find(const struct dp_recent *recent, uint16_t mid, uint64_t now_us,
				  bool moved)
{
	for (unsigned i = 0; i < DP_RECENT_MAX; i++)
		if (__builtin_expect(recent->mids[i] == mid, 0) &&
		    dp_recent_is_live(recent, i, now_us) && (recent->former >> i & 1) == moved)
			return true;
	return false;
}

// The device is at another address now.
static inline void dp_recent_move(struct dp_recent *recent)
{
	recent->former = 7;
}

// Holds one that dp_recent_find did not know; true when one that had not ended had to go for it.
static inline bool dp_recent_add(struct dp_recent *recent, uint16_t mid, uint64_t now_us)
{
	unsigned at = recent->next;
	bool evicted = dp_recent_is_live(recent, at, now_us);

	recent->mids[at] = mid;
	recent->at[at] = (uint8_t)(now_us >> DP_RECENT_SHIFT);
	recent->held |= 1u << at;
	recent->former &= ~(1u << at);
	recent->next = at == DP_RECENT_MAX - 1 ? 0 : at + 1;
	return evicted;
}
