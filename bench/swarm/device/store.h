// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The values inside a simulated device: entries sorted by path, one for every resource or resource
// instance, and one for every object instance. Devices start with one constant table that all of
// them share; the first change makes a copy, so that a fleet of devices that nobody writes to costs
// nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwm2m/codec/node.h"

#define STORE_INSTANCE 65535u // the resource id of the entry that stands for an object instance

// Where a value comes from when it is read.
enum store_source {
	STORE_OWN,         // the entry itself
	STORE_ENDPOINT,    // the endpoint name
	STORE_LIFETIME,    // the registration's lifetime
	STORE_CLOCK,       // seconds since 1970, unless the server set the clock
	STORE_TEMPERATURE, // see store_context
	STORE_BINDING,     // U, or UQ for queue mode
};

struct store_entry {
	struct lwm2m_value value; // type LWM2M_NONE: executable, or the entry of an instance
	uint16_t object;
	uint16_t instance;
	uint16_t resource;
	uint16_t index; // of the resource instance, 0 in a single resource
	bool multiple;  // the resource has instances, this is one of them
	bool optional;  // replacing the object instance removes it
	uint8_t source; // enum store_source
	bool own_bytes; // value.bytes.data is this entry's allocation
};

struct store {
	struct store_entry *entries; // the store's own, NULL while it shares base
	const struct store_entry *base;
	uint32_t count;
	uint32_t cap; // of entries
};

// What values that are not stored depend on.
struct store_context {
	const char *endpoint;
	const char *binding;
	uint32_t lifetime_s;
	int64_t clock_s;
	double temperature;
};

void store_init(struct store *store, const struct store_entry *base, uint32_t count);
void store_fini(struct store *store);

static inline const struct store_entry *store_at(const struct store *store, uint32_t i)
{
	return &(store->entries != NULL ? store->entries : store->base)[i];
}

// The entries a path names: their number, and the first in *first (or where they would be). Of an
// object instance the entry that stands for it counts; depth 0 is everything.
uint32_t store_find(const struct store *store, const struct lwm2m_path *path, uint32_t *first);

// The value as it is now; strings borrow the store or the context.
struct lwm2m_value store_value(const struct store_entry *entry, const struct store_context *ctx);

// Sets or adds what path (of a resource or resource instance) names. multiple says what a new one
// is. Bytes are copied. False when there is no memory.
bool store_set(struct store *store, const struct lwm2m_path *path, bool multiple,
	       const struct lwm2m_value *value);
// Adds an object instance without resources.
bool store_add_instance(struct store *store, uint16_t object, uint16_t instance);
// Removes all that path names.
bool store_remove(struct store *store, const struct lwm2m_path *path);

// The lowest id that no instance of the object has.
uint16_t store_free_instance(const struct store *store, uint16_t object);
