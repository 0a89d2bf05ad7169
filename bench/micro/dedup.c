// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The deduplication table in its steady state: for every exchange that comes, one as old as the
// 247 s window runs out. Bursts of 64, as the pipeline handles them: prefetch all, then look up
// all; and the same without prefetch, for what that is worth.
#include <stdio.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "bench/micro/random.h"
#include "dataplane/state/dedup.h"
#include "dataplane/state/wheel.h"
#include "lwm2m/coap/exchange.h"

#define BURST       64u
#define TABLES      5u
#define LOAD_INVERS 4u / 3u // slots for each live entry, before rounding up to a power of two

struct table {
	struct dp_dedup dedup;
	uint64_t live;
	uint64_t next; // the number of the next exchange
	uint64_t per_tick;
	uint64_t left_in_tick;
	uint64_t evictions;
	uint32_t now; // tick
	uint32_t window;
};

// A key as dp_hash_peer_mid makes them: the number of an exchange, well mixed, never 0.
static uint64_t key_of(uint64_t number)
{
	uint64_t key = dp_hash_mix(number ^ 0xa0761d6478bd642full, 0xe7037ed1a0b428dbull);

	return key ? key : 1;
}

static void insert(struct table *table, uint64_t key)
{
	bool evicted;

	dp_dedup_insert(&table->dedup, key, table->now, table->now + table->window, &evicted);
	table->evictions += evicted;
	table->next++;
	if (--table->left_in_tick == 0) {
		table->left_in_tick = table->per_tick;
		table->now++;
	}
}

// Tables take long to fill and are kept. NULL after bench_skip.
static struct table *table_of(struct bench_state *state)
{
	static struct table tables[TABLES];
	uint64_t live = (uint64_t)bench_arg(state, 0);
	struct table *table = tables;

	while (table < &tables[TABLES - 1] && table->live != 0 && table->live != live)
		table++;
	if (table->live == live)
		return table;
	if (!machine_has_memory(state, 2 * live * LOAD_INVERS * sizeof(struct dp_dedup_entry)))
		return NULL;
	dp_dedup_fini(&table->dedup); // of another size, if there are more sizes than tables
	*table = (struct table){.live = live, .window = wheel_tick(COAP_EXCHANGE_LIFETIME_US)};
	table->per_tick = table->left_in_tick = live / table->window;
	if (table->per_tick == 0 || dp_dedup_init(&table->dedup, live * LOAD_INVERS, 1024) < 0) {
		table->live = 0;
		bench_skip(state, "no memory, or fewer entries than ticks in the window");
		return NULL;
	}
	for (uint64_t i = 0; i < live; i++)
		insert(table, key_of(i));
	table->evictions = 0;
	return table;
}

static void report(struct bench_state *state, const struct table *table)
{
	double slots = (double)(table->dedup.mask + 1) * DP_DEDUP_WAYS;

	bench_items(state, bench_iterations(state));
	bench_counter(state, "bytes_per_entry",
		      slots * sizeof(struct dp_dedup_entry) / (double)table->live, 0);
	bench_counter(state, "load", (double)table->live / slots, 0);
}

// What a burst of new exchanges costs: each is looked for in vain, then entered.
static void new_exchanges(struct bench_state *state, bool prefetch)
{
	struct table *table = table_of(state);
	uint64_t keys[BURST];
	uint64_t found = 0;

	if (!table)
		return;
	table->evictions = 0;
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++) {
			keys[i] = key_of(table->next + i);
			if (prefetch)
				dp_dedup_prefetch(&table->dedup, keys[i]);
		}
		for (unsigned i = 0; i < BURST; i++) {
			found += dp_dedup_find(&table->dedup, keys[i], table->now) != NULL;
			insert(table, keys[i]);
		}
	}
	if (found > 0)
		bench_skip(state, "a new exchange was taken for a repetition");
	report(state, table);
	bench_counter(state, "evictions", (double)table->evictions, BENCH_AVG_ITERATIONS);
}

BENCH(dedup_new, .arg_names = {"live"})
{
	new_exchanges(state, true);
}
BENCH_ARG(dedup_new, 20000); // all in the cache
BENCH_ARG(dedup_new, 1000000);
BENCH_ARG(dedup_new, 10000000);
BENCH_ARG(dedup_new, 50000000);

BENCH(dedup_new_no_prefetch, .arg_names = {"live"})
{
	new_exchanges(state, false);
}
BENCH_ARG(dedup_new_no_prefetch, 20000); // all in the cache
BENCH_ARG(dedup_new_no_prefetch, 1000000);
BENCH_ARG(dedup_new_no_prefetch, 10000000);
BENCH_ARG(dedup_new_no_prefetch, 50000000);

// Repetitions of exchanges from anywhere in the window.
static void repetitions(struct bench_state *state, bool prefetch)
{
	struct table *table = table_of(state);
	struct random random = {1};
	uint64_t keys[BURST];
	uint64_t missed = 0, range;

	if (!table)
		return;
	range = table->per_tick * (table->window - 2);
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++) {
			keys[i] = key_of(table->next - 1 - random_below(&random, range));
			if (prefetch)
				dp_dedup_prefetch(&table->dedup, keys[i]);
		}
		for (unsigned i = 0; i < BURST; i++)
			missed += dp_dedup_find(&table->dedup, keys[i], table->now) == NULL;
	}
	report(state, table);
	bench_counter(state, "missed", (double)missed, BENCH_AVG_ITERATIONS);
}

BENCH(dedup_repeated, .arg_names = {"live"})
{
	repetitions(state, true);
}
BENCH_ARG(dedup_repeated, 20000); // all in the cache
BENCH_ARG(dedup_repeated, 1000000);
BENCH_ARG(dedup_repeated, 10000000);
BENCH_ARG(dedup_repeated, 50000000);

BENCH(dedup_repeated_no_prefetch, .arg_names = {"live"})
{
	repetitions(state, false);
}
BENCH_ARG(dedup_repeated_no_prefetch, 20000); // all in the cache
BENCH_ARG(dedup_repeated_no_prefetch, 1000000);
BENCH_ARG(dedup_repeated_no_prefetch, 10000000);
BENCH_ARG(dedup_repeated_no_prefetch, 50000000);
