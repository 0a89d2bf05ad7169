// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// They are found by endpoint and paths, not by token: the device may register anew, or be observed
// anew, while they are fetched.
#include "control/link/whole.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/json/response_json.h"
#include "control/link/values.h"
#include "control/metrics.h"
#include "control/queue/queue.h"
#include "control/transfer.h"

#define WHY_MAX             96u
#define EXCHANGE_TIMEOUT_MS 30000u // of each, its turn included

enum whole_state {
	WHOLE_NEW,      // to be fetched
	WHOLE_FETCHING, // a transfer is under way
	WHOLE_WAITING,  // for a dataplane, or for a device that sleeps
	WHOLE_DONE,     // to be told
};

// A first block that is of no use, so that it is asked for.
static const uint8_t no_options[1];
static const struct coap_msg none = {.code = COAP_CONTENT, .options = no_options};

struct link_whole {
	struct link_whole *next;      // in its bucket
	struct link_whole *todo_next; // link->wholes_todo
	struct link_whole **todo_at;  // what points to it there; NULL: not there
	struct ctl_link *link;
	struct ctl_transfer *transfer;
	struct ctl_observation *observation; // a copy
	uint64_t hash;
	uint64_t wall_ms;
	enum whole_state state;
	bool anew;         // from its beginning, since the rest may be of another value
	bool late;         // as of struct ctl_event
	char why[WHY_MAX]; // DONE: it was not to be had
	int64_t format;    // of the value
	uint8_t *value;    // DONE
	uint32_t value_len;
	uint32_t endpoint_len;
	char endpoint[LWM2M_ENDPOINT_MAX];
	struct coap_msg first; // of a code, options and a payload; without any once read from disk
	uint8_t bytes[];       // these two
};

static void todo_add(struct link_whole *whole)
{
	struct ctl_link *link = whole->link;

	if (whole->todo_at != NULL)
		return;
	whole->todo_next = link->wholes_todo;
	if (whole->todo_next != NULL)
		whole->todo_next->todo_at = &whole->todo_next;
	whole->todo_at = &link->wholes_todo;
	link->wholes_todo = whole;
}

static void todo_remove(struct link_whole *whole)
{
	if (whole->todo_at == NULL)
		return;
	*whole->todo_at = whole->todo_next;
	if (whole->todo_next != NULL)
		whole->todo_next->todo_at = whole->todo_at;
	whole->todo_at = NULL;
}

static void whole_free(struct link_whole *whole)
{
	struct link_whole **at = &whole->link->wholes[whole->hash % LINK_WHOLES];

	while (*at != whole)
		at = &(*at)->next;
	*at = whole->next;
	todo_remove(whole);
	if (whole->transfer != NULL)
		ctl_transfer_cancel(whole->transfer);
	free(whole->observation);
	free(whole->value);
	free(whole);
}

static bool is_of(const struct link_whole *whole, const struct ctl_reg *reg)
{
	return whole->hash == reg->endpoint_hash &&
	       whole->endpoint_len == reg->record->endpoint_len &&
	       memcmp(whole->endpoint, ctl_record_endpoint(reg->record), whole->endpoint_len) == 0;
}

// Of the same paths, in the same order: that is how an observation is set up again.
static struct link_whole *whole_find(const struct ctl_link *link, const struct ctl_reg *reg,
				     const struct ctl_observation *observation)
{
	struct link_whole *whole = link->wholes[reg->endpoint_hash % LINK_WHOLES];

	while (whole != NULL &&
	       (!is_of(whole, reg) || whole->observation->composite != observation->composite ||
		whole->observation->paths_count != observation->paths_count ||
		memcmp(whole->observation->paths, observation->paths,
		       observation->paths_count * sizeof(observation->paths[0])) != 0))
		whole = whole->next;
	return whole;
}

static struct ctl_observation *observation_copy(const struct ctl_observation *observation)
{
	size_t bytes =
		sizeof(*observation) + observation->paths_count * sizeof(observation->paths[0]);
	struct ctl_observation *copy = malloc(bytes);

	if (copy != NULL)
		memcpy(copy, observation, bytes);
	return copy;
}

static void first_copy(struct link_whole *whole, const struct coap_msg *first)
{
	whole->first = (struct coap_msg){
		.code = first->code,
		.options = whole->bytes,
		.options_len = first->options_len,
		.payload = whole->bytes + first->options_len,
		.payload_len = first->payload_len,
	};
	if (first->options_len > 0)
		memcpy(whole->bytes, first->options, first->options_len);
	if (first->payload_len > 0)
		memcpy(whole->bytes + first->options_len, first->payload, first->payload_len);
}

static struct link_whole *whole_new(struct ctl_link *link, const struct ctl_reg *reg,
				    const struct ctl_observation *observation,
				    const struct coap_msg *first, uint64_t wall_ms)
{
	struct link_whole *whole =
		calloc(1, sizeof(*whole) + first->options_len + first->payload_len);
	struct ctl_observation *copy = observation_copy(observation);

	if (whole == NULL || copy == NULL) {
		free(whole);
		free(copy);
		return NULL;
	}
	whole->link = link;
	whole->observation = copy;
	whole->hash = reg->endpoint_hash;
	whole->wall_ms = wall_ms;
	whole->endpoint_len = reg->record->endpoint_len;
	memcpy(whole->endpoint, ctl_record_endpoint(reg->record), whole->endpoint_len);
	first_copy(whole, first);
	whole->format = link_values_format(&whole->first);
	whole->next = link->wholes[whole->hash % LINK_WHOLES];
	link->wholes[whole->hash % LINK_WHOLES] = whole;
	todo_add(whole);
	return whole;
}

static void whole_drop(const struct link_notification *n)
{
	struct link_whole *whole = whole_find(n->link, n->reg, n->observation);

	if (whole == NULL)
		return;
	ctl_counters.notifications_superseded++;
	whole_free(whole);
}

int link_whole_begin(struct link_notification *n, enum ctl_observation_partial partial)
{
	ctl_observation_mark(n->link->ctl->observations, n->reg, n->observation, partial);
	ctl_counters.notifications_partial++;
	whole_drop(n);
	return whole_new(n->link, n->reg, n->observation, &n->msg, n->wall_ms) != NULL ? 0
										       : -ENOMEM;
}

void link_whole_supersede(struct link_notification *n)
{
	whole_drop(n);
	ctl_observation_mark(n->link->ctl->observations, n->reg, n->observation,
			     CTL_OBSERVATION_WHOLE);
}

// The observation itself, if it is still there.
static void mark_remove(struct ctl_link *link, struct ctl_reg *reg,
			const struct ctl_observation *copy)
{
	struct ctl_observations *observations = link->ctl->observations;
	struct ctl_observation *observation = ctl_observation_find(
		observations, reg, copy->paths, copy->paths_count, copy->composite);

	if (observation == NULL)
		return;
	if (observation->partial == CTL_OBSERVATION_PARTIAL_LAST)
		ctl_observations_ended(observations, reg, observation);
	else
		ctl_observation_mark(observations, reg, observation, CTL_OBSERVATION_WHOLE);
}

static int whole_tell(struct link_whole *whole, struct ctl_reg *reg)
{
	struct link_notification n = {
		.link = whole->link,
		.reg = reg,
		.observation = whole->observation,
		.msg = whole->first,
		.format = whole->format,
		.wall_ms = whole->wall_ms,
		.late = whole->late,
	};
	int rc;

	if (whole->why[0] != '\0') {
		link_notification_complain(&n, whole->why);
	} else {
		n.msg.payload = whole->value;
		n.msg.payload_len = whole->value_len;
	}
	rc = link_notification_tell(&n, whole->why[0] != '\0' ? whole->why : NULL);
	if (rc == 0)
		mark_remove(whole->link, reg, whole->observation);
	return rc;
}

int link_wholes_tell(struct ctl_link *link)
{
	struct link_whole *whole, *next;
	int rc = 0;

	for (whole = link->wholes_todo; rc == 0 && whole != NULL; whole = next) {
		struct ctl_reg *reg = ctl_registry_by_endpoint(link->ctl->registry, whole->endpoint,
							       whole->endpoint_len);

		next = whole->todo_next;
		if (whole->state != WHOLE_DONE)
			continue;
		if (reg != NULL)
			rc = whole_tell(whole, reg);
		whole_free(whole);
	}
	return rc;
}

static void why_set(struct link_whole *whole, const char *why)
{
	snprintf(whole->why, sizeof(whole->why), "%s", why);
}

int link_wholes_gone(struct ctl_link *link, struct ctl_reg *reg)
{
	struct link_whole *whole, *next;
	int rc = 0;

	for (whole = link->wholes[reg->endpoint_hash % LINK_WHOLES]; rc == 0 && whole != NULL;
	     whole = next) {
		next = whole->next;
		if (!is_of(whole, reg))
			continue;
		if (whole->state != WHOLE_DONE)
			why_set(whole, "the device left before the rest was fetched");
		whole->late = true;
		rc = whole_tell(whole, reg);
		whole_free(whole);
	}
	return rc;
}

static void value_take(struct link_whole *whole, const struct coap_msg *response)
{
	whole->value = malloc(response->payload_len > 0 ? response->payload_len : 1);
	if (whole->value == NULL) {
		why_set(whole, "out of memory");
		return;
	}
	if (response->payload_len > 0)
		memcpy(whole->value, response->payload, response->payload_len);
	whole->value_len = response->payload_len;
	whole->format = link_values_format(response);
}

static void answer_take(struct link_whole *whole, const struct ctl_transfer_outcome *outcome)
{
	if (outcome->why != NULL)
		why_set(whole, outcome->why);
	else if (COAP_CODE_CLASS(outcome->response.code) != 2)
		ctl_status_text(outcome->response.code, whole->why);
	else
		value_take(whole, &outcome->response);
}

static void on_fetched(const struct ctl_transfer_outcome *outcome, void *arg)
{
	struct link_whole *whole = arg;

	whole->transfer = NULL;
	whole->state = WHOLE_DONE;
	switch (outcome->result) {
	case CTL_OP_ANSWERED:
		answer_take(whole, outcome);
		break;
	case CTL_OP_UNAVAILABLE:
		whole->state = WHOLE_WAITING;
		whole->anew = true;
		return;
	case CTL_OP_TIMEOUT:
		why_set(whole, "the device did not answer when asked for the rest");
		break;
	case CTL_OP_RESET:
		why_set(whole, "the device refused to be asked for the rest");
		break;
	case CTL_OP_GONE:
		why_set(whole, "the device left before the rest was fetched");
		break;
	case CTL_OP_INVALID:
		why_set(whole, "the request for the rest does not fit a datagram");
		break;
	}
	whole->late = outcome->result != CTL_OP_ANSWERED;
	todo_add(whole);
	link_round_soon(whole->link);
}

static bool whole_start(struct link_whole *whole, struct ctl_reg *reg)
{
	struct ctl *ctl = whole->link->ctl;
	struct ctl_operation op;

	ctl_observation_operation(whole->observation, &op);
	whole->state = WHOLE_FETCHING;
	whole->transfer = ctl_operation_rest(ctl, reg, &op, whole->anew ? &none : &whole->first,
					     EXCHANGE_TIMEOUT_MS, on_fetched, whole);
	return whole->transfer != NULL;
}

void link_wholes_start(struct ctl_link *link)
{
	struct link_whole *whole, *next;

	for (whole = link->wholes_todo; whole != NULL; whole = next) {
		struct ctl_reg *reg = ctl_registry_by_endpoint(link->ctl->registry, whole->endpoint,
							       whole->endpoint_len);

		next = whole->todo_next;
		if (whole->state != WHOLE_NEW)
			continue;
		todo_remove(whole);
		if (reg == NULL) {
			whole_free(whole);
		} else if (whole->anew && ctl_queue_asleep(link->ctl->queue, reg)) {
			whole->state = WHOLE_WAITING;
		} else if (whole_start(whole, reg)) {
			if (!whole->anew)
				ctl_queue_heard(link->ctl->queue, reg);
		} else {
			whole->state = WHOLE_DONE;
			why_set(whole, "out of memory");
			todo_add(whole);
		}
	}
}

static void on_partial(struct ctl_reg *reg, struct ctl_observation *observation, void *arg)
{
	struct ctl_link *link = arg;
	struct link_whole *whole = whole_find(link, reg, observation);
	struct timespec now;

	if (whole != NULL)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	whole = whole_new(link, reg, observation, &none,
			  (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
	if (whole != NULL) // else the mark stays, for the next start
		whole->anew = true;
}

static void whole_resume(struct link_whole *whole)
{
	if (whole->state != WHOLE_WAITING)
		return;
	whole->state = WHOLE_NEW;
	todo_add(whole);
	link_round_soon(whole->link);
}

void link_wholes_awake(struct ctl_link *link, const struct ctl_reg *reg)
{
	struct link_whole *whole = link->wholes[reg->endpoint_hash % LINK_WHOLES];

	for (; whole != NULL; whole = whole->next)
		if (is_of(whole, reg))
			whole_resume(whole);
}

void link_wholes_resume(struct ctl_link *link)
{
	for (size_t i = 0; i < LINK_WHOLES; i++) {
		struct link_whole *whole = link->wholes[i];

		for (; whole != NULL; whole = whole->next)
			whole_resume(whole);
	}
	ctl_observations_partial_each(link->ctl->observations, on_partial, link);
}

void link_wholes_clear(struct ctl_link *link)
{
	for (size_t i = 0; i < LINK_WHOLES; i++)
		while (link->wholes[i] != NULL)
			whole_free(link->wholes[i]);
}
