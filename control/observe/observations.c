// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/observe/observations.h"

#include <errno.h>
#include <stdlib.h>

#include "control/observe/state.h"
#include "control/store/store.h"

struct ctl_observation *ctl_observations_of(const struct ctl_observations *observations,
					    const struct ctl_reg *reg)
{
	struct observed *observed = observed_of(observations, reg);

	return observed != NULL ? observed->first : NULL;
}

struct ctl_observation *ctl_observation_by_token(const struct ctl_observations *observations,
						 const struct ctl_reg *reg, uint64_t token)
{
	struct observed *observed = observed_of(observations, reg);

	return observed != NULL ? observation_by_token(observed, token) : NULL;
}

struct ctl_observation *ctl_observation_find(const struct ctl_observations *observations,
					     const struct ctl_reg *reg,
					     const struct lwm2m_path *paths, uint32_t count,
					     bool composite)
{
	struct observed *observed = observed_of(observations, reg);
	struct ctl_observation *found = NULL, *same = NULL;

	while (observed != NULL &&
	       (same = observation_same(observed, same, paths, count, composite)) != NULL)
		found = same;
	return found;
}

void ctl_observations_partial_each(struct ctl_observations *observations, ctl_partial_cb_t cb,
				   void *arg)
{
	if (!observations->partial_loaded)
		return;
	observations->partial_loaded = false;
	for (size_t i = 0; i <= observations->mask; i++) {
		struct observed *observed = observations->buckets[i];

		for (; observed != NULL; observed = observed->next) {
			struct ctl_reg *reg = ctl_registry_by_endpoint(observations->ctl->registry,
								       observed->endpoint,
								       observed->endpoint_len);
			struct ctl_observation *o = reg != NULL ? observed->first : NULL;

			for (; o != NULL; o = o->next)
				if (o->partial != CTL_OBSERVATION_WHOLE)
					cb(reg, o, arg);
		}
	}
}

int ctl_observe_forget(struct ctl *ctl, const struct ctl_reg *reg, const struct lwm2m_path *paths,
		       uint32_t count, bool composite)
{
	struct ctl_observations *observations = ctl->observations;
	struct observed *observed = observed_of(observations, reg);
	struct ctl_observation *same;

	if (observed == NULL || observation_same(observed, NULL, paths, count, composite) == NULL)
		return -ENOENT;
	if (ctl_hold_why(&ctl->holds, CTL_HOLD_STORE) != NULL)
		return -EROFS;
	while ((same = observation_same(observed, NULL, paths, count, composite)) != NULL) {
		observation_unstage(observations, same);
		observation_remove(observations, observed, same);
	}
	observed_put(observations, observed);
	ctl_store_submit(ctl->store, NULL, NULL);
	return 0;
}

// Every sign of life is an occasion to ask for what is still wanted: the device is awake now.
static void on_event(const struct ctl_event *event, void *arg)
{
	struct ctl_observations *observations = arg;
	struct ctl_reg *reg = (struct ctl_reg *)(uintptr_t)event->reg;

	switch (event->type) {
	case CTL_REGISTERED:
		observe_automatic_want(observations, reg);
		break;
	case CTL_UPDATED:
		if (event->update_links)
			observe_automatic_want(observations, reg);
		break;
	case CTL_NOTIFICATION:
		if (event->late)
			return;
		break;
	case CTL_SEND:
	case CTL_AWAKE:
		break;
	case CTL_DEREGISTERED:
		observe_setup_drop(observations, reg);
		return;
	case CTL_SLEEPING:
	case CTL_RESPONSE:
	case CTL_COAPLOG:
		return;
	}
	observe_advance(observations, reg);
}

int ctl_observations_new(struct ctl *ctl, struct ctl_observations **out)
{
	struct ctl_observations *observations = calloc(1, sizeof(*observations));
	int rc = -ENOMEM;

	if (observations == NULL)
		return rc;
	observations->ctl = ctl;
	rc = observe_table_init(observations);
	if (rc == 0)
		rc = observe_automatic_init(observations);
	if (rc == 0)
		rc = observe_records_load(observations);
	if (rc == 0)
		rc = ctl_hub_subscribe(ctl->hub, on_event, observations);
	if (rc != 0) {
		ctl_observations_free(observations);
		return rc;
	}
	*out = observations;
	return 0;
}

void ctl_observations_free(struct ctl_observations *observations)
{
	if (observations == NULL)
		return;
	observe_setups_cancel(observations);
	observe_table_clear(observations);
	free(observations->buckets);
	free(observations->automatic);
	free(observations);
}
