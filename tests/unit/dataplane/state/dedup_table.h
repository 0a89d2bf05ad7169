// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A small table for the tests of state/dedup.h, made anew for each, and keys that say where they
// belong. Included after cmocka.h.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/state/dedup.h"

#define LIFE 15076u // EXCHANGE_LIFETIME in ticks

// Of the fewest entries that make a table of LINES lines.
#define LINES   16u
#define ENTRIES (LINES * DP_DEDUP_LINES_DEN / DP_DEDUP_LINES_NUM)

static struct dp_dedup table;

static inline int set_up(void **state)
{
	return dp_dedup_init(&table, ENTRIES, 8);
}

static inline int tear_down(void **state)
{
	dp_dedup_fini(&table);
	return 0;
}

// The key that has this home and this second line in a table of 16 lines, and is otherwise its own:
// those of eight successive unique are told apart by a mark.
static inline uint64_t key_of(uint32_t home, uint32_t second, uint32_t unique)
{
	return (uint64_t)(second << 28 | unique) << 32 | home << 28 | 0x1000u | unique;
}

static inline bool is_in(const struct dp_dedup_entry *entry, unsigned line)
{
	return entry >= table.lines[line].ways && entry < table.lines[line].ways + 4;
}

static inline struct dp_dedup_entry *insert(uint64_t key, uint32_t now)
{
	bool evicted;
	struct dp_dedup_entry *entry = dp_dedup_insert(&table, key, now, now + LIFE, &evicted);

	assert_false(evicted);
	return entry;
}
