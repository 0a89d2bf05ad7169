// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The deduplication table in its steady state: for every exchange that comes, one as old as the
// 247 s window runs out. Bursts of 64, as the pipeline handles them: prefetch all, then look up
// all; and the same without prefetch, for what that is worth. bytes_per_entry and, in the rows of
// more than a million, cost_to_1m (what the row takes to what its row of 1 M live entries took in
// the same run of the program) are what the table is to be judged by.
#include <stdio.h>
#include <time.h>

#include <rte_common.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "bench/micro/random.h"
#include "dataplane/pkt.h"
#include "dataplane/state/dedup.h"
#include "dataplane/state/wheel.h"
#include "lwm2m/coap/exchange.h"

#define BURST      64u
#define TABLES     9u
#define ONE_M      1000000u
#define OVERLOAD   8u // a saturated table is told to hold that many times what it is made for
#define SLOT_BYTES sizeof(struct dp_dedup_entry)

struct table {
	struct dp_dedup dedup;
	uint64_t live; // at the end of the window, if nothing is displaced
	uint64_t made_for;
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

	key = dp_hash_mix(key ^ 0x8ebc6af09c88c6e3ull, 0x589965cc75374cc3ull);
	return key ? key : 1;
}

// One exchange more, and the time between two.
static void pass(struct table *table)
{
	table->next++;
	if (--table->left_in_tick == 0) {
		table->left_in_tick = table->per_tick;
		table->now++;
	}
}

static void insert(struct table *table, uint64_t key)
{
	bool evicted;

	dp_dedup_insert(&table->dedup, key, table->now, table->now + table->window, &evicted);
	table->evictions += evicted;
	pass(table);
}

// Tables take long to fill and are kept. NULL after bench_skip.
static struct table *table_of(struct bench_state *state, uint64_t made_for, uint64_t live)
{
	static struct table tables[TABLES];
	struct table *table = tables;

	while (table < &tables[TABLES - 1] && table->live != 0 &&
	       (table->live != live || table->made_for != made_for))
		table++;
	if (table->live == live && table->made_for == made_for)
		return table;
	if (!machine_has_memory(state, 2 * made_for * SLOT_BYTES))
		return NULL;
	dp_dedup_fini(&table->dedup); // of another size, if there are more sizes than tables
	*table = (struct table){.live = live,
				.made_for = made_for,
				.window = wheel_tick(COAP_EXCHANGE_LIFETIME_US)};
	table->per_tick = table->left_in_tick = live / table->window;
	if (table->per_tick == 0 || dp_dedup_init(&table->dedup, made_for, 1024) < 0) {
		table->live = 0;
		bench_skip(state, "no memory, or fewer entries than ticks in the window");
		return NULL;
	}
	for (uint64_t i = 0; i < live; i++)
		insert(table, key_of(i));
	return table;
}

static uint64_t now_ns(void)
{
	struct timespec at;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
	return (uint64_t)at.tv_sec * 1000000000 + (uint64_t)at.tv_nsec;
}

// What a row of 1 M took: the sum over its repetitions, so that one disturbed does not decide.
struct yardstick {
	uint64_t ns, iterations;
};

static void report(struct bench_state *state, const struct table *table,
		   struct yardstick *yardstick, uint64_t started_ns)
{
	double slots = (double)dp_dedup_slots(&table->dedup);
	double iterations = (double)bench_iterations(state);
	uint64_t ns = now_ns() - started_ns;

	bench_items(state, bench_iterations(state));
	bench_counter(state, "bytes_per_entry", slots * SLOT_BYTES / (double)table->made_for, 0);
	bench_counter(state, "load", RTE_MIN((double)table->live / slots, 1.0), 0);
	if (table->made_for == ONE_M) {
		yardstick->ns += ns;
		yardstick->iterations += bench_iterations(state);
	} else if (table->made_for > ONE_M && yardstick->iterations > 0) {
		bench_counter(state, "cost_to_1m",
			      (double)ns / iterations /
				      ((double)yardstick->ns / (double)yardstick->iterations),
			      0);
	}
}

// What stage_dedup does with a burst of new exchanges, to the prefetch stage_admit does for it.
static void claims(struct bench_state *state, uint64_t made_for, uint64_t live,
		   struct yardstick *yardstick)
{
	struct table *table = table_of(state, made_for, live);
	uint64_t keys[BURST], started_ns;
	uint64_t found = 0, evictions = 0;

	if (!table)
		return;
	started_ns = now_ns();
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++)
			keys[i] = key_of(table->next + i);
		dp_dedup_prefetch_bulk(&table->dedup, keys, BURST);
		for (unsigned i = 0; i < BURST; i++) {
			bool known, evicted;
			struct dp_dedup_entry *entry =
				dp_dedup_claim(&table->dedup, keys[i], table->now,
					       table->now + table->window, &known, &evicted);

			dp_dedup_set(entry, DP_DEDUP_CODE, 0x44);
			found += known;
			evictions += evicted;
			pass(table);
		}
	}
	if (found > 0)
		bench_skip(state, "a new exchange was taken for a repetition");
	report(state, table, yardstick, started_ns);
	bench_counter(state, "evictions", (double)evictions, BENCH_AVG_ITERATIONS);
}

BENCH(dedup_claim, .arg_names = {"live"})
{
	static struct yardstick yardstick;

	claims(state, (uint64_t)bench_arg(state, 0), (uint64_t)bench_arg(state, 0), &yardstick);
}
BENCH_ARG(dedup_claim, 20000); // all in the cache
BENCH_ARG(dedup_claim, 1000000);
BENCH_ARG(dedup_claim, 10000000);
BENCH_ARG(dedup_claim, 50000000);

// One table as it fills: what more live entries cost where the memory is the same.
BENCH(dedup_filling, .arg_names = {"live"})
{
	static struct yardstick yardstick;

	claims(state, 50 * ONE_M, (uint64_t)bench_arg(state, 0), &yardstick);
}
BENCH_ARG(dedup_filling, 1000000);
BENCH_ARG(dedup_filling, 10000000);
BENCH_ARG(dedup_filling, 50000000);

// Every entry is live, and every exchange displaces one.
BENCH(dedup_claim_saturated, .arg_names = {"made_for"})
{
	static struct yardstick yardstick;

	claims(state, (uint64_t)bench_arg(state, 0), OVERLOAD * (uint64_t)bench_arg(state, 0),
	       &yardstick);
}
BENCH_ARG(dedup_claim_saturated, 20000);
BENCH_ARG(dedup_claim_saturated, 1000000);
BENCH_ARG(dedup_claim_saturated, 10000000);

// What a burst of new exchanges costs: each is looked for in vain, then entered.
static void new_exchanges(struct bench_state *state, bool prefetch, struct yardstick *yardstick)
{
	struct table *table =
		table_of(state, (uint64_t)bench_arg(state, 0), (uint64_t)bench_arg(state, 0));
	uint64_t keys[BURST], started_ns;
	uint64_t found = 0;

	if (!table)
		return;
	table->evictions = 0;
	started_ns = now_ns();
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++)
			keys[i] = key_of(table->next + i);
		if (prefetch)
			dp_dedup_prefetch_bulk(&table->dedup, keys, BURST);
		for (unsigned i = 0; i < BURST; i++) {
			found += dp_dedup_find(&table->dedup, keys[i], table->now) != NULL;
			insert(table, keys[i]);
		}
	}
	if (found > 0)
		bench_skip(state, "a new exchange was taken for a repetition");
	report(state, table, yardstick, started_ns);
	bench_counter(state, "evictions", (double)table->evictions, BENCH_AVG_ITERATIONS);
}

BENCH(dedup_new, .arg_names = {"live"})
{
	static struct yardstick yardstick;

	new_exchanges(state, true, &yardstick);
}
BENCH_ARG(dedup_new, 20000); // all in the cache
BENCH_ARG(dedup_new, 1000000);
BENCH_ARG(dedup_new, 10000000);
BENCH_ARG(dedup_new, 50000000);

BENCH(dedup_new_no_prefetch, .arg_names = {"live"})
{
	static struct yardstick yardstick;

	new_exchanges(state, false, &yardstick);
}
BENCH_ARG(dedup_new_no_prefetch, 20000); // all in the cache
BENCH_ARG(dedup_new_no_prefetch, 1000000);
BENCH_ARG(dedup_new_no_prefetch, 10000000);
BENCH_ARG(dedup_new_no_prefetch, 50000000);

// Repetitions of exchanges from anywhere in the window.
static void repetitions(struct bench_state *state, bool prefetch, struct yardstick *yardstick)
{
	struct table *table =
		table_of(state, (uint64_t)bench_arg(state, 0), (uint64_t)bench_arg(state, 0));
	struct random random = {1};
	uint64_t keys[BURST], started_ns;
	uint64_t missed = 0, range;

	if (!table)
		return;
	range = table->per_tick * (table->window - 2);
	started_ns = now_ns();
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++)
			keys[i] = key_of(table->next - 1 - random_below(&random, range));
		if (prefetch)
			dp_dedup_prefetch_bulk(&table->dedup, keys, BURST);
		for (unsigned i = 0; i < BURST; i++)
			missed += dp_dedup_find(&table->dedup, keys[i], table->now) == NULL;
	}
	report(state, table, yardstick, started_ns);
	bench_counter(state, "missed", (double)missed, BENCH_AVG_ITERATIONS);
}

BENCH(dedup_repeated, .arg_names = {"live"})
{
	static struct yardstick yardstick;

	repetitions(state, true, &yardstick);
}
BENCH_ARG(dedup_repeated, 20000); // all in the cache
BENCH_ARG(dedup_repeated, 1000000);
BENCH_ARG(dedup_repeated, 10000000);
BENCH_ARG(dedup_repeated, 50000000);

BENCH(dedup_repeated_no_prefetch, .arg_names = {"live"})
{
	static struct yardstick yardstick;

	repetitions(state, false, &yardstick);
}
BENCH_ARG(dedup_repeated_no_prefetch, 20000); // all in the cache
BENCH_ARG(dedup_repeated_no_prefetch, 1000000);
BENCH_ARG(dedup_repeated_no_prefetch, 10000000);
BENCH_ARG(dedup_repeated_no_prefetch, 50000000);
