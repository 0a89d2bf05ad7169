// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/session.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "dataplane/state/region.h"

// An index entry: 35 bits of the endpoint's hash (the low ones of which are its home position), one
// bit that says it is taken, and the session's virtual shard and slot.
#define INDEX_REF_BITS 28
#define INDEX_USED     (1ull << INDEX_REF_BITS)
#define INDEX_REF_MASK (INDEX_USED - 1)

#define SLOTS_MAX (1u << 20) // what a location has bits for

static uint64_t pow2_at_least(uint64_t n)
{
	return n <= 1 ? 1 : 1ull << (64 - __builtin_clzll(n - 1));
}

// Endpoints are spread over virtual shards by a hash: a binomial distribution, of which six
// standard deviations are enough for any number of shards.
static uint32_t slots_per_vshard(uint32_t max, uint32_t owned)
{
	uint32_t mean = max / owned + 1, root = 1;

	while ((uint64_t)root * root < mean)
		root++;
	return mean + 6 * root + 64;
}

int dp_sessions_init(struct dp_sessions *sessions, uint32_t max, uint32_t index, uint32_t workers)
{
	uint64_t entries = pow2_at_least((uint64_t)max + max / 2 + 1);
	uint64_t ring;

	memset(sessions, 0, sizeof(*sessions));
	sessions->max = max;
	sessions->index_of_worker = index;
	sessions->workers = workers;
	sessions->owned = (BRIDGE_VSHARDS - index + workers - 1) / workers;
	sessions->slots = slots_per_vshard(max, sessions->owned);
	if (sessions->slots > SLOTS_MAX)
		sessions->slots = SLOTS_MAX;
	sessions->area_bytes =
		(size_t)sessions->slots * sessions->owned * sizeof(struct dp_session);
	sessions->rest_bytes =
		(size_t)sessions->slots * sessions->owned * sizeof(struct dp_session_rest);
	sessions->index_bytes = entries * sizeof(uint64_t);
	sessions->index_mask = entries - 1;
	// Every slot is in the ring at most once.
	ring = pow2_at_least((uint64_t)sessions->slots * sessions->owned);
	sessions->touched_bytes = ring * sizeof(*sessions->touched);
	sessions->touched_mask = (uint32_t)(ring - 1);
	sessions->area = dp_region_alloc(sessions->area_bytes);
	sessions->rest = dp_region_alloc(sessions->rest_bytes);
	sessions->index = dp_region_alloc(sessions->index_bytes);
	sessions->touched = dp_region_alloc(sessions->touched_bytes);
	if (!sessions->area || !sessions->rest || !sessions->index || !sessions->touched) {
		dp_sessions_fini(sessions);
		return -ENOMEM;
	}
	for (uint32_t rank = 0; rank < sessions->owned; rank++)
		sessions->vshards[index + rank * workers].base = &sessions->area[rank];
	return 0;
}

void dp_sessions_fini(struct dp_sessions *sessions)
{
	dp_region_free(sessions->area, sessions->area_bytes);
	dp_region_free(sessions->rest, sessions->rest_bytes);
	dp_region_free(sessions->index, sessions->index_bytes);
	dp_region_free(sessions->touched, sessions->touched_bytes);
	memset(sessions, 0, sizeof(*sessions));
}

static void free_list_push(struct dp_vshard *vs, struct wheel_timer *link)
{
	link->next = vs->free;
	if (link->next)
		link->next->pprev = &link->next;
	link->pprev = &vs->free;
	vs->free = link;
}

static void free_list_remove(struct wheel_timer *link)
{
	*link->pprev = link->next;
	if (link->next)
		link->next->pprev = link->pprev;
	link->pprev = NULL;
	link->next = NULL;
}

static struct dp_session *take(struct dp_sessions *sessions, struct dp_session *session,
			       uint64_t location)
{
	session->location = location;
	session->state = DP_SESSION_PROVISIONAL;
	sessions->count++;
	return session;
}

struct dp_session *dp_session_new(struct dp_sessions *sessions, uint32_t vshard, uint32_t gen)
{
	struct dp_vshard *vs = &sessions->vshards[vshard];
	struct dp_session *session;
	uint32_t slot;

	if (sessions->count >= sessions->max)
		return NULL;
	if (vs->free) {
		session = dp_session_of_timer(sessions, vs->free);
		free_list_remove(vs->free);
		slot = BRIDGE_LOCATION_SLOT(session->location);
		return take(sessions, session, BRIDGE_LOCATION(vshard, slot, gen));
	}
	if (vs->top == sessions->slots)
		return NULL;
	slot = vs->top++;
	session = dp_session_slot(sessions, BRIDGE_LOCATION(vshard, slot, 0));
	return take(sessions, session, BRIDGE_LOCATION(vshard, slot, gen));
}

struct dp_session *dp_session_new_at(struct dp_sessions *sessions, uint64_t location)
{
	uint32_t vshard = BRIDGE_LOCATION_VSHARD(location);
	struct dp_vshard *vs = &sessions->vshards[vshard];
	uint32_t slot = BRIDGE_LOCATION_SLOT(location);
	struct dp_session *session;

	if (sessions->count >= sessions->max || slot >= sessions->slots ||
	    vshard % sessions->workers != sessions->index_of_worker)
		return NULL;
	while (vs->top <= slot) {
		uint64_t skipped = BRIDGE_LOCATION(vshard, vs->top++, 0);

		session = dp_session_slot(sessions, skipped);
		session->location = skipped;
		free_list_push(vs, &dp_session_rest(sessions, session)->timer);
	}
	session = dp_session_slot(sessions, location);
	if (session->state != DP_SESSION_FREE)
		return NULL;
	free_list_remove(&dp_session_rest(sessions, session)->timer);
	return take(sessions, session, location);
}

void dp_session_free(struct dp_sessions *sessions, struct dp_session *session)
{
	struct dp_session_rest *rest = dp_session_rest(sessions, session);
	uint64_t location = session->location;
	// The slot may still be in the touch list; the flag says so, and stays with the slot.
	uint8_t touched = session->flags & DP_SESSION_F_TOUCHED;

	memset(session, 0, sizeof(*session));
	memset(rest, 0, sizeof(*rest));
	session->flags = touched;
	// The generation goes, so that the old location no longer matches; the slot number stays.
	session->location = BRIDGE_LOCATION(BRIDGE_LOCATION_VSHARD(location),
					    BRIDGE_LOCATION_SLOT(location), 0);
	free_list_push(&sessions->vshards[BRIDGE_LOCATION_VSHARD(location)], &rest->timer);
	sessions->count--;
}

static uint64_t index_tag(struct dp_endpoint_hash endpoint)
{
	return endpoint.lo << (INDEX_REF_BITS + 1) | INDEX_USED;
}

static uint64_t index_home(const struct dp_sessions *sessions, uint64_t entry)
{
	return (entry >> (INDEX_REF_BITS + 1)) & sessions->index_mask;
}

struct dp_session *dp_sessions_find(const struct dp_sessions *sessions,
				    struct dp_endpoint_hash endpoint)
{
	uint64_t tag = index_tag(endpoint);

	for (uint64_t i = endpoint.lo & sessions->index_mask; sessions->index[i];
	     i = (i + 1) & sessions->index_mask) {
		const struct dp_session_rest *rest;
		struct dp_session *session;

		if ((sessions->index[i] & ~INDEX_REF_MASK) != tag)
			continue;
		session = dp_session_slot(sessions, sessions->index[i] & INDEX_REF_MASK);
		rest = dp_session_rest(sessions, session);
		if (rest->endpoint.lo == endpoint.lo && rest->endpoint.hi == endpoint.hi)
			return session;
	}
	return NULL;
}

void dp_sessions_insert(struct dp_sessions *sessions, struct dp_session *session)
{
	struct dp_endpoint_hash endpoint = dp_session_rest(sessions, session)->endpoint;
	uint64_t i = endpoint.lo & sessions->index_mask;

	while (sessions->index[i])
		i = (i + 1) & sessions->index_mask;
	sessions->index[i] = index_tag(endpoint) | (session->location & INDEX_REF_MASK);
}

void dp_sessions_remove(struct dp_sessions *sessions, const struct dp_session *session)
{
	uint64_t mask = sessions->index_mask;
	struct dp_endpoint_hash endpoint = dp_session_rest(sessions, session)->endpoint;
	uint64_t wanted = index_tag(endpoint) | (session->location & INDEX_REF_MASK);
	uint64_t hole = endpoint.lo & mask;

	while (sessions->index[hole] != wanted) {
		if (!sessions->index[hole])
			return;
		hole = (hole + 1) & mask;
	}
	// Close the gap: whatever follows moves up unless that would put it before its home.
	for (uint64_t i = (hole + 1) & mask; sessions->index[i]; i = (i + 1) & mask) {
		uint64_t home = index_home(sessions, sessions->index[i]);

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			sessions->index[hole] = sessions->index[i];
			hole = i;
		}
	}
	sessions->index[hole] = 0;
}
