// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/store.h"

#include <stdlib.h>
#include <string.h>

void store_init(struct store *store, const struct store_entry *base, uint32_t count)
{
	*store = (struct store){.base = base, .count = count};
}

void store_fini(struct store *store)
{
	for (uint32_t i = 0; store->entries != NULL && i < store->count; i++) {
		if (store->entries[i].own_bytes)
			free((void *)(uintptr_t)store->entries[i].value.bytes.data);
	}
	free(store->entries);
	store->entries = NULL;
}

// The order of entries; of a path, that of its first possible entry.
static uint64_t key(uint16_t object, uint16_t instance, uint16_t resource, uint16_t index)
{
	return (uint64_t)object << 48 | (uint64_t)instance << 32 | (uint64_t)resource << 16 | index;
}

static uint64_t entry_key(const struct store_entry *e)
{
	return key(e->object, e->instance, e->resource, e->index);
}

static uint32_t lower_bound(const struct store *store, uint64_t at)
{
	uint32_t low = 0, high = store->count;
	while (low < high) {
		uint32_t mid = (low + high) / 2;
		if (entry_key(store_at(store, mid)) < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool within(const struct store_entry *e, const struct lwm2m_path *path)
{
	const uint16_t ids[4] = {e->object, e->instance, e->resource, e->index};
	if (path->depth == 4 && !e->multiple)
		return false;
	return memcmp(ids, path->ids, path->depth * sizeof(ids[0])) == 0;
}

uint32_t store_find(const struct store *store, const struct lwm2m_path *path, uint32_t *first)
{
	uint16_t ids[4] = {0};
	uint32_t n = 0;
	memcpy(ids, path->ids, path->depth * sizeof(ids[0]));
	*first = lower_bound(store, key(ids[0], ids[1], ids[2], ids[3]));
	while (*first + n < store->count && within(store_at(store, *first + n), path))
		n++;
	return n;
}

struct lwm2m_value store_value(const struct store_entry *entry, const struct store_context *ctx)
{
	struct lwm2m_value value = entry->value;
	const char *text = NULL;
	switch (entry->source) {
	case STORE_ENDPOINT:
		text = ctx->endpoint;
		break;
	case STORE_BINDING:
		text = ctx->binding;
		break;
	case STORE_LIFETIME:
		value.integer = ctx->lifetime_s;
		break;
	case STORE_CLOCK:
		value.integer = ctx->clock_s;
		break;
	case STORE_TEMPERATURE:
		value.number = ctx->temperature;
		break;
	default:
		break;
	}
	if (text != NULL) {
		value.bytes.data = (const uint8_t *)text;
		value.bytes.len = strlen(text);
	}
	return value;
}

static bool has_bytes(uint8_t type)
{
	return type == LWM2M_STRING || type == LWM2M_CORELINK || type == LWM2M_OPAQUE;
}

static bool reserve(struct store *store, uint32_t cap)
{
	if (store->entries != NULL && cap <= store->cap)
		return true;
	cap += cap / 4;
	struct store_entry *entries = realloc(store->entries, cap * sizeof(*entries));
	if (entries == NULL)
		return false;
	if (store->entries == NULL)
		memcpy(entries, store->base, store->count * sizeof(*entries));
	store->entries = entries;
	store->cap = cap;
	return true;
}

static struct store_entry *insert(struct store *store, const struct store_entry *entry)
{
	uint32_t at = lower_bound(store, entry_key(entry));
	if (!reserve(store, store->count + 1))
		return NULL;
	struct store_entry *e = &store->entries[at];
	memmove(e + 1, e, (store->count - at) * sizeof(*e));
	*e = *entry;
	store->count++;
	return e;
}

bool store_set(struct store *store, const struct lwm2m_path *path, bool multiple,
	       const struct lwm2m_value *value)
{
	struct store_entry entry = {
		.value = *value,
		.object = path->ids[0],
		.instance = path->ids[1],
		.resource = path->ids[2],
		.index = path->depth == 4 ? path->ids[3] : 0,
		.multiple = multiple,
		.optional = true,
	};
	uint8_t *copy = NULL;
	uint32_t at;
	if (!reserve(store, store->count + 1))
		return false;
	if (has_bytes(value->type)) {
		if ((copy = malloc(value->bytes.len + 1)) == NULL)
			return false;
		memcpy(copy, value->bytes.data, value->bytes.len);
		entry.value.bytes.data = copy;
		entry.own_bytes = true;
	}
	if (store_find(store, path, &at) == 0)
		return insert(store, &entry) != NULL;
	struct store_entry *old = &store->entries[at];
	if (old->own_bytes)
		free((void *)(uintptr_t)old->value.bytes.data);
	entry.optional = old->optional;
	entry.multiple = old->multiple;
	// The lifetime is also what the device registers with; it stays where it is.
	if (old->source == STORE_LIFETIME)
		entry.source = STORE_LIFETIME;
	*old = entry;
	return true;
}

bool store_add_instance(struct store *store, uint16_t object, uint16_t instance)
{
	struct store_entry entry = {
		.object = object, .instance = instance, .resource = STORE_INSTANCE};
	return insert(store, &entry) != NULL;
}

bool store_remove(struct store *store, const struct lwm2m_path *path)
{
	uint32_t at;
	uint32_t n = store_find(store, path, &at);
	if (!reserve(store, store->count))
		return false;
	struct store_entry *e = &store->entries[at];
	for (uint32_t i = 0; i < n; i++) {
		if (e[i].own_bytes)
			free((void *)(uintptr_t)e[i].value.bytes.data);
	}
	memmove(e, e + n, (store->count - at - n) * sizeof(*e));
	store->count -= n;
	return true;
}

uint16_t store_free_instance(const struct store *store, uint16_t object)
{
	struct lwm2m_path path = {.ids = {object}, .depth = 2};
	uint32_t at;
	while (store_find(store, &path, &at) > 0)
		path.ids[1]++;
	return path.ids[1];
}
