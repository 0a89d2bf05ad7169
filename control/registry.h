// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every registration, in memory, by endpoint, by location and by address, in the order they were
// made. This is what control knows, which is ahead of the disk by what the store has under way:
// what is only here may still be lost with the process, and then nobody was promised anything. Who
// tells others (the hub's subscribers, back ends, the dataplane) hears of a change once it is on
// disk. REST shows what is here. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/store/record.h"

struct ctl_profile;

struct ctl_reg {
	struct ctl_record *record; // owned; replaced as a whole by an Update
	uint64_t key;              // in the store: grows with every new registration
	uint64_t seen_ms;          // last Update, changing or not; record->updated_ms trails it
	uint64_t stored_ms;        // the seen_ms that is on disk
	bool dirty;                // to be written: ctl_upkeep_touched
	uint32_t heard_ms;         // of the loop's clock: when seen_ms was told; 0: read from disk
	struct ctl_reg *prev, *next;                                  // in order of key
	struct ctl_reg *endpoint_next, *location_next, *address_next; // hash chains
	struct ctl_reg **address_at; // what points to it in its chain by address
	uint64_t endpoint_hash;
	void *ops;                   // control/downlink.c: requests waiting for this device
	struct awake_entry *awake;   // control/queue/awake.c; NULL: asleep, or not in queue mode
	struct ctl_profile *profile; // control/models: what its objects are; NULL until asked
};

struct ctl_registry;

struct ctl_registry *ctl_registry_new(void);
void ctl_registry_free(struct ctl_registry *registry);
size_t ctl_registry_count(const struct ctl_registry *registry);
// What names are found by; the same for as long as the registry lives.
uint64_t ctl_registry_hash(const struct ctl_registry *registry, const char *name, size_t len);
struct ctl_reg *ctl_registry_by_endpoint(const struct ctl_registry *registry, const char *name,
					 size_t len);
struct ctl_reg *ctl_registry_by_location(const struct ctl_registry *registry, uint64_t location);
// Brings into the cache what finding the registration of a location looks at, and its record: a
// step looks at what the step before it brought, so let some time pass between them.
#define CTL_REGISTRY_STEPS 3u
void ctl_registry_prefetch(const struct ctl_registry *registry, uint64_t location, unsigned step);
// Of several devices behind one address, the one that came to it last.
struct ctl_reg *ctl_registry_by_address(const struct ctl_registry *registry,
					const struct dp_peer *peer);
struct ctl_reg *ctl_registry_by_key(const struct ctl_registry *registry, uint64_t key);
// In order of key; NULL starts and ends.
struct ctl_reg *ctl_registry_next(const struct ctl_registry *registry, const struct ctl_reg *reg);
// The first registration with a key above this one: lets a reader go on after others came and went.
struct ctl_reg *ctl_registry_after(const struct ctl_registry *registry, uint64_t key);

// So many will be added: room for them at once, as far as there is memory.
void ctl_registry_reserve(struct ctl_registry *registry, size_t count);
// Takes the record. The key must be above all others, the endpoint and the location new. NULL when
// memory is out.
struct ctl_reg *ctl_registry_add(struct ctl_registry *registry, uint64_t key,
				 struct ctl_record *record);
// The record must be of the same endpoint and location. Frees the old one; swap hands it back
// instead.
void ctl_registry_update(struct ctl_registry *registry, struct ctl_reg *reg,
			 struct ctl_record *record);
struct ctl_record *ctl_registry_swap(struct ctl_registry *registry, struct ctl_reg *reg,
				     struct ctl_record *record);
// The device is reached there from now on.
void ctl_registry_move(struct ctl_registry *registry, struct ctl_reg *reg,
		       const struct dp_peer *peer);
// Remove frees it; unlink leaves it to the caller, who ends it with ctl_reg_free.
void ctl_registry_remove(struct ctl_registry *registry, struct ctl_reg *reg);
void ctl_registry_unlink(struct ctl_registry *registry, struct ctl_reg *reg);
void ctl_reg_free(struct ctl_reg *reg);
void ctl_registry_clear(struct ctl_registry *registry);
