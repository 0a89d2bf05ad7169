// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Inside of control/observe: observations by endpoint, in memory. An endpoint is here as long as it
// has any, or is being asked for one.
#pragma once

#include "control/observe/observations.h"

struct observed {
	struct observed *next; // hash chain
	uint64_t hash;         // ctl_registry_hash
	struct ctl_observation *first;
	struct setup *setup; // by ourselves, one at a time; NULL: none is under way
	uint32_t number;     // of the next token
	uint32_t endpoint_len;
	char endpoint[];
};

struct ctl_observations {
	struct ctl *ctl;
	struct observed **buckets;
	size_t mask;
	size_t endpoints;
	size_t count;                 // of observations
	struct setup *setups;         // under way
	struct lwm2m_path *automatic; // lwm2m.observe
	uint32_t automatic_count;
	bool partial_loaded; // one was read that is
};

// table.c
int observe_table_init(struct ctl_observations *observations);
void observe_table_clear(struct ctl_observations *observations);
struct observed *observed_find(const struct ctl_observations *observations, uint64_t hash,
			       const char *endpoint, size_t len);
struct observed *observed_of(const struct ctl_observations *observations,
			     const struct ctl_reg *reg);
// The same, made when there is none. NULL when memory is out.
struct observed *observed_get(struct ctl_observations *observations, const char *endpoint,
			      size_t len);
// Frees it when nothing keeps it.
void observed_put(struct ctl_observations *observations, struct observed *observed);

struct ctl_observation *observation_add(struct ctl_observations *observations,
					struct observed *observed, const struct lwm2m_path *paths,
					uint32_t count, bool composite);
void observation_remove(struct ctl_observations *observations, struct observed *observed,
			struct ctl_observation *observation);
struct ctl_observation *observation_by_token(const struct observed *observed, uint64_t token);
// The next after this one (NULL: the first) of the same paths, in any order. NULL: none.
struct ctl_observation *observation_same(const struct observed *observed,
					 const struct ctl_observation *after,
					 const struct lwm2m_path *paths, uint32_t count,
					 bool composite);
// A token of that location that no observation has; 0 when there are BRIDGE_OBSERVATIONS_MAX.
uint64_t observation_token(struct observed *observed, uint64_t location);

// setup.c: asks the device for what is wanted and not under way, one after the other.
void observe_advance(struct ctl_observations *observations, struct ctl_reg *reg);
// The device's registration is gone, and the token with it.
void observe_setup_drop(struct ctl_observations *observations, const struct ctl_reg *reg);
void observe_setups_cancel(struct ctl_observations *observations);

// automatic.c
int observe_automatic_init(struct ctl_observations *observations);
bool observe_is_automatic(const struct ctl_observations *observations,
			  const struct lwm2m_path *path);
// Wants what is configured and the device has; the rest of what was automatic is let be.
void observe_automatic_want(struct ctl_observations *observations, const struct ctl_reg *reg);
// The same for every registration there is.
void observe_automatic_want_all(struct ctl_observations *observations);

// records.c: into the open change set.
void observation_stage(struct ctl_observations *observations, const struct observed *observed,
		       struct ctl_observation *observation);
void observation_unstage(struct ctl_observations *observations,
			 struct ctl_observation *observation);
// Reads all from the store into the empty table.
int observe_records_load(struct ctl_observations *observations);
