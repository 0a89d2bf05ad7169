// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Message deduplication, RFC 7252 section 4.5. A bounded table of 16-byte entries, four to a cache line,
// two candidate lines for each exchange. An entry says how to answer the repetition: most answers are
// rebuilt from the repetition itself; only those that carry content of their own (2.01 with its
// Location-Path) are stored, 64 bytes each.
//
// An exchange is known by a 64-bit keyed hash of (peer, message id): with 50 million live entries and
// five million look-ups a second, a false match is due once in some 10,000 years.
//
// When both lines are full the entry nearest its end is displaced, and counted. Single-threaded: a peer's
// datagrams always reach the same worker.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_prefetch.h>

#define DP_DEDUP_WAYS 4
#define DP_DEDUP_REPLY_MAX 62u // bytes of a stored answer; a longer one must be repeatable

struct dp_dedup_entry {
	uint64_t key;	  // 0: empty
	uint32_t expires; // in units of 2^14 us, compared with wrap-around
	uint32_t answer;  // enum dp_dedup_kind in the low 4 bits; above: code, or index of a stored answer
};
static_assert(sizeof(struct dp_dedup_entry) == 16, "four to a cache line");

struct dp_dedup_line {
	alignas(64) struct dp_dedup_entry ways[DP_DEDUP_WAYS];
};

struct dp_dedup_reply {
	uint8_t len;
	uint8_t pad;
	uint8_t bytes[DP_DEDUP_REPLY_MAX];
};
static_assert(sizeof(struct dp_dedup_reply) == 64, "one cache line");

struct dp_dedup {
	struct dp_dedup_line *lines;
	uint64_t mask;
	struct dp_dedup_reply *replies;
	uint32_t *replies_free; // stack
	uint32_t replies_free_n;
	uint32_t replies_max;
	uint64_t evictions;
	size_t lines_bytes, replies_bytes;
};

// entries is rounded up to a power of two. 0 or -ENOMEM.
int dp_dedup_init(struct dp_dedup *dedup, uint64_t entries, uint32_t replies);
void dp_dedup_fini(struct dp_dedup *dedup);

static inline void dp_dedup_prefetch(const struct dp_dedup *dedup, uint64_t key)
{
	rte_prefetch0(&dedup->lines[key & dedup->mask]);
}

// The live entry of key, or NULL. now is a wheel tick.
struct dp_dedup_entry *dp_dedup_find(const struct dp_dedup *dedup, uint64_t key, uint32_t now);
// Makes room for key, which must not be in the table. Never fails.
struct dp_dedup_entry *dp_dedup_insert(struct dp_dedup *dedup, uint64_t key, uint32_t now, uint32_t expires);
void dp_dedup_remove(struct dp_dedup *dedup, struct dp_dedup_entry *entry);

// Keeps the answer's bytes with the entry. False when it is too long or none are left: the entry is then
// better removed, so that the repetition is handled as new.
bool dp_dedup_store(struct dp_dedup *dedup, struct dp_dedup_entry *entry, const void *bytes, size_t len);
const struct dp_dedup_reply *dp_dedup_stored(const struct dp_dedup *dedup,
					     const struct dp_dedup_entry *entry);
