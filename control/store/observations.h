// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Observations as they lie on disk: the database "observations", by a growing key. They name the
// endpoint, not the registration, since they outlive it; one whose token is not of the endpoint's
// present location has to be set up again. Loop thread only.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "control/store/store.h"
#include "lwm2m/core/path.h"

#define CTL_OBSERVATION_VERSION 1u

struct ctl_observation_record {
	uint32_t version; // CTL_OBSERVATION_VERSION
	uint32_t bytes;   // of the whole block
	uint64_t token;
	uint64_t since_ms;
	uint16_t accept;
	uint16_t format;
	uint8_t composite;
	uint8_t automatic;
	uint8_t partial; // enum ctl_observation_partial
	uint8_t paths_count;
	uint32_t endpoint_len;
	uint32_t unused;           // so that paths begin where the head ends
	struct lwm2m_path paths[]; // then the endpoint
};
static_assert(sizeof(struct lwm2m_path) == 10, "layout on disk");
static_assert(sizeof(struct ctl_observation_record) == 40, "layout on disk");
static_assert(offsetof(struct ctl_observation_record, paths) == 40, "layout on disk");

static inline const char *ctl_observation_endpoint(const struct ctl_observation_record *record)
{
	return (const char *)&record->paths[record->paths_count];
}

// Never one that is on disk.
uint64_t ctl_store_observation_key(struct ctl_store *store);

// Into the open change set.
void ctl_store_observation_put(struct ctl_store *store, uint64_t key,
			       const struct ctl_observation_record *record);
void ctl_store_observation_delete(struct ctl_store *store, uint64_t key);

// Calls with every one that is well formed, in order of key; the record lives for the call. Ends at
// the first that does not return 0, and returns that. What is damaged is logged and left out.
typedef int (*ctl_observation_cb_t)(uint64_t key, const struct ctl_observation_record *record,
				    void *arg);
int ctl_store_observations_load(struct ctl_store *store, ctl_observation_cb_t cb, void *arg);
