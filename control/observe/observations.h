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
#include "control/hub.h"
#include "control/operation.h"
#include "control/registry.h"

enum ctl_observation_state {
	CTL_OBSERVATION_WANTED,  // no request has succeeded since the device registered
	CTL_OBSERVATION_PENDING, // one is under way: notifications are taken already
	CTL_OBSERVATION_ACTIVE,
};

// What was acknowledged to the device and not told yet: a notification of which only the first
// block came (RFC 7959 section 2.6). On disk, so that it is fetched whatever happens.
enum ctl_observation_partial {
	CTL_OBSERVATION_WHOLE,
	CTL_OBSERVATION_PARTIAL,
	CTL_OBSERVATION_PARTIAL_LAST, // and the observation ends with it
};

struct ctl_observation {
	uint64_t token;    // BRIDGE_OBSERVE_TOKEN
	uint64_t since_ms; // since 1970: when the device first agreed; 0: not yet
	uint64_t heard_us; // since 1970: when the newest notification arrived; 0: none did
	uint64_t until_ms; // PENDING: of the loop's clock; nobody waits for the answer any more
	uint32_t sequence; // of the newest notification, RFC 7641 section 3.4
	uint8_t state;     // enum ctl_observation_state
	bool composite;
	bool automatic;  // from lwm2m.observe
	bool refused;    // WANTED: not asked for again before the device registers anew
	bool cancelled;  // ACTIVE: a request to end it is under way
	uint8_t partial; // enum ctl_observation_partial
	uint8_t paths_count;
	uint16_t accept;
	uint16_t format;              // of a composite's path list
	struct ctl_observation *next; // of the device
	uint64_t key;                 // on disk; 0: not there yet
	struct lwm2m_path paths[];
};

struct ctl_observations;

// The operation that sets it up.
void ctl_observation_operation(const struct ctl_observation *observation, struct ctl_operation *op);

// Reads them from the store; the registry is loaded already. Subscribes to the hub, after the
// downlink.
int ctl_observations_new(struct ctl *ctl, struct ctl_observations **observations);
void ctl_observations_free(struct ctl_observations *observations);

// Of a registration; NULL when it has none.
struct ctl_observation *ctl_observations_of(const struct ctl_observations *observations,
					    const struct ctl_reg *reg);
struct ctl_observation *ctl_observation_by_token(const struct ctl_observations *observations,
						 const struct ctl_reg *reg, uint64_t token);

// The one of these paths, in any order; of several the newest. NULL: none.
struct ctl_observation *ctl_observation_find(const struct ctl_observations *observations,
					     const struct ctl_reg *reg,
					     const struct lwm2m_path *paths, uint32_t count,
					     bool composite);

// These stand in for ctl_operation_run: the operation's token is chosen here, and what comes of it
// is applied when the answer arrives, whoever still waits for it.
//
// Sets one up (or anew, under a new token, when the paths are observed already). NULL when memory
// is out, or the device has BRIDGE_OBSERVATIONS_MAX.
struct ctl_running *ctl_observe(struct ctl *ctl, struct ctl_reg *reg,
				const struct ctl_operation *op, uint32_t timeout_ms,
				ctl_operation_cb_t cb, void *arg);
// Ends one by a request (CTL_OBSERVE_CANCEL or its composite), which is sent also when there is
// none. NULL when memory is out.
struct ctl_running *ctl_observe_cancel(struct ctl *ctl, struct ctl_reg *reg,
				       const struct ctl_operation *op, uint32_t timeout_ms,
				       ctl_operation_cb_t cb, void *arg);
// The one of the three that the operation's kind and token call for.
struct ctl_running *ctl_observe_run(struct ctl *ctl, struct ctl_reg *reg,
				    const struct ctl_operation *op, uint32_t timeout_ms,
				    ctl_operation_cb_t cb, void *arg);

// Ends them passively: the next notification is answered RST. On its way to the disk when this
// returns. 0, -ENOENT when there is none, or -errno and they go on.
int ctl_observe_forget(struct ctl *ctl, const struct ctl_reg *reg, const struct lwm2m_path *paths,
		       uint32_t count, bool composite);

// PENDING, and nobody waits for the answer any more: as good as gone.
bool ctl_observation_is_over(const struct ctl_observations *observations,
			     const struct ctl_observation *observation);
// Brings into the cache what finding an observation of the registration (NULL: none) looks at, as
// ctl_registry_prefetch does.
#define CTL_OBSERVATION_STEPS 3u
void ctl_observations_prefetch(const struct ctl_observations *observations,
			       const struct ctl_reg *reg, unsigned step);
// What a notification is for, if that is observed.
struct ctl_observation *ctl_observation_heard(const struct ctl_observations *observations,
					      const struct ctl_reg *reg,
					      const struct coap_msg *notification);
// True when a response is under the token of some observation.
bool ctl_observations_is_token(const struct coap_msg *response);

// For the link: what changes does so in memory at once, and in the open change set.
//
// A response under an observation's token: the device agreed (2.05 with Observe), or ended it.
void ctl_observations_answered(struct ctl_observations *observations, const struct ctl_reg *reg,
			       const struct coap_msg *response, uint64_t now_us);
// Says whether there is anything left to be fetched of it.
void ctl_observation_mark(struct ctl_observations *observations, const struct ctl_reg *reg,
			  struct ctl_observation *observation,
			  enum ctl_observation_partial partial);
// The device ended it by a notification.
void ctl_observations_ended(struct ctl_observations *observations, const struct ctl_reg *reg,
			    struct ctl_observation *observation);
void ctl_observations_deregistered(struct ctl_observations *observations, const struct ctl_reg *reg,
				   enum ctl_dereg_reason reason);
// Those of registered devices that were read from disk as partial, once after they were read.
typedef void (*ctl_partial_cb_t)(struct ctl_reg *reg, struct ctl_observation *observation,
				 void *arg);
void ctl_observations_partial_each(struct ctl_observations *observations, ctl_partial_cb_t cb,
				   void *arg);
