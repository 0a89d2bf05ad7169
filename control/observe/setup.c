// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Asking devices: for what an operator wants now, and again for what was wanted before. Of what the
// answer means nothing is done here but for what was refused: that happens in the group that takes
// the answer (heard.c), so that it is on disk first.
#include <stdlib.h>
#include <string.h>

#include "control/observe/state.h"

#define SETUP_TIMEOUT_MS 30000u
#define PENDING_EXTRA_MS 1000u

struct setup {
	struct ctl_observations *observations;
	struct setup *prev, *next;
	struct ctl_running *running;
	uint64_t token;
	uint32_t endpoint_len;
	char endpoint[];
};

static void setup_unlink(struct setup *setup)
{
	struct ctl_observations *observations = setup->observations;

	*(setup->prev != NULL ? &setup->prev->next : &observations->setups) = setup->next;
	if (setup->next != NULL)
		setup->next->prev = setup->prev;
}

// A device that said no is not asked again before it registers anew; one that said nothing is, when
// it is heard again.
static void setup_failed(struct ctl_observation *observation, const struct ctl_outcome *outcome)
{
	observation->state = CTL_OBSERVATION_WANTED;
	observation->refused =
		outcome->result == CTL_OP_ANSWERED || outcome->result == CTL_OP_RESET;
}

static void on_setup(const struct ctl_outcome *outcome, void *arg)
{
	struct setup *setup = arg;
	struct ctl_observations *observations = setup->observations;
	struct ctl_registry *registry = observations->ctl->registry;
	uint64_t hash = ctl_registry_hash(registry, setup->endpoint, setup->endpoint_len);
	struct observed *observed =
		observed_find(observations, hash, setup->endpoint, setup->endpoint_len);
	struct ctl_observation *observation = NULL;
	struct ctl_reg *reg;

	setup_unlink(setup);
	if (observed != NULL && observed->setup == setup) {
		observed->setup = NULL;
		observation = observation_by_token(observed, setup->token);
		if (observation != NULL && observation->state == CTL_OBSERVATION_PENDING)
			setup_failed(observation, outcome);
		observed_put(observations, observed);
	}
	reg = ctl_registry_by_endpoint(registry, setup->endpoint, setup->endpoint_len);
	free(setup);
	if (reg != NULL && outcome->result == CTL_OP_ANSWERED)
		observe_advance(observations, reg);
}

static struct setup *setup_new(struct ctl_observations *observations,
			       const struct observed *observed, uint64_t token)
{
	struct setup *setup = calloc(1, sizeof(*setup) + observed->endpoint_len);

	if (setup == NULL)
		return NULL;
	setup->observations = observations;
	setup->token = token;
	setup->endpoint_len = observed->endpoint_len;
	memcpy(setup->endpoint, observed->endpoint, observed->endpoint_len);
	setup->next = observations->setups;
	if (observations->setups != NULL)
		observations->setups->prev = setup;
	observations->setups = setup;
	return setup;
}

void ctl_observation_operation(const struct ctl_observation *observation, struct ctl_operation *op)
{
	*op = (struct ctl_operation){
		.kind = observation->composite ? CTL_OBSERVE_COMPOSITE : CTL_OBSERVE,
		.paths_count = observation->paths_count,
		.accept = observation->accept,
		.format = observation->format,
		.token = observation->token,
	};
	memcpy(op->paths, observation->paths,
	       observation->paths_count * sizeof(observation->paths[0]));
}

// False when it cannot be asked now.
static bool setup_start(struct ctl_observations *observations, struct observed *observed,
			struct ctl_observation *observation, struct ctl_reg *reg)
{
	uint64_t token = observation_token(observed, reg->record->location);
	struct setup *setup = token != 0 ? setup_new(observations, observed, token) : NULL;
	struct ctl_operation op;

	if (setup == NULL)
		return false;
	observation->token = token;
	ctl_observation_operation(observation, &op);
	setup->running =
		ctl_operation_run(observations->ctl, reg, &op, SETUP_TIMEOUT_MS, on_setup, setup);
	if (setup->running == NULL) {
		setup_unlink(setup);
		free(setup);
		return false;
	}
	observation->state = CTL_OBSERVATION_PENDING;
	observation->until_ms = UINT64_MAX; // on_setup ends it
	observed->setup = setup;
	return true;
}

void observe_advance(struct ctl_observations *observations, struct ctl_reg *reg)
{
	struct observed *observed = observed_of(observations, reg);
	struct ctl_observation *observation;

	// An event may be telling of a registration that has gone meanwhile.
	if (observed == NULL || observed->setup != NULL ||
	    ctl_registry_by_location(observations->ctl->registry, reg->record->location) != reg)
		return;
	observation = observed->first;
	while (observation != NULL &&
	       (observation->state != CTL_OBSERVATION_WANTED || observation->refused))
		observation = observation->next;
	if (observation != NULL)
		setup_start(observations, observed, observation, reg);
}

static void setup_cancel(struct setup *setup)
{
	ctl_operation_cancel(setup->running);
	setup_unlink(setup);
	free(setup);
}

void observe_setup_drop(struct ctl_observations *observations, const struct ctl_reg *reg)
{
	struct observed *observed = observed_of(observations, reg);

	if (observed == NULL || observed->setup == NULL)
		return;
	setup_cancel(observed->setup);
	observed->setup = NULL;
	observed_put(observations, observed);
}

void observe_setups_cancel(struct ctl_observations *observations)
{
	while (observations->setups != NULL)
		setup_cancel(observations->setups);
}

// Requests that came to nothing leave theirs behind.
static void pending_sweep(struct ctl_observations *observations, struct observed *observed)
{
	struct ctl_observation *observation, *next;

	for (observation = observed->first; observation != NULL; observation = next) {
		next = observation->next;
		if (ctl_observation_is_over(observations, observation))
			observation_remove(observations, observed, observation);
	}
}

static struct ctl_observation *pending_add(struct ctl_observations *observations,
					   const struct ctl_reg *reg,
					   const struct ctl_operation *op, uint32_t timeout_ms)
{
	const struct ctl_record *record = reg->record;
	struct observed *observed =
		observed_get(observations, ctl_record_endpoint(record), record->endpoint_len);
	struct ctl_observation *observation = NULL;
	uint64_t token;

	if (observed == NULL)
		return NULL;
	pending_sweep(observations, observed);
	token = observation_token(observed, record->location);
	if (token != 0)
		observation = observation_add(observations, observed, op->paths, op->paths_count,
					      op->kind == CTL_OBSERVE_COMPOSITE);
	if (observation == NULL) {
		observed_put(observations, observed);
		return NULL;
	}
	observation->state = CTL_OBSERVATION_PENDING;
	observation->token = token;
	observation->accept = op->accept;
	observation->format = op->format;
	// The answer may take a second exchange (Echo, RFC 9175).
	observation->until_ms =
		uv_now(observations->ctl->loop) + 2 * (uint64_t)timeout_ms + PENDING_EXTRA_MS;
	return observation;
}

struct ctl_running *ctl_observe(struct ctl *ctl, struct ctl_reg *reg,
				const struct ctl_operation *op, uint32_t timeout_ms,
				ctl_operation_cb_t cb, void *arg)
{
	struct ctl_observation *observation = pending_add(ctl->observations, reg, op, timeout_ms);
	struct ctl_operation observe = *op;
	struct ctl_running *running;

	if (observation == NULL)
		return NULL;
	observe.token = observation->token;
	running = ctl_operation_run(ctl, reg, &observe, timeout_ms, cb, arg);
	if (running == NULL) {
		struct observed *observed = observed_of(ctl->observations, reg);

		observation_remove(ctl->observations, observed, observation);
		observed_put(ctl->observations, observed);
	}
	return running;
}

// The options must be those of the request that began it, RFC 7641 section 3.6.
struct ctl_running *ctl_observe_cancel(struct ctl *ctl, struct ctl_reg *reg,
				       const struct ctl_operation *op, uint32_t timeout_ms,
				       ctl_operation_cb_t cb, void *arg)
{
	struct ctl_observation *observation =
		ctl_observation_find(ctl->observations, reg, op->paths, op->paths_count,
				     op->kind == CTL_OBSERVE_COMPOSITE_CANCEL);
	struct ctl_operation cancel = *op;

	// One that ended while the request waited for the device: it just answers.
	cancel.token = 0;
	if (observation != NULL && observation->state == CTL_OBSERVATION_ACTIVE) {
		ctl_observation_operation(observation, &cancel);
		cancel.kind = op->kind;
		observation->cancelled = true;
	}
	return ctl_operation_run(ctl, reg, &cancel, timeout_ms, cb, arg);
}

struct ctl_running *ctl_observe_run(struct ctl *ctl, struct ctl_reg *reg,
				    const struct ctl_operation *op, uint32_t timeout_ms,
				    ctl_operation_cb_t cb, void *arg)
{
	switch (op->kind) {
	case CTL_OBSERVE:
	case CTL_OBSERVE_COMPOSITE:
		return ctl_observe(ctl, reg, op, timeout_ms, cb, arg);
	case CTL_OBSERVE_CANCEL:
	case CTL_OBSERVE_COMPOSITE_CANCEL:
		return ctl_observe_cancel(ctl, reg, op, timeout_ms, cb, arg);
	default:
		return ctl_operation_run(ctl, reg, op, timeout_ms, cb, arg);
	}
}
