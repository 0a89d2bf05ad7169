// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// From memory to disk and back.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/memory.h"
#include "control/observe/state.h"
#include "control/store/observations.h"
#include "dataplane/bridge/proto.h"

void observation_stage(struct ctl_observations *observations, const struct observed *observed,
		       struct ctl_observation *observation)
{
	size_t paths = observation->paths_count * sizeof(struct lwm2m_path);
	size_t bytes = sizeof(struct ctl_observation_record) + paths + observed->endpoint_len;
	struct ctl_store *store = observations->ctl->store;
	struct ctl_observation_record *record = ctl_must_have(malloc(bytes));

	*record = (struct ctl_observation_record){
		.version = CTL_OBSERVATION_VERSION,
		.bytes = (uint32_t)bytes,
		.token = observation->token,
		.since_ms = observation->since_ms,
		.accept = observation->accept,
		.format = observation->format,
		.composite = observation->composite,
		.automatic = observation->automatic,
		.partial = observation->partial,
		.paths_count = observation->paths_count,
		.endpoint_len = observed->endpoint_len,
	};
	memcpy(record->paths, observation->paths, paths);
	memcpy((char *)record->paths + paths, observed->endpoint, observed->endpoint_len);
	if (observation->key == 0)
		observation->key = ctl_store_observation_key(store);
	ctl_store_observation_put(store, observation->key, record);
	free(record);
}

void observation_unstage(struct ctl_observations *observations, struct ctl_observation *observation)
{
	if (observation->key != 0)
		ctl_store_observation_delete(observations->ctl->store, observation->key);
	observation->key = 0;
}

// True when the token was given to the registration that the endpoint has now. It says all but the
// highest bits of the generation.
static bool token_is_of(uint64_t token, uint64_t location)
{
	return BRIDGE_TOKEN_OBSERVES(token) && token == BRIDGE_OBSERVE_TOKEN(location, token >> 24);
}

static int on_record(uint64_t key, const struct ctl_observation_record *record, void *arg)
{
	struct ctl_observations *observations = arg;
	const char *endpoint = ctl_observation_endpoint(record);
	struct ctl_reg *reg = ctl_registry_by_endpoint(observations->ctl->registry, endpoint,
						       record->endpoint_len);
	struct observed *observed = observed_get(observations, endpoint, record->endpoint_len);
	struct ctl_observation *observation;

	if (observed == NULL)
		return -ENOMEM;
	observation = observation_add(observations, observed, record->paths, record->paths_count,
				      record->composite != 0);
	if (observation == NULL) {
		observed_put(observations, observed);
		return -ENOMEM;
	}
	observation->key = key;
	observation->token = record->token;
	observation->since_ms = record->since_ms;
	observation->accept = record->accept;
	observation->format = record->format;
	observation->automatic = record->automatic != 0;
	observation->partial = record->partial;
	observations->partial_loaded |= record->partial != CTL_OBSERVATION_WHOLE;
	if (reg != NULL && token_is_of(record->token, reg->record->location))
		observation->state = CTL_OBSERVATION_ACTIVE;
	return 0;
}

int observe_records_load(struct ctl_observations *observations)
{
	int rc = ctl_store_observations_load(observations->ctl->store, on_record, observations);

	// Of devices that had not agreed yet nothing is on disk; and the configuration may be
	// another. They are asked when they are heard.
	if (rc == 0)
		observe_automatic_want_all(observations);
	return rc;
}
