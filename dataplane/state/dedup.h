// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Message deduplication, RFC 7252 section 4.5, of everything but keep-alives (state/recent.h). A
// bounded table of 16-byte entries, four to a cache line, two candidate lines for each exchange:
// its home and another of the same 4 KiB. An entry says how to answer the repetition: most answers
// are rebuilt from the repetition itself; only those that carry content of their own (2.01 with its
// Location-Path) are stored, 64 bytes each.
//
// An exchange is known by a 64-bit keyed hash of (peer, message id), nothing else. Of n live
// entries a new one matches one falsely once in 2^64 / n messages, and is then taken for its
// repetition: at the rate that keeps n entries live for 247 s, a million, once in 140 years; 50
// million (200,000 messages a second), once in three weeks.
//
// A home that had to send an entry to its second line carries a mark: how long the last such entry
// lives, and a filter of which keys it may be. So most look-ups of something new read one line
// only. When both lines are full, an entry of one of them moves to its own other line if there is
// room; otherwise the entry nearest its end is displaced. While the whole table is full, no
// second line is looked at: the one nearest its end in the home goes, and what is left elsewhere of
// that home and nearer its end still may be forgotten with it. An insertion then works on one cache
// line.
//
// An entry whose kind is DP_DEDUP_PENDING never moves: who answers the message holds a pointer to
// it. Other pointers are good until the next claim or insertion. Single-threaded: a peer's
// datagrams always reach the same worker.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_prefetch.h>

#define DP_DEDUP_WAYS      4
#define DP_DEDUP_REPLY_MAX 55u        // bytes of a stored answer; a longer one must be repeatable
#define DP_DEDUP_LIFE_MAX  (1u << 16) // ticks (18 minutes) an entry may have ahead of it, at most
// Lines for each entry: 30 bytes an entry, so that rounding to huge pages stays below 32.
#define DP_DEDUP_LINES_NUM  15u
#define DP_DEDUP_LINES_DEN  32u
#define DP_DEDUP_PAGE_LINES 64u // 4 KiB: what one entry of a TLB surely covers

struct dp_dedup_entry {
	uint64_t key;     // 0: empty
	uint32_t expires; // wheel tick; what is further ahead than DP_DEDUP_LIFE_MAX is long past
	// Bits 0-3: enum dp_dedup_kind. 4-27: the code, or the index of a stored answer. 28-31:
	// this way's quarter of the mark: the filter in ways 0 and 1, the end in 2 and 3.
	uint32_t answer;
};
static_assert(sizeof(struct dp_dedup_entry) == 16, "four to a cache line");

struct dp_dedup_line {
	alignas(64) struct dp_dedup_entry ways[DP_DEDUP_WAYS];
};

// Stored answers are handed out in a circle: an old one is overwritten when its turn comes, and the
// key tells its former owner.
struct dp_dedup_reply {
	uint64_t key;
	uint8_t len;
	uint8_t bytes[DP_DEDUP_REPLY_MAX];
};
static_assert(sizeof(struct dp_dedup_reply) == 64, "one cache line");

struct dp_dedup {
	struct dp_dedup_line *lines;
	uint64_t lines_count;
	struct dp_dedup_reply *replies;
	uint32_t replies_mask;
	uint32_t replies_next;
	uint8_t pressure; // how full the table has lately been found
	uint8_t blind;    // displacements that looked at no second line
};

// Sized for that many live entries, DP_DEDUP_LINES_NUM lines for DP_DEDUP_LINES_DEN of them: one
// insertion in 100,000 or fewer then displaces a live entry. Halves of the key choose the lines:
// they must be random. replies is rounded up to a power of two, at most 2^24. 0 or -ENOMEM.
int dp_dedup_init(struct dp_dedup *dedup, uint64_t entries, uint32_t replies);
void dp_dedup_fini(struct dp_dedup *dedup);

static inline uint64_t dp_dedup_slots(const struct dp_dedup *dedup)
{
	return dedup->lines_count * DP_DEDUP_WAYS;
}

// Half of the key, as a fraction of the table: the size need not be a power of two.
static inline struct dp_dedup_line *dp_dedup_home(const struct dp_dedup *dedup, uint64_t key)
{
	return &dedup->lines[(key & 0xffffffff) * dedup->lines_count >> 32];
}

// The other half, as a fraction of the home's page: in a large table it is the walk to the page
// that costs, a second line of it next to nothing. Always another line, if there is one.
static inline struct dp_dedup_line *dp_dedup_second(const struct dp_dedup *dedup, uint64_t key)
{
	uint64_t home = (key & 0xffffffff) * dedup->lines_count >> 32;
	uint64_t page = home / DP_DEDUP_PAGE_LINES * DP_DEDUP_PAGE_LINES;
	uint64_t lines = dedup->lines_count - page;
	uint64_t second;

	if (lines > DP_DEDUP_PAGE_LINES)
		lines = DP_DEDUP_PAGE_LINES;
	second = page + ((key >> 32) * lines >> 32);
	if (second == home)
		second = second == page ? page + lines - 1 : second - 1;
	return &dedup->lines[second];
}

// Of a whole burst, when all of its keys are known: a prefetch of a page that the TLB does not have
// retires only when the walk to the page is done, so that walks overlap only where prefetches stand
// close together. Both lines: one message in six needs the second, and to find out which costs more
// than to fetch.
static inline void dp_dedup_prefetch_bulk(const struct dp_dedup *dedup, const uint64_t *keys,
					  unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		rte_prefetch0(dp_dedup_home(dedup, keys[i]));
		rte_prefetch0(dp_dedup_second(dedup, keys[i]));
	}
}

// What stage_dedup does for every message, in one pass over the line: the live entry of key
// (*known), or a new one for it as dp_dedup_insert makes it.
struct dp_dedup_entry *dp_dedup_claim(struct dp_dedup *dedup, uint64_t key, uint32_t now,
				      uint32_t expires, bool *known, bool *evicted);

// The live entry of key, or NULL. now is a wheel tick.
struct dp_dedup_entry *dp_dedup_find(const struct dp_dedup *dedup, uint64_t key, uint32_t now);

// Makes room for key, which must not be in the table; its answer is DP_DEDUP_NONE. Never fails;
// true in *evicted when a live entry had to go.
struct dp_dedup_entry *dp_dedup_insert(struct dp_dedup *dedup, uint64_t key, uint32_t now,
				       uint32_t expires, bool *evicted);
void dp_dedup_remove(struct dp_dedup_entry *entry);

static inline unsigned dp_dedup_kind(const struct dp_dedup_entry *entry)
{
	return entry->answer & 0xf;
}
static inline uint8_t dp_dedup_code(const struct dp_dedup_entry *entry)
{
	return (uint8_t)(entry->answer >> 4);
}
static inline void dp_dedup_set(struct dp_dedup_entry *entry, unsigned kind, uint32_t value)
{
	entry->answer = (entry->answer & 0xf0000000u) | (value & 0xffffffu) << 4 | kind;
}

// Keeps the answer's bytes (at most DP_DEDUP_REPLY_MAX) and makes the entry DP_DEDUP_STORED.
void dp_dedup_store(struct dp_dedup *dedup, struct dp_dedup_entry *entry, const void *bytes,
		    size_t len);
// NULL when another answer has taken its place.
const struct dp_dedup_reply *dp_dedup_stored(const struct dp_dedup *dedup,
					     const struct dp_dedup_entry *entry);
