// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is observed, of which device, under which token (LwM2M core 1.1.1 section 6.4, RFC 7641). An
// observation belongs to the endpoint: when the device registers anew (which ends its
// observations), or either process restarts, it is still wanted, and set up again where needed. It
// ends when it is cancelled or the device de-registers.
//
// On disk: the database "observations", written with the group commit that carries what changed
// them. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/ctl.h"
#include "control/operation.h"
#include "control/registry.h"

enum ctl_observation_state {
	CTL_OBSERVATION_WANTED,  // no request has succeeded since the device registered
	CTL_OBSERVATION_PENDING, // one is under way: notifications are taken already
	CTL_OBSERVATION_ACTIVE,
};

struct ctl_observation {
	uint64_t token; // BRIDGE_OBSERVE_TOKEN
	uint64_t heard_us;
	uint32_t sequence; // newest, RFC 7641 section 3.4
	uint8_t state;     // enum ctl_observation_state
	bool composite;
	bool automatic; // from lwm2m.observe
	uint8_t paths_count;
	uint16_t accept;
	uint16_t format;              // of a composite's path list
	struct ctl_observation *next; // of the device
	uint64_t key;                 // on disk; 0: not there yet
	struct lwm2m_path paths[];
};

struct ctl_observations;

int ctl_observations_new(struct ctl *ctl, struct ctl_observations **observations);
void ctl_observations_free(struct ctl_observations *observations);

// Of a registration; NULL when it has none.
struct ctl_observation *ctl_observations_of(const struct ctl_observations *observations,
					    const struct ctl_reg *reg);
struct ctl_observation *ctl_observation_by_token(const struct ctl_observations *observations,
						 const struct ctl_reg *reg, uint64_t token);

// Sets one up (or anew, under a new token, when the paths are observed already): sends the Observe
// and tells how it ended. op->token is filled in. NULL when memory is out, or the device has
// BRIDGE_OBSERVATIONS_MAX.
struct ctl_running *ctl_observe(struct ctl_observations *observations, struct ctl_reg *reg,
				const struct ctl_operation *op, uint32_t timeout_ms,
				ctl_operation_cb_t cb, void *arg);
// Ends one: passively (the next notification is answered RST), or with active by a request
// (op: CTL_OBSERVE_CANCEL or its composite). False when there is no such observation (passive),
// NULL likewise or out of memory (active).
bool ctl_observe_forget(struct ctl_observations *observations, struct ctl_reg *reg,
			const struct lwm2m_path *paths, uint32_t count);
struct ctl_running *ctl_observe_cancel(struct ctl_observations *observations, struct ctl_reg *reg,
				       const struct ctl_operation *op, uint32_t timeout_ms,
				       ctl_operation_cb_t cb, void *arg);
