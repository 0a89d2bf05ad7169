// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/table.h"

#include <errno.h>
#include <string.h>

#include "dataplane/state/hash.h"
#include "dataplane/state/region.h"

#define FREE_LIST DTLS_WHEEL
#define HEAD_FLAG 0x80000000u // timer_prev: the list that the session is the first of

// Sessions looked at per tick and call, due or not, so that a full wheel slot does not hold up the
// worker.
#define LOOK_MAX 256

// Of a table half of which was left behind, all are in use with a chance of 2^-16.
#define STALE_SAMPLE 16

int dtls_table_init(struct dtls_table *table, uint32_t max, uint8_t worker,
		    const uint64_t seed[static 4], uint64_t now_us, uint64_t idle_us,
		    uint64_t fresh_us)
{
	uint64_t entries = 1024;

	memset(table, 0, sizeof(*table));
	while (entries < 2ull * max)
		entries *= 2;
	table->max = max < DTLS_SLOTS_MAX ? max : DTLS_SLOTS_MAX;
	table->worker = worker;
	table->now = dtls_tick(now_us);
	table->idle_ticks = dtls_tick(idle_us) + 1;
	table->fresh_ticks = dtls_tick(fresh_us) + 1;
	table->index_mask = entries - 1;
	memcpy(table->seed, seed, sizeof(table->seed));
	table->slots = dp_region_alloc((size_t)table->max * sizeof(*table->slots));
	table->secrets = dp_region_alloc((size_t)table->max * sizeof(*table->secrets));
	table->index = dp_region_alloc(entries * sizeof(*table->index));
	if (table->slots && table->secrets && table->index)
		return 0;
	dtls_table_fini(table);
	return -ENOMEM;
}

// Nothing of it may be left. Secrets that nobody had stay untouched, else each would be given
// memory to be wiped.
static void wipe(struct dtls_table *table, struct dtls_session *session)
{
	if (dtls_suite_is_13(session->suite))
		explicit_bzero(dtls_table_secrets(table, session), sizeof(*table->secrets));
	explicit_bzero(session, sizeof(*session));
}

void dtls_table_fini(struct dtls_table *table)
{
	for (uint32_t slot = 0; slot < table->top; slot++)
		wipe(table, &table->slots[slot]);
	dp_region_free(table->slots, (size_t)table->max * sizeof(*table->slots));
	dp_region_free(table->secrets, (size_t)table->max * sizeof(*table->secrets));
	dp_region_free(table->index, (table->index_mask + 1) * sizeof(*table->index));
	memset(table, 0, sizeof(*table));
}

static void list_push(struct dtls_table *table, uint32_t list, struct dtls_session *session)
{
	uint32_t ref = (uint32_t)(session - table->slots) + 1;

	session->timer_next = table->lists[list];
	session->timer_prev = HEAD_FLAG | list;
	if (session->timer_next)
		table->slots[session->timer_next - 1].timer_prev = ref;
	table->lists[list] = ref;
}

static void list_remove(struct dtls_table *table, struct dtls_session *session)
{
	if (session->timer_prev & HEAD_FLAG)
		table->lists[session->timer_prev & ~HEAD_FLAG] = session->timer_next;
	else
		table->slots[session->timer_prev - 1].timer_next = session->timer_next;
	if (session->timer_next)
		table->slots[session->timer_next - 1].timer_prev = session->timer_prev;
	session->timer_next = 0;
	session->timer_prev = 0;
}

static uint32_t deadline(const struct dtls_table *table, const struct dtls_session *session)
{
	return session->seen +
	       (session->state == DTLS_SESSION_FRESH ? table->fresh_ticks : table->idle_ticks);
}

// Into the list of its deadline, or of the last tick that the wheel reaches.
static void arm(struct dtls_table *table, struct dtls_session *session, uint32_t tick)
{
	int32_t ahead = (int32_t)(tick - table->now);

	if (ahead < 1)
		ahead = 1;
	if (ahead > DTLS_WHEEL - 1)
		ahead = DTLS_WHEEL - 1;
	list_push(table, (table->now + (uint32_t)ahead) % DTLS_WHEEL, session);
}

static void take(struct dtls_table *table, struct dtls_session *session, uint32_t generation)
{
	session->generation = generation & 0xffffff;
	session->state = DTLS_SESSION_RESERVED;
	session->seen = table->now;
	table->count++;
}

struct dtls_session *dtls_table_new(struct dtls_table *table, uint32_t random)
{
	struct dtls_session *session;
	uint32_t generation = random & 0xffffff;

	if (table->count >= table->max)
		return NULL;
	if (table->lists[FREE_LIST]) {
		session = &table->slots[table->lists[FREE_LIST] - 1];
		list_remove(table, session);
	} else {
		session = &table->slots[table->top++];
	}
	if (generation == session->generation)
		generation++;
	take(table, session, generation);
	return session;
}

struct dtls_session *dtls_table_new_at(struct dtls_table *table, uint64_t cid)
{
	uint32_t slot = DTLS_CID_SLOT(cid);
	struct dtls_session *session;

	if (DTLS_CID_WORKER(cid) != table->worker || slot >= table->max)
		return NULL;
	while (table->top <= slot)
		list_push(table, FREE_LIST, &table->slots[table->top++]);
	session = &table->slots[slot];
	if (session->state != DTLS_SESSION_FREE)
		return NULL;
	list_remove(table, session);
	take(table, session, DTLS_CID_GENERATION(cid));
	return session;
}

static uint64_t index_hash(const struct dtls_table *table, const struct dp_peer *peer)
{
	return dp_hash_peer_mid(peer, 0, table->seed) >> 32;
}

static bool is_of_peer(const struct dtls_session *session, const struct dp_peer *peer)
{
	return memcmp(session->addr, peer->addr, sizeof(peer->addr)) == 0 &&
	       session->udp_port_be16 == peer->udp_port_be16 && session->port == peer->port &&
	       session->local == peer->local;
}

// Where the peer's entry is, or the empty one where it would be.
static uint64_t *index_at(const struct dtls_table *table, const struct dp_peer *peer)
{
	uint64_t hash = index_hash(table, peer);
	uint64_t i = hash & table->index_mask;

	for (; table->index[i]; i = (i + 1) & table->index_mask)
		if (table->index[i] >> 32 == hash &&
		    is_of_peer(&table->slots[(uint32_t)table->index[i] - 1], peer))
			break;
	return &table->index[i];
}

struct dtls_session *dtls_table_by_peer(const struct dtls_table *table, const struct dp_peer *peer)
{
	uint64_t entry = *index_at(table, peer);

	return entry ? &table->slots[(uint32_t)entry - 1] : NULL;
}

// Closes the gap: whatever follows moves up unless that would put it before its home.
static void index_remove(struct dtls_table *table, const struct dtls_session *session)
{
	uint64_t mask = table->index_mask;
	struct dp_peer peer;
	uint64_t *entry;
	uint64_t hole;

	dtls_session_peer(session, &peer);
	entry = index_at(table, &peer);
	if ((uint32_t)*entry != (uint32_t)(session - table->slots) + 1)
		return; // the peer has another one by now
	hole = (uint64_t)(entry - table->index);
	for (uint64_t i = (hole + 1) & mask; table->index[i]; i = (i + 1) & mask) {
		uint64_t home = (table->index[i] >> 32) & mask;

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			table->index[hole] = table->index[i];
			hole = i;
		}
	}
	table->index[hole] = 0;
}

struct dtls_session *dtls_table_bind(struct dtls_table *table, struct dtls_session *session,
				     const struct dp_peer *peer)
{
	bool indexed = !(session->flags & DTLS_SESSION_F_OWN_CID), first = session->timer_prev == 0;
	struct dtls_session *other = NULL;
	uint64_t *entry;

	if (indexed && !first)
		index_remove(table, session);
	dtls_session_set_peer(session, peer);
	if (first)
		arm(table, session, deadline(table, session));
	if (!indexed)
		return NULL;
	entry = index_at(table, peer);
	if (*entry)
		other = &table->slots[(uint32_t)*entry - 1];
	*entry = index_hash(table, peer) << 32 | ((uint32_t)(session - table->slots) + 1);
	return other;
}

void dtls_table_remove(struct dtls_table *table, struct dtls_session *session)
{
	uint32_t generation = session->generation;

	if (session->timer_prev) { // it was bound
		list_remove(table, session);
		if (!(session->flags & DTLS_SESSION_F_OWN_CID))
			index_remove(table, session);
	}
	wipe(table, session);
	session->generation = generation; // the next one's is another
	list_push(table, FREE_LIST, session);
	table->count--;
}

// One list of the wheel, at most as much of it as both bounds allow. True: it is empty now.
static bool sweep_list(struct dtls_table *table, uint32_t *fired, uint32_t max,
		       dtls_expire_cb_t fire, void *arg)
{
	uint32_t *list = &table->lists[table->now % DTLS_WHEEL];

	for (uint32_t looked = 0; *list && looked < LOOK_MAX && *fired < max; looked++) {
		struct dtls_session *session = &table->slots[*list - 1];
		uint32_t due = deadline(table, session);

		list_remove(table, session);
		arm(table, session, due);
		if ((int32_t)(due - table->now) > 0)
			continue;
		(*fired)++;
		fire(session, arg);
	}
	return *list == 0;
}

uint32_t dtls_table_sweep(struct dtls_table *table, uint64_t now_us, uint32_t max,
			  dtls_expire_cb_t fire, void *arg)
{
	uint32_t target = dtls_tick(now_us), fired = 0;

	while (sweep_list(table, &fired, max, fire, arg) && table->now != target)
		table->now++;
	return fired;
}

struct dtls_session *dtls_table_stalest(const struct dtls_table *table, uint64_t random,
					const struct dtls_session *except)
{
	struct dtls_session *stalest = NULL;

	for (unsigned i = 0; i < STALE_SAMPLE && table->top > 0; i++) {
		struct dtls_session *session;

		random = random * 6364136223846793005u + 1442695040888963407u; // Knuth's MMIX
		session = &table->slots[(random >> 32) % table->top];
		if (session->timer_prev != 0 && session->state > DTLS_SESSION_RESERVED &&
		    session != except && (!stalest || (int32_t)(session->seen - stalest->seen) < 0))
			stalest = session;
	}
	return stalest;
}
