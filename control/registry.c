// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Three chained hash tables and an array in order of key. The array keeps the place of what was
// removed (reg NULL), so that keys can be searched by halving; it is compacted when most of it is
// holes.
#include "control/registry.h"

#include "control/models/profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS_MIN 1024u
#define HOLES_MIN   1024u
#define ORDER_MIN   1024u

struct order_entry {
	uint64_t key;
	struct ctl_reg *reg; // NULL: removed
};

struct ctl_registry {
	struct ctl_reg *first, *last;
	size_t count;
	struct ctl_reg **by_endpoint, **by_location, **by_address;
	size_t mask; // buckets - 1, of each
	struct order_entry *order;
	size_t order_len, order_cap;
	uint64_t seed[2]; // names come from outside: nobody may aim at one chain
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t ctl_registry_hash(const struct ctl_registry *registry, const char *name, size_t len)
{
	uint64_t h = registry->seed[0] ^ len, word;

	for (; len >= sizeof(word); name += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		h = mix(h ^ word, registry->seed[1]);
	}
	word = 0;
	memcpy(&word, name, len);
	h = mix(h ^ word, registry->seed[1]);
	return mix(h ^ registry->seed[0], registry->seed[1]);
}

static uint64_t hash_location(const struct ctl_registry *registry, uint64_t location)
{
	return mix(location ^ registry->seed[0], registry->seed[1]);
}

static uint64_t hash_address(const struct ctl_registry *registry, const struct dp_peer *peer)
{
	uint64_t high, low;

	memcpy(&high, peer->addr, sizeof(high));
	memcpy(&low, peer->addr + sizeof(high), sizeof(low));
	low = mix(low ^ registry->seed[0], registry->seed[1]);
	return mix(high ^ low ^ ((uint64_t)peer->scope_id << 16 | peer->udp_port_be16),
		   registry->seed[1]);
}

// Which of our ports and addresses the datagram came to says nothing about who sent it.
static bool address_is(const struct dp_peer *a, const struct dp_peer *b)
{
	return a->udp_port_be16 == b->udp_port_be16 && a->scope_id == b->scope_id &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

struct ctl_registry *ctl_registry_new(void)
{
	struct ctl_registry *registry = calloc(1, sizeof(*registry));

	if (registry == NULL)
		return NULL;
	registry->mask = BUCKETS_MIN - 1;
	registry->by_endpoint = calloc(BUCKETS_MIN, sizeof(struct ctl_reg *));
	registry->by_location = calloc(BUCKETS_MIN, sizeof(struct ctl_reg *));
	registry->by_address = calloc(BUCKETS_MIN, sizeof(struct ctl_reg *));
	if (registry->by_endpoint == NULL || registry->by_location == NULL ||
	    registry->by_address == NULL ||
	    getrandom(registry->seed, sizeof(registry->seed), 0) != sizeof(registry->seed)) {
		ctl_registry_free(registry);
		return NULL;
	}
	registry->seed[1] |= 1; // a multiplier
	return registry;
}

void ctl_registry_clear(struct ctl_registry *registry)
{
	struct ctl_reg *reg = registry->first, *next;

	for (; reg != NULL; reg = next) {
		next = reg->next;
		ctl_reg_free(reg);
	}
	registry->first = registry->last = NULL;
	registry->count = registry->order_len = 0;
	memset(registry->by_endpoint, 0, (registry->mask + 1) * sizeof(struct ctl_reg *));
	memset(registry->by_location, 0, (registry->mask + 1) * sizeof(struct ctl_reg *));
	memset(registry->by_address, 0, (registry->mask + 1) * sizeof(struct ctl_reg *));
}

void ctl_registry_free(struct ctl_registry *registry)
{
	if (registry == NULL)
		return;
	if (registry->by_endpoint != NULL && registry->by_location != NULL &&
	    registry->by_address != NULL)
		ctl_registry_clear(registry);
	free(registry->by_endpoint);
	free(registry->by_location);
	free(registry->by_address);
	free(registry->order);
	free(registry);
}

size_t ctl_registry_count(const struct ctl_registry *registry)
{
	return registry->count;
}

struct ctl_reg *ctl_registry_by_endpoint(const struct ctl_registry *registry, const char *name,
					 size_t len)
{
	uint64_t hash = ctl_registry_hash(registry, name, len);
	struct ctl_reg *reg = registry->by_endpoint[hash & registry->mask];

	for (; reg != NULL; reg = reg->endpoint_next)
		if (reg->endpoint_hash == hash && reg->record->endpoint_len == len &&
		    memcmp(ctl_record_endpoint(reg->record), name, len) == 0)
			return reg;
	return NULL;
}

struct ctl_reg *ctl_registry_by_location(const struct ctl_registry *registry, uint64_t location)
{
	uint64_t hash = hash_location(registry, location);
	struct ctl_reg *reg = registry->by_location[hash & registry->mask];

	while (reg != NULL && reg->record->location != location)
		reg = reg->location_next;
	return reg;
}

void ctl_registry_prefetch(const struct ctl_registry *registry, uint64_t location, unsigned step)
{
	struct ctl_reg **bucket =
		&registry->by_location[hash_location(registry, location) & registry->mask];

	if (step == 0) {
		__builtin_prefetch(bucket);
	} else if (*bucket != NULL && step == 1) {
		__builtin_prefetch(*bucket);
		__builtin_prefetch(&(*bucket)->endpoint_hash);
	} else if (*bucket != NULL) {
		__builtin_prefetch((*bucket)->record);
		__builtin_prefetch((*bucket)->record->text);
	}
}

struct ctl_reg *ctl_registry_by_address(const struct ctl_registry *registry,
					const struct dp_peer *peer)
{
	uint64_t hash = hash_address(registry, peer);
	struct ctl_reg *reg = registry->by_address[hash & registry->mask];

	while (reg != NULL && !address_is(&reg->record->peer, peer))
		reg = reg->address_next;
	return reg;
}

// The place of the first entry whose key is not below this one.
static size_t order_search(const struct ctl_registry *registry, uint64_t key)
{
	size_t low = 0, high = registry->order_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (registry->order[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct ctl_reg *ctl_registry_by_key(const struct ctl_registry *registry, uint64_t key)
{
	size_t at = order_search(registry, key);

	return at < registry->order_len && registry->order[at].key == key ? registry->order[at].reg
									  : NULL;
}

struct ctl_reg *ctl_registry_next(const struct ctl_registry *registry, const struct ctl_reg *reg)
{
	return reg == NULL ? registry->first : reg->next;
}

struct ctl_reg *ctl_registry_after(const struct ctl_registry *registry, uint64_t key)
{
	size_t at;

	if (key == UINT64_MAX)
		return NULL;
	at = order_search(registry, key + 1);
	while (at < registry->order_len && registry->order[at].reg == NULL)
		at++;
	return at < registry->order_len ? registry->order[at].reg : NULL;
}

static bool order_append(struct ctl_registry *registry, uint64_t key, struct ctl_reg *reg)
{
	if (registry->order_len == registry->order_cap) {
		size_t cap = registry->order_cap == 0 ? ORDER_MIN : registry->order_cap * 2;
		struct order_entry *order = realloc(registry->order, cap * sizeof(*order));

		if (order == NULL)
			return false;
		registry->order = order;
		registry->order_cap = cap;
	}
	registry->order[registry->order_len++] = (struct order_entry){key, reg};
	return true;
}

static void order_remove(struct ctl_registry *registry, uint64_t key)
{
	size_t kept = 0;

	registry->order[order_search(registry, key)].reg = NULL;
	if (registry->order_len < HOLES_MIN || registry->count > registry->order_len / 2)
		return;
	for (size_t i = 0; i < registry->order_len; i++)
		if (registry->order[i].reg != NULL)
			registry->order[kept++] = registry->order[i];
	registry->order_len = kept;
}

// At the front: of several devices behind one address, the one that came last. Thousands may be (a
// proxy, a simulator), so that nothing but a lookup of others may walk them.
static void address_chain(struct ctl_registry *registry, struct ctl_reg *reg)
{
	uint64_t hash = hash_address(registry, &reg->record->peer);
	struct ctl_reg **at = &registry->by_address[hash & registry->mask];

	reg->address_next = *at;
	reg->address_at = at;
	if (*at != NULL)
		(*at)->address_at = &reg->address_next;
	*at = reg;
}

static void address_unchain(struct ctl_reg *reg)
{
	*reg->address_at = reg->address_next;
	if (reg->address_next != NULL)
		reg->address_next->address_at = reg->address_at;
	reg->address_next = NULL;
	reg->address_at = NULL;
}

static void chain(struct ctl_registry *registry, struct ctl_reg *reg)
{
	size_t e = reg->endpoint_hash & registry->mask;
	size_t l = hash_location(registry, reg->record->location) & registry->mask;

	reg->endpoint_next = registry->by_endpoint[e];
	registry->by_endpoint[e] = reg;
	reg->location_next = registry->by_location[l];
	registry->by_location[l] = reg;
	address_chain(registry, reg);
}

// Without memory for more buckets the chains grow longer; that is all.
static void buckets_grow(struct ctl_registry *registry, size_t buckets)
{
	struct ctl_reg **by_endpoint = calloc(buckets, sizeof(struct ctl_reg *));
	struct ctl_reg **by_location = calloc(buckets, sizeof(struct ctl_reg *));
	struct ctl_reg **by_address = calloc(buckets, sizeof(struct ctl_reg *));

	if (by_endpoint == NULL || by_location == NULL || by_address == NULL) {
		free(by_endpoint);
		free(by_location);
		free(by_address);
		return;
	}
	free(registry->by_endpoint);
	free(registry->by_location);
	free(registry->by_address);
	registry->by_endpoint = by_endpoint;
	registry->by_location = by_location;
	registry->by_address = by_address;
	registry->mask = buckets - 1;
	for (struct ctl_reg *reg = registry->first; reg != NULL; reg = reg->next)
		chain(registry, reg);
}

void ctl_registry_reserve(struct ctl_registry *registry, size_t count)
{
	size_t buckets = registry->mask + 1;

	while (buckets < count)
		buckets *= 2;
	if (buckets > registry->mask + 1)
		buckets_grow(registry, buckets);
}

struct ctl_reg *ctl_registry_add(struct ctl_registry *registry, uint64_t key,
				 struct ctl_record *record)
{
	struct ctl_reg *reg = calloc(1, sizeof(*reg));

	assert(registry->last == NULL || registry->last->key < key);
	if (reg == NULL || !order_append(registry, key, reg)) {
		free(reg);
		return NULL;
	}
	if (registry->count > registry->mask)
		buckets_grow(registry, (registry->mask + 1) * 2);
	reg->record = record;
	reg->key = key;
	reg->seen_ms = reg->stored_ms = record->updated_ms;
	reg->endpoint_hash =
		ctl_registry_hash(registry, ctl_record_endpoint(record), record->endpoint_len);
	reg->prev = registry->last;
	if (registry->last != NULL)
		registry->last->next = reg;
	else
		registry->first = reg;
	registry->last = reg;
	registry->count++;
	chain(registry, reg);
	return reg;
}

struct ctl_record *ctl_registry_swap(struct ctl_registry *registry, struct ctl_reg *reg,
				     struct ctl_record *record)
{
	struct ctl_record *old = reg->record;

	assert(old->location == record->location && old->endpoint_len == record->endpoint_len);
	address_unchain(reg);
	ctl_profile_put(reg->profile); // the links may be others
	reg->profile = NULL;
	reg->record = record;
	reg->seen_ms = reg->stored_ms = record->updated_ms;
	address_chain(registry, reg);
	return old;
}

void ctl_registry_move(struct ctl_registry *registry, struct ctl_reg *reg,
		       const struct dp_peer *peer)
{
	bool moves = !address_is(&reg->record->peer, peer);

	if (moves)
		address_unchain(reg);
	reg->record->peer = *peer;
	if (moves)
		address_chain(registry, reg);
}

void ctl_registry_update(struct ctl_registry *registry, struct ctl_reg *reg,
			 struct ctl_record *record)
{
	free(ctl_registry_swap(registry, reg, record));
}

void ctl_registry_unlink(struct ctl_registry *registry, struct ctl_reg *reg)
{
	uint64_t location = hash_location(registry, reg->record->location);
	struct ctl_reg **at = &registry->by_endpoint[reg->endpoint_hash & registry->mask];

	while (*at != reg)
		at = &(*at)->endpoint_next;
	*at = reg->endpoint_next;
	at = &registry->by_location[location & registry->mask];
	while (*at != reg)
		at = &(*at)->location_next;
	*at = reg->location_next;
	address_unchain(reg);
	*(reg->prev != NULL ? &reg->prev->next : &registry->first) = reg->next;
	*(reg->next != NULL ? &reg->next->prev : &registry->last) = reg->prev;
	reg->prev = reg->next = reg->endpoint_next = reg->location_next = NULL;
	registry->count--;
	order_remove(registry, reg->key);
}

void ctl_registry_remove(struct ctl_registry *registry, struct ctl_reg *reg)
{
	ctl_registry_unlink(registry, reg);
	ctl_reg_free(reg);
}

void ctl_reg_free(struct ctl_reg *reg)
{
	ctl_profile_put(reg->profile);
	free(reg->record);
	free(reg);
}
