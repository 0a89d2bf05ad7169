// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A ring in order of time and, over it, a set by open addressing. Exchanges are numbered for ever,
// and the value on disk that holds some is keyed by the number of its first, which is marked: when
// that one is forgotten, the value before it may go.
#include "control/link/exchanges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/metrics.h"
#include "control/siphash.h"
#include "control/store/exchanges.h"

#define COAP_TYPE_CON 0u
#define FORGET_AHEAD  8u // so many before one is forgotten its place in the set is prefetched

struct exchange {
	uint64_t hash; // 0: damaged on disk
	uint32_t wall_s;
	bool first; // of its value on disk
};

struct link_exchanges {
	struct ctl_store *store;
	struct exchange *ring;
	uint64_t *set; // 0: free
	uint32_t ring_mask, set_mask;
	uint64_t head, tail; // numbers, from 1 on
	uint64_t staged;     // up to here they are in a change set
	uint64_t oldest;     // key of the value that holds head
	uint64_t *gone;      // keys of values to be deleted with the next change set
	size_t gone_count, gone_cap;
};

static struct exchange *at(const struct link_exchanges *x, uint64_t number)
{
	return &x->ring[number & x->ring_mask];
}

void link_exchanges_prefetch(const struct link_exchanges *x, uint64_t hash)
{
	__builtin_prefetch(&x->set[hash & x->set_mask]);
}

static void set_insert(struct link_exchanges *x, uint64_t hash)
{
	uint64_t i = hash & x->set_mask;

	while (x->set[i] != 0 && x->set[i] != hash)
		i = (i + 1) & x->set_mask;
	x->set[i] = hash;
}

static void set_remove(struct link_exchanges *x, uint64_t hash)
{
	uint64_t mask = x->set_mask, hole = hash & mask;

	while (x->set[hole] != hash) {
		if (x->set[hole] == 0)
			return;
		hole = (hole + 1) & mask;
	}
	// Close the gap: whatever follows moves up unless that would put it before its home.
	for (uint64_t i = (hole + 1) & mask; x->set[i] != 0; i = (i + 1) & mask) {
		if (((i - x->set[i]) & mask) >= ((i - hole) & mask)) {
			x->set[hole] = x->set[i];
			hole = i;
		}
	}
	x->set[hole] = 0;
}

bool link_exchanges_known(const struct link_exchanges *x, uint64_t hash)
{
	for (uint64_t i = hash & x->set_mask; x->set[i] != 0; i = (i + 1) & x->set_mask)
		if (x->set[i] == hash)
			return true;
	return false;
}

// Without memory its value stays on disk: that is all.
static void value_gone(struct link_exchanges *x, uint64_t key)
{
	if (x->gone_count == x->gone_cap) {
		size_t cap = x->gone_cap == 0 ? 64 : x->gone_cap * 2;
		uint64_t *gone = realloc(x->gone, cap * sizeof(*gone));

		if (gone == NULL)
			return;
		x->gone = gone;
		x->gone_cap = cap;
	}
	x->gone[x->gone_count++] = key;
}

static void forget_oldest(struct link_exchanges *x)
{
	const struct exchange *exchange = at(x, x->head);

	if (exchange->first && x->head != x->oldest) {
		value_gone(x, x->oldest);
		x->oldest = x->head;
	}
	if (exchange->hash != 0)
		set_remove(x, exchange->hash);
	x->head++;
}

static void push(struct link_exchanges *x, uint64_t hash, uint32_t wall_s, bool first)
{
	if (x->tail - x->head > x->ring_mask) {
		link_exchanges_prefetch(x, at(x, x->head + FORGET_AHEAD)->hash);
		if (at(x, x->head)->wall_s + EXCHANGES_LIFETIME_S > wall_s)
			ctl_counters.exchanges_forgotten++;
		forget_oldest(x);
	}
	*at(x, x->tail++) = (struct exchange){.hash = hash, .wall_s = wall_s, .first = first};
	if (hash != 0)
		set_insert(x, hash);
}

// What lies between was damaged: its numbers are passed over, its value is deleted in time.
static void skip_to(struct link_exchanges *x, uint64_t first, uint32_t wall_s)
{
	if (first - x->tail > x->ring_mask) { // or it is the first of all
		while (x->head < x->tail)
			forget_oldest(x);
		if (x->tail > 1)
			value_gone(x, x->oldest);
		x->head = x->tail = x->oldest = first;
	}
	for (bool mark = true; x->tail < first; mark = false)
		push(x, 0, wall_s, mark);
}

static int on_load(uint64_t first, uint32_t wall_s, const void *hashes, uint32_t count, void *arg)
{
	struct link_exchanges *x = arg;

	if (first < x->tail) // overlaps: damaged, and the newer counts
		return 0;
	skip_to(x, first, wall_s);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t hash;

		memcpy(&hash, (const char *)hashes + i * sizeof(hash), sizeof(hash));
		push(x, hash, wall_s, i == 0);
	}
	return 0;
}

struct link_exchanges *link_exchanges_new(struct ctl_store *store, uint32_t max, uint32_t now_s)
{
	struct link_exchanges *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->store = store;
	x->ring_mask = max - 1;
	x->set_mask = 2 * max - 1;
	x->ring = calloc(max, sizeof(*x->ring)); // touched as they are used
	x->set = calloc(2 * (size_t)max, sizeof(*x->set));
	x->head = x->tail = x->oldest = 1;
	if (x->ring == NULL || x->set == NULL || ctl_store_exchanges_load(store, on_load, x) != 0) {
		link_exchanges_free(x);
		return NULL;
	}
	x->staged = x->tail;
	while (x->head < x->tail && at(x, x->head)->wall_s + EXCHANGES_LIFETIME_S <= now_s)
		forget_oldest(x);
	return x;
}

void link_exchanges_free(struct link_exchanges *x)
{
	if (x == NULL)
		return;
	free(x->ring);
	free(x->set);
	free(x->gone);
	free(x);
}

size_t link_exchanges_count(const struct link_exchanges *x)
{
	return x->tail - x->head;
}

uint64_t link_exchanges_hash(const struct link_exchanges *x, const struct dp_peer *peer,
			     const uint8_t *coap, size_t len)
{
	const uint64_t *key = ctl_store_exchange_key(x->store);
	struct {
		uint8_t addr[16];
		uint64_t message;
		uint32_t scope_id;
		uint32_t generation;
		uint32_t udp_port_be16;
		uint32_t reserved;
	} all = {.scope_id = peer->scope_id, .udp_port_be16 = peer->udp_port_be16};
	uint64_t hash;

	// RFC 7252 section 9.1.1: another DTLS session numbers its messages anew.
	if (peer->flags & DP_PEER_F_DTLS)
		all.generation = dp_peer_dtls_generation(peer);

	if (len < 4 || (coap[0] >> 4 & 3) != COAP_TYPE_CON)
		return 0;
	memcpy(all.addr, peer->addr, sizeof(all.addr));
	all.message = ctl_siphash(key, coap, len);
	hash = ctl_siphash(key, &all, sizeof(all));
	return hash != 0 ? hash : 1;
}

void link_exchanges_note(struct link_exchanges *x, uint64_t hash, uint32_t now_s)
{
	push(x, hash, now_s, false);
}

static void stage_gone(struct link_exchanges *x)
{
	for (size_t i = 0; i < x->gone_count; i++)
		ctl_store_exchanges_delete(x->store, x->gone[i]);
	x->gone_count = 0;
}

static void stage_noted(struct link_exchanges *x, uint32_t now_s)
{
	uint64_t from = x->staged < x->head ? x->head : x->staged;
	uint32_t count = (uint32_t)(x->tail - from);
	char *hashes;

	x->staged = x->tail;
	if (count == 0)
		return;
	hashes = ctl_store_exchanges_put(x->store, from, now_s, count);
	for (uint32_t i = 0; i < count; i++)
		memcpy(hashes + i * sizeof(uint64_t), &at(x, from + i)->hash, sizeof(uint64_t));
	at(x, from)->first = true;
}

void link_exchanges_stage(struct link_exchanges *x, uint32_t now_s)
{
	while (x->head < x->staged && at(x, x->head)->wall_s + EXCHANGES_LIFETIME_S <= now_s)
		forget_oldest(x);
	stage_noted(x, now_s);
	stage_gone(x);
}
