// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Two chained hash tables and an array in order of id, as the registry has them.
#include "control/security/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS_MIN 1024u
#define ORDER_MIN   1024u

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash(const struct credential_table *table, uint8_t kind, const void *name,
		     size_t len)
{
	uint64_t h = table->seed[0] ^ len ^ (uint64_t)kind << 32, word;
	const char *at = name;

	for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		h = mix(h ^ word, table->seed[1]);
	}
	word = 0;
	memcpy(&word, at, len);
	h = mix(h ^ word, table->seed[1]);
	return mix(h ^ table->seed[0], table->seed[1]);
}

static struct ctl_credential **endpoint_bucket(const struct credential_table *table,
					       const char *endpoint, size_t len)
{
	return &table->by_endpoint[hash(table, 0, endpoint, len) & table->mask];
}

static struct ctl_credential **identity_bucket(const struct credential_table *table, uint8_t mode,
					       const void *identity, size_t len)
{
	return &table->by_identity[hash(table, mode, identity, len) & table->mask];
}

bool credential_table_init(struct credential_table *table)
{
	*table = (struct credential_table){.mask = BUCKETS_MIN - 1};
	table->by_endpoint = calloc(BUCKETS_MIN, sizeof(struct ctl_credential *));
	table->by_identity = calloc(BUCKETS_MIN, sizeof(struct ctl_credential *));
	if (table->by_endpoint != NULL && table->by_identity != NULL &&
	    getrandom(table->seed, sizeof(table->seed), 0) == sizeof(table->seed)) {
		table->seed[1] |= 1; // a multiplier
		return true;
	}
	credential_table_free(table);
	return false;
}

void credential_table_clear(struct credential_table *table)
{
	for (size_t i = 0; i < table->order_len; i++)
		ctl_credential_free(table->order[i].credential);
	table->order_len = table->count = 0;
	if (table->by_endpoint == NULL || table->by_identity == NULL)
		return;
	memset(table->by_endpoint, 0, (table->mask + 1) * sizeof(struct ctl_credential *));
	memset(table->by_identity, 0, (table->mask + 1) * sizeof(struct ctl_credential *));
}

void credential_table_free(struct credential_table *table)
{
	credential_table_clear(table);
	free(table->by_endpoint);
	free(table->by_identity);
	free(table->order);
	*table = (struct credential_table){0};
}

struct ctl_credential *credential_by_endpoint(const struct credential_table *table,
					      const char *endpoint, size_t len)
{
	struct ctl_credential *credential = *endpoint_bucket(table, endpoint, len);

	while (credential != NULL &&
	       (credential->endpoint_len != len ||
		memcmp(ctl_credential_endpoint(credential), endpoint, len) != 0))
		credential = credential->endpoint_next;
	return credential;
}

struct ctl_credential *credential_by_identity(const struct credential_table *table,
					      enum ctl_credential_mode mode, const void *identity,
					      size_t len)
{
	struct ctl_credential *credential = *identity_bucket(table, (uint8_t)mode, identity, len);

	while (credential != NULL &&
	       (credential->mode != mode || credential->identity_len != len ||
		memcmp(ctl_credential_identity(credential), identity, len) != 0))
		credential = credential->identity_next;
	return credential;
}

// The place of the first entry whose id is not below this one.
static size_t order_search(const struct credential_table *table, uint64_t id)
{
	size_t low = 0, high = table->order_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->order[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct ctl_credential *credential_by_id(const struct credential_table *table, uint64_t id)
{
	size_t at = order_search(table, id);

	return at < table->order_len && table->order[at].id == id ? table->order[at].credential
								  : NULL;
}

struct ctl_credential *credential_after(const struct credential_table *table, uint64_t id)
{
	size_t at;

	if (id == UINT64_MAX)
		return NULL;
	at = order_search(table, id + 1);
	while (at < table->order_len && table->order[at].credential == NULL)
		at++;
	return at < table->order_len ? table->order[at].credential : NULL;
}

static bool order_append(struct credential_table *table, struct ctl_credential *credential)
{
	if (table->order_len == table->order_cap) {
		size_t cap = table->order_cap == 0 ? ORDER_MIN : table->order_cap * 2;
		struct credential_entry *order = realloc(table->order, cap * sizeof(*order));

		if (order == NULL)
			return false;
		table->order = order;
		table->order_cap = cap;
	}
	table->order[table->order_len++] = (struct credential_entry){credential->id, credential};
	return true;
}

static void order_remove(struct credential_table *table, uint64_t id)
{
	size_t kept = 0;

	table->order[order_search(table, id)].credential = NULL;
	if (table->order_len < ORDER_MIN || table->count > table->order_len / 2)
		return;
	for (size_t i = 0; i < table->order_len; i++)
		if (table->order[i].credential != NULL)
			table->order[kept++] = table->order[i];
	table->order_len = kept;
}

static void chain(struct credential_table *table, struct ctl_credential *credential)
{
	struct ctl_credential **at = endpoint_bucket(table, ctl_credential_endpoint(credential),
						     credential->endpoint_len);

	credential->endpoint_next = *at;
	*at = credential;
	credential->identity_next = NULL;
	if (credential->identity_len == 0)
		return;
	at = identity_bucket(table, credential->mode, ctl_credential_identity(credential),
			     credential->identity_len);
	credential->identity_next = *at;
	*at = credential;
}

// Without memory for more buckets the chains grow longer; that is all.
static void buckets_grow(struct credential_table *table)
{
	size_t buckets = (table->mask + 1) * 2;
	struct ctl_credential **by_endpoint = calloc(buckets, sizeof(struct ctl_credential *));
	struct ctl_credential **by_identity = calloc(buckets, sizeof(struct ctl_credential *));

	if (by_endpoint == NULL || by_identity == NULL) {
		free(by_endpoint);
		free(by_identity);
		return;
	}
	free(table->by_endpoint);
	free(table->by_identity);
	table->by_endpoint = by_endpoint;
	table->by_identity = by_identity;
	table->mask = buckets - 1;
	for (size_t i = 0; i < table->order_len; i++)
		if (table->order[i].credential != NULL)
			chain(table, table->order[i].credential);
}

bool credential_add(struct credential_table *table, struct ctl_credential *credential)
{
	assert(table->order_len == 0 || table->order[table->order_len - 1].id < credential->id);
	if (table->count > table->mask)
		buckets_grow(table);
	if (!order_append(table, credential))
		return false;
	table->count++;
	chain(table, credential);
	return true;
}

void credential_remove(struct credential_table *table, struct ctl_credential *credential)
{
	struct ctl_credential **at = endpoint_bucket(table, ctl_credential_endpoint(credential),
						     credential->endpoint_len);

	while (*at != credential)
		at = &(*at)->endpoint_next;
	*at = credential->endpoint_next;
	if (credential->identity_len > 0) {
		at = identity_bucket(table, credential->mode, ctl_credential_identity(credential),
				     credential->identity_len);
		while (*at != credential)
			at = &(*at)->identity_next;
		*at = credential->identity_next;
	}
	table->count--;
	order_remove(table, credential->id);
	ctl_credential_free(credential);
}
