// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a group of events means for observations: in its change set, so that an observation
// of which the REST API was told, or whose notification was acknowledged, is on disk.
#include <string.h>

#include "control/metrics.h"
#include "control/observe/state.h"
#include "dataplane/bridge/proto.h"

static uint64_t token_of(const struct coap_msg *msg)
{
	uint64_t token = 0;

	if (msg->token_len == sizeof(token))
		memcpy(&token, msg->token, sizeof(token));
	return __builtin_bswap64(token);
}

bool ctl_observations_is_token(const struct coap_msg *response)
{
	return BRIDGE_TOKEN_OBSERVES(token_of(response));
}

bool ctl_observation_is_over(const struct ctl_observations *observations,
			     const struct ctl_observation *observation)
{
	return observation->state == CTL_OBSERVATION_PENDING &&
	       uv_now(observations->ctl->loop) > observation->until_ms;
}

struct ctl_observation *ctl_observation_heard(const struct ctl_observations *observations,
					      const struct ctl_reg *reg,
					      const struct coap_msg *notification)
{
	struct ctl_observation *observation =
		ctl_observation_by_token(observations, reg, token_of(notification));

	if (observation == NULL || observation->state == CTL_OBSERVATION_WANTED ||
	    ctl_observation_is_over(observations, observation))
		return NULL;
	return observation;
}

static bool observe_of(const struct coap_msg *msg, uint32_t *sequence)
{
	struct coap_opt opt;

	return coap_msg_find_opt(msg, COAP_OPT_OBSERVE, &opt) && coap_opt_length_ok(&opt) &&
	       coap_opt_uint(&opt, sequence);
}

// Of two that observe the same, the newer one counts; the device is told with the next notification
// under the older one's token, which is answered RST.
static void older_remove(struct ctl_observations *observations, struct observed *observed,
			 const struct ctl_observation *newer)
{
	struct ctl_observation *same = NULL, *before = NULL;

	while ((same = observation_same(observed, before, newer->paths, newer->paths_count,
					newer->composite)) != NULL) {
		if (same == newer) {
			before = same;
			continue;
		}
		observation_unstage(observations, same);
		observation_remove(observations, observed, same);
	}
}

// What is left to be fetched of the others is left of this one.
static uint8_t partial_of(const struct observed *observed, const struct ctl_observation *newer)
{
	const struct ctl_observation *same = NULL;
	uint8_t partial = newer->partial;

	while ((same = observation_same(observed, same, newer->paths, newer->paths_count,
					newer->composite)) != NULL)
		if (same->partial != CTL_OBSERVATION_WHOLE)
			partial = CTL_OBSERVATION_PARTIAL;
	return partial;
}

static void agreed(struct ctl_observations *observations, struct observed *observed,
		   struct ctl_observation *observation, uint32_t sequence, uint64_t now_us)
{
	observation->state = CTL_OBSERVATION_ACTIVE;
	observation->refused = false;
	if (observation->since_ms == 0)
		observation->since_ms = now_us / 1000;
	// A notification may have overtaken this answer.
	if (observation->heard_us == 0) {
		observation->sequence = sequence;
		observation->heard_us = now_us;
	}
	observation->partial = partial_of(observed, observation);
	observation_stage(observations, observed, observation);
	older_remove(observations, observed, observation);
}

// Asked for by the request that is under way, and by nothing else.
static bool is_request(const struct ctl_observation *observation)
{
	return observation->state == CTL_OBSERVATION_PENDING && observation->key == 0 &&
	       !observation->automatic;
}

// An answer that is not followed by another request of the same transfer (RFC 7959 section 2.9, RFC
// 9175 section 2.3).
static bool is_final(const struct coap_msg *response)
{
	struct coap_opt opt;

	switch (response->code) {
	case COAP_CONTINUE:
	case COAP_REQUEST_ENTITY_INCOMPLETE:
	case COAP_REQUEST_ENTITY_TOO_LARGE:
		return false;
	default:
		return !coap_msg_find_opt(response, COAP_OPT_ECHO, &opt);
	}
}

static void pending_answered(struct ctl_observations *observations, struct observed *observed,
			     struct ctl_observation *observation, const struct coap_msg *response,
			     uint64_t now_us)
{
	uint32_t sequence;

	if (response->code == COAP_CONTENT && observe_of(response, &sequence)) {
		agreed(observations, observed, observation, sequence, now_us);
		return;
	}
	// What is wanted for longer than this request is dealt with when its operation ends.
	if (is_final(response) && is_request(observation)) {
		observation_remove(observations, observed, observation);
		observed_put(observations, observed);
	}
}

void ctl_observations_answered(struct ctl_observations *observations, const struct ctl_reg *reg,
			       const struct coap_msg *response, uint64_t now_us)
{
	struct observed *observed = observed_of(observations, reg);
	struct ctl_observation *observation =
		observed != NULL ? observation_by_token(observed, token_of(response)) : NULL;

	if (observation == NULL)
		return;
	if (observation->state == CTL_OBSERVATION_PENDING) {
		pending_answered(observations, observed, observation, response, now_us);
		return;
	}
	if (!observation->cancelled || COAP_CODE_CLASS(response->code) != 2)
		return;
	observation_unstage(observations, observation);
	observation_remove(observations, observed, observation);
	observed_put(observations, observed);
}

void ctl_observation_mark(struct ctl_observations *observations, const struct ctl_reg *reg,
			  struct ctl_observation *observation, enum ctl_observation_partial partial)
{
	if (observation->partial == partial)
		return;
	observation->partial = (uint8_t)partial;
	// Of one that is being set up the disk hears once the device has agreed.
	if (observation->key != 0)
		observation_stage(observations, observed_of(observations, reg), observation);
}

void ctl_observations_ended(struct ctl_observations *observations, const struct ctl_reg *reg,
			    struct ctl_observation *observation)
{
	struct observed *observed = observed_of(observations, reg);

	observation_unstage(observations, observation);
	ctl_counters.observations_ended++;
	// What the configuration wants is asked for again once the device registers anew.
	if (observation->automatic) {
		observation->state = CTL_OBSERVATION_WANTED;
		observation->refused = true;
		observation->partial = CTL_OBSERVATION_WHOLE;
		observation->token = 0;
		return;
	}
	observation_remove(observations, observed, observation);
	observed_put(observations, observed);
}

void ctl_observations_deregistered(struct ctl_observations *observations, const struct ctl_reg *reg,
				   enum ctl_dereg_reason reason)
{
	struct observed *observed = observed_of(observations, reg);
	struct ctl_observation *observation, *next;

	for (observation = observed != NULL ? observed->first : NULL; observation != NULL;
	     observation = next) {
		bool gone = reason == CTL_REASON_DEREGISTERED ||
			    (observation->automatic &&
			     (reason == CTL_REASON_EXPIRED ||
			      !observe_is_automatic(observations, &observation->paths[0])));

		next = observation->next;
		gone = gone || is_request(observation);
		observation->state = CTL_OBSERVATION_WANTED;
		observation->refused = observation->cancelled = false;
		observation->heard_us = 0;
		if (!gone)
			continue;
		observation_unstage(observations, observation);
		observation_remove(observations, observed, observation);
	}
	if (observed != NULL)
		observed_put(observations, observed);
}
