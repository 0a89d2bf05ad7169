// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions looked up in random order, in bursts of 64: by location, as an Update names them, with
// what an Update writes, and by endpoint, as a Register names them.
#include <string.h>

#include <rte_prefetch.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "bench/micro/random.h"
#include "dataplane/bridge/segment.h"
#include "dataplane/commands.h"
#include "dataplane/state/region.h"
#include "dataplane/state/session.h"
#include "dataplane/worker.h"

#define BURST  64u
#define TABLES 4u
#define GEN    1u

struct table {
	struct dp_sessions sessions;
	uint32_t count;
};

// The i'th session: virtual shards take turns.
static uint64_t location_of(uint64_t i)
{
	return BRIDGE_LOCATION(i % BRIDGE_VSHARDS, i / BRIDGE_VSHARDS, GEN);
}

// Stands for the endpoint's SipHash, which hash.c measures.
static struct dp_endpoint_hash endpoint_of(uint64_t i)
{
	return (struct dp_endpoint_hash){
		dp_hash_mix(i ^ 0xa0761d6478bd642full, 0xe7037ed1a0b428dbull),
		dp_hash_mix(i ^ 0x8ebc6af09c88c6e3ull, 0x589965cc75374cc3ull)};
}

static bool fill(struct table *table)
{
	for (uint64_t i = 0; i < table->count; i++) {
		struct dp_session *session =
			dp_session_new(&table->sessions, i % BRIDGE_VSHARDS, GEN);

		if (!session || session->location != location_of(i))
			return false;
		session->state = DP_SESSION_ACTIVE;
		session->lifetime_s = 300;
		dp_session_rest(&table->sessions, session)->endpoint = endpoint_of(i);
		dp_sessions_insert(&table->sessions, session);
	}
	return true;
}

// Tables take long to fill and are kept. NULL after bench_skip.
static struct table *table_of(struct bench_state *state)
{
	static struct table tables[TABLES];
	uint32_t count = (uint32_t)bench_arg(state, 0);
	struct table *table = tables;

	while (table < &tables[TABLES - 1] && table->count != 0 && table->count != count)
		table++;
	if (table->count == count)
		return table;
	// A session, two index entries of 8 bytes, a place in the touch list.
	if (!machine_has_memory(state, (uint64_t)count * (sizeof(struct dp_session) +
							  sizeof(struct dp_session_rest) + 40)))
		return NULL;
	dp_sessions_fini(&table->sessions); // of another size, if there are more sizes than tables
	table->count = count;
	if (dp_sessions_init(&table->sessions, count, 0, 1) < 0 || !fill(table)) {
		table->count = 0;
		bench_skip(state, "no memory");
		return NULL;
	}
	return table;
}

static void finish(struct bench_state *state, uint64_t missed)
{
	if (missed > 0)
		bench_skip(state, "a session was not found");
	bench_items(state, bench_iterations(state));
}

static void by_location(struct bench_state *state, bool prefetch)
{
	struct table *table = table_of(state);
	struct random random = {1};
	uint64_t locations[BURST];
	uint64_t missed = 0;

	if (!table)
		return;
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++) {
			locations[i] = location_of(random_below(&random, table->count));
			if (prefetch)
				rte_prefetch0(dp_session_slot(&table->sessions, locations[i]));
		}
		for (unsigned i = 0; i < BURST; i++) {
			const struct dp_session *session =
				dp_session_slot(&table->sessions, locations[i]);

			missed += !session || session->location != locations[i] ||
				  session->state != DP_SESSION_ACTIVE;
		}
	}
	finish(state, missed);
}

BENCH(session_by_location, .arg_names = {"sessions"}, .range_multiplier = 10)
{
	by_location(state, true);
}
BENCH_RANGE(session_by_location, 10000, 10000000);

BENCH(session_by_location_no_prefetch, .arg_names = {"sessions"}, .range_multiplier = 10)
{
	by_location(state, false);
}
BENCH_RANGE(session_by_location_no_prefetch, 10000, 10000000);

// All that an Update does to its session, the note for control included; the list of those is
// drained as often as the burst is handled, without the reading that control's copy costs.
BENCH(session_refresh, .arg_names = {"sessions"}, .range_multiplier = 10)
{
	struct table *table = table_of(state);
	struct dp_sessions *sessions;
	struct dp_peer peer = {.udp_port_be16 = 1};
	struct random random = {1};
	uint64_t locations[BURST];
	uint64_t now_us = 0, missed = 0;

	if (!table)
		return;
	sessions = &table->sessions;
	while (bench_next_batch(state, BURST)) {
		now_us++;
		for (unsigned i = 0; i < BURST; i++) {
			locations[i] = location_of(random_below(&random, table->count));
			rte_prefetch0(dp_session_slot(sessions, locations[i]));
		}
		for (unsigned i = 0; i < BURST; i++) {
			struct dp_session *session = dp_session_slot(sessions, locations[i]);

			if (!session || session->location != locations[i] ||
			    session->state != DP_SESSION_ACTIVE) {
				missed++;
				continue;
			}
			session->seen_us = now_us;
			session->peer = peer;
			dp_session_touch(sessions, session);
		}
		for (; sessions->touched_tail != sessions->touched_head; sessions->touched_tail++)
			dp_session_touched(sessions, 0)->flags &= (uint8_t)~DP_SESSION_F_TOUCHED;
	}
	finish(state, missed);
}
BENCH_RANGE(session_refresh, 10000, 10000000);

// As control hears of them: later than the burst, when the line has left the cache again. The
// worker's own drain, into the ring, which is emptied unread.
static struct dp_worker *drainer_new(struct bench_state *state, const struct dp_sessions *sessions)
{
	static struct bridge_worker_channel channel;
	static struct dp_worker worker;
	static void *mem;

	if (!mem) {
		mem = dp_region_alloc(bridge_ring_bytes(BRIDGE_EVENT_SLOTS));
		if (!mem) {
			bench_skip(state, "no memory");
			return NULL;
		}
	}
	memset(mem, 0, bridge_ring_bytes(BRIDGE_EVENT_SLOTS));
	bridge_ring_init(&channel.events, mem, BRIDGE_EVENT_SLOTS);
	// The other end of the same ring: touches do not use the commands'.
	bridge_ring_init(&channel.commands, mem, BRIDGE_EVENT_SLOTS);
	worker.sessions = *sessions;
	worker.channel = &channel;
	worker.sync = DP_SYNC_READY;
	return &worker;
}

BENCH(session_touch_drain, .arg_names = {"sessions"}, .range_multiplier = 10)
{
	struct table *table = table_of(state);
	struct random random = {1};
	struct dp_worker *worker;
	struct dp_sessions *sessions;
	uint64_t missed = 0;
	uint32_t len;

	if (!table || !(worker = drainer_new(state, &table->sessions)))
		return;
	sessions = &worker->sessions;
	while (bench_next_batch(state, BURST)) {
		for (unsigned i = 0; i < BURST; i++) {
			uint64_t at = location_of(random_below(&random, table->count));

			sessions->touched[sessions->touched_head++ & sessions->touched_mask] =
				(uint32_t)(dp_session_slot(sessions, at) - sessions->area);
		}
		missed += BURST - dp_bridge_touches(worker);
		bridge_ring_publish(&worker->channel->events);
		while (bridge_ring_peek(&worker->channel->commands, &len))
			;
		bridge_ring_release(&worker->channel->commands);
	}
	finish(state, missed);
}
BENCH_RANGE(session_touch_drain, 10000, 10000000);

BENCH(session_by_endpoint, .arg_names = {"sessions"}, .range_multiplier = 10)
{
	struct table *table = table_of(state);
	struct random random = {1};
	uint64_t missed = 0;

	if (!table)
		return;
	bench_loop (state) {
		uint64_t i = random_below(&random, table->count);

		missed += dp_sessions_find(&table->sessions, endpoint_of(i)) == NULL;
	}
	finish(state, missed);
}
BENCH_RANGE(session_by_endpoint, 10000, 10000000);

// A device that is new here: the common case of a register storm.
BENCH(session_by_unknown_endpoint, .arg_names = {"sessions"}, .range_multiplier = 10)
{
	struct table *table = table_of(state);
	struct random random = {1};
	uint64_t found = 0;

	if (!table)
		return;
	bench_loop (state) {
		uint64_t i = random_next(&random) | 1ull << 63;

		found += dp_sessions_find(&table->sessions, endpoint_of(i)) != NULL;
	}
	finish(state, found);
}
BENCH_RANGE(session_by_unknown_endpoint, 10000, 10000000);
