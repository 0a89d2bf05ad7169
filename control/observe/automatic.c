// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the configuration says is observed on every device that has it (lwm2m.observe).
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/observe/registered.h"
#include "control/observe/state.h"

int observe_automatic_init(struct ctl_observations *observations)
{
	const struct config_lwm2m *cfg = &observations->ctl->cfg->lwm2m;

	observations->automatic = calloc(cfg->observe_count + 1, sizeof(struct lwm2m_path));
	if (observations->automatic == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < cfg->observe_count; i++) {
		struct lwm2m_path *path = &observations->automatic[observations->automatic_count];

		// The configuration was checked already.
		if (lwm2m_path_parse(path, cfg->observe[i], strlen(cfg->observe[i])))
			observations->automatic_count++;
	}
	return 0;
}

static bool are_equal(const struct lwm2m_path *a, const struct lwm2m_path *b)
{
	return a->depth == b->depth && lwm2m_path_within(a, b);
}

bool observe_is_automatic(const struct ctl_observations *observations,
			  const struct lwm2m_path *path)
{
	for (uint32_t i = 0; i < observations->automatic_count; i++)
		if (are_equal(&observations->automatic[i], path))
			return true;
	return false;
}

static void path_want(struct ctl_observations *observations, struct observed *observed,
		      const struct lwm2m_path *path)
{
	struct ctl_observation *observation;

	if (observation_same(observed, NULL, path, 1, false) != NULL)
		return; // also when an operator asked for it
	observation = observation_add(observations, observed, path, 1, false);
	if (observation != NULL) // else the next Register tries again
		observation->automatic = true;
}

void observe_automatic_want(struct ctl_observations *observations, const struct ctl_reg *reg)
{
	const struct ctl_record *record = reg->record;
	struct observed *observed = NULL;

	for (uint32_t i = 0; i < observations->automatic_count; i++) {
		if (!ctl_record_has(record, &observations->automatic[i]))
			continue;
		if (observed == NULL)
			observed = observed_get(observations, ctl_record_endpoint(record),
						record->endpoint_len);
		if (observed == NULL)
			return;
		path_want(observations, observed, &observations->automatic[i]);
	}
	if (observed == NULL)
		observed = observed_of(observations, reg);
	for (struct ctl_observation *o = observed != NULL ? observed->first : NULL; o != NULL;
	     o = o->next)
		if (o->automatic && o->state == CTL_OBSERVATION_WANTED &&
		    !ctl_record_has(record, &o->paths[0]))
			o->refused = true;
	if (observed != NULL)
		observed_put(observations, observed);
}

void observe_automatic_want_all(struct ctl_observations *observations)
{
	const struct ctl_registry *registry = observations->ctl->registry;

	if (observations->automatic_count == 0)
		return;
	for (const struct ctl_reg *reg = ctl_registry_next(registry, NULL); reg != NULL;
	     reg = ctl_registry_next(registry, reg))
		observe_automatic_want(observations, reg);
}
