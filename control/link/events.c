// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Events from the dataplane. Each is copied out of shared memory before it is looked at, and
// everything about it is checked: the other process may be old, mad or half dead. What is malformed
// is counted and refused; it stops nothing.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/downlink.h"
#include "control/link/whole.h"
#include "control/log.h"
#include "control/metrics.h"
#include "control/observe/observations.h"
#include "control/registry.h"
#include "control/security/credentials.h"

LOG_TYPE("link");

struct link_response {
	struct link_response *next;
	uint32_t len;
	struct bridge_response event; // coap[] follows
};

static bool location_ok(const struct ctl_link *link, uint32_t worker, uint64_t location)
{
	return location >> BRIDGE_LOCATION_BITS == 0 && link_worker_of(link, location) == worker;
}

// What is wrong is not said: a stranger could learn names or identities from it.
static struct ctl_record *forbid(struct ctl_record *record, uint8_t *code)
{
	free(record);
	ctl_counters.registrations_forbidden++;
	*code = COAP_FORBIDDEN;
	return NULL;
}

// The record of a device that is who it says: one with a credential comes with it, by DTLS, under
// its own name; one without comes in the clear. NULL with the code.
static struct ctl_record *identified(struct ctl_link *link, const struct bridge_uplink *ev,
				     uint8_t *code)
{
	const struct ctl_credentials *credentials = link->ctl->credentials;
	const struct ctl_credential *credential = NULL;
	struct ctl_record *record;
	const char *why;

	if (ev->credential != 0) {
		credential = ctl_credentials_by_id(credentials, ev->credential);
		if (credential == NULL) // just taken away
			return forbid(NULL, code);
		record = ctl_record_from_named(ev, ctl_credential_endpoint(credential),
					       credential->endpoint_len, code, &why);
	} else {
		record = ctl_record_from_register(ev, code, &why);
	}
	if (record == NULL || ctl_credentials_of(credentials, ctl_record_endpoint(record),
						 record->endpoint_len) == credential)
		return record;
	return forbid(record, code);
}

static enum link_verdict on_register(struct ctl_link *link, uint32_t worker,
				     const struct bridge_uplink *ev, uint8_t *code, int *rc)
{
	struct ctl_record *record = identified(link, ev, code);
	struct ctl_reg *holder;

	if (record == NULL)
		return LINK_REFUSED;
	holder = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (holder != NULL && (holder->record->endpoint_len != record->endpoint_len ||
			       memcmp(ctl_record_endpoint(holder->record),
				      ctl_record_endpoint(record), record->endpoint_len) != 0)) {
		free(record);
		return LINK_MALFORMED; // two live registrations with one location
	}
	if ((ev->record.flags & 1) != 0 &&
	    !link_named(link, worker, ev->record.seq, ctl_record_endpoint(record),
			record->endpoint_len)) {
		free(record);
		*code = COAP_SERVICE_UNAVAILABLE;
		return LINK_REFUSED;
	}
	*rc = ctl_group_register(link->group, record);
	return LINK_DONE;
}

static enum link_verdict on_update(struct ctl_link *link, struct ctl_reg *reg,
				   const struct bridge_uplink *ev, uint8_t *code, int *rc)
{
	const char *why;
	struct lwm2m_register update;
	struct coap_msg msg;
	struct ctl_record *record = ctl_record_from_update(reg->record, ev, code, &why);

	if (record == NULL)
		return LINK_REFUSED;
	// Both were looked at just now; this time for what the request carried.
	if (coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK ||
	    lwm2m_update_parse(&update, &msg, record->lwm2m_version, &why) != 0) {
		free(record);
		return LINK_MALFORMED;
	}
	*rc = ctl_group_update(link->group, reg, record, update.params, msg.payload_len > 0);
	return LINK_DONE;
}

static enum link_verdict on_registration(struct ctl_link *link, uint32_t worker,
					 const struct bridge_uplink *ev, uint32_t len,
					 uint8_t *code, int *rc)
{
	struct ctl_reg *reg;

	if (!link_uplink_ok(ev, len) || !location_ok(link, worker, ev->location))
		return LINK_MALFORMED;
	if (ev->record.type == BRIDGE_EV_REGISTER)
		return on_register(link, worker, ev, code, rc);
	// It may race with what ended the registration: then it is done already. But an Update of
	// none, as with a store that was emptied, must make the device register.
	reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (reg == NULL && ev->record.type == BRIDGE_EV_UPDATE) {
		link_unknown(link, worker, ev->location);
		*code = COAP_NOT_FOUND;
		return LINK_REFUSED;
	}
	// Of a session that the worker lost with a restart it is what one never heard of.
	if (reg == NULL && ev->record.type == BRIDGE_EV_DEREGISTER && (ev->record.flags & 1)) {
		*code = COAP_NOT_FOUND;
		return LINK_REFUSED;
	}
	if (reg == NULL)
		return LINK_DONE;
	if (ev->record.type == BRIDGE_EV_UPDATE)
		return on_update(link, reg, ev, code, rc);
	*rc = link_wholes_gone(link, reg);
	if (*rc != 0)
		return LINK_DONE;
	*rc = ctl_group_deregister(link->group, reg, ev->wall_ms,
				   ev->record.type == BRIDGE_EV_EXPIRE ? CTL_REASON_EXPIRED
								       : CTL_REASON_DEREGISTERED);
	return LINK_DONE;
}

static enum link_verdict on_touch(struct ctl_link *link, uint32_t worker,
				  const struct bridge_touch *ev, uint32_t len, int *rc)
{
	struct ctl_reg *reg;

	if (len < sizeof(*ev) || ev->wall_ms >= LINK_WALL_MS_MAX ||
	    !location_ok(link, worker, ev->location))
		return LINK_MALFORMED;
	reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (reg != NULL)
		*rc = ctl_group_touch(link->group, reg, &ev->peer, ev->wall_ms);
	else
		link_unknown(link, worker, ev->location);
	return LINK_DONE;
}

static uint64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

// What a device agreed to observe is on disk before anybody hears of it.
static void observation_apply(struct ctl_link *link, const struct bridge_response *ev)
{
	struct ctl_reg *reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	struct coap_msg msg;

	if (reg == NULL || ev->result != BRIDGE_ANSWERED ||
	    coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK)
		return;
	if (ctl_observations_is_token(&msg))
		ctl_observations_answered(link->ctl->observations, reg, &msg, wall_us());
}

// Kept until the round is committed: a callback must not see what is not on disk yet.
static enum link_verdict on_response(struct ctl_link *link, uint32_t worker,
				     const struct bridge_response *ev, uint32_t len)
{
	struct link_response *response;

	if (len < sizeof(*ev) || ev->coap_len > len - sizeof(*ev) || ev->result > BRIDGE_INVALID ||
	    !location_ok(link, worker, ev->location))
		return LINK_MALFORMED;
	response = malloc(offsetof(struct link_response, event) + len);
	if (response == NULL)
		return LINK_DONE; // like a lost datagram: the request times out
	response->next = NULL;
	response->len = len;
	memcpy(&response->event, ev, len);
	*link->responses_end = response;
	link->responses_end = &response->next;
	observation_apply(link, ev);
	return LINK_DONE;
}

static void malformed(struct ctl_link *link, uint32_t worker, const struct bridge_record *record)
{
	ctl_counters.bridge_errors++;
	if (link->malformed_logged)
		return;
	link->malformed_logged = true;
	LOG(error,
	    "event of worker %" PRIu32 ", malformed (type %u, %" PRIu32 " bytes); "
	    "further ones are only counted",
	    worker, record->type, record->len);
}

bool link_is_memory(const struct ctl_link *link, uint16_t event)
{
	const struct config_durabilities *each = &link->ctl->cfg->durability;

	switch ((enum bridge_event)event) {
	case BRIDGE_EV_REGISTER:
		return each->registration == CONFIG_DURABILITY_MEMORY;
	case BRIDGE_EV_UPDATE:
		return each->update == CONFIG_DURABILITY_MEMORY;
	case BRIDGE_EV_DEREGISTER:
	case BRIDGE_EV_EXPIRE:
		return each->deregistration == CONFIG_DURABILITY_MEMORY;
	case BRIDGE_EV_SEND:
		return each->send == CONFIG_DURABILITY_MEMORY;
	case BRIDGE_EV_NOTIFY:
		return each->notification == CONFIG_DURABILITY_MEMORY;
	default:
		return false;
	}
}

static enum link_verdict promise_apply(struct ctl_link *link, uint32_t worker,
				       const struct bridge_uplink *ev, uint32_t len,
				       struct link_refusal *refusal, int *rc)
{
	if (ev->record.type != BRIDGE_EV_NOTIFY && ev->record.type != BRIDGE_EV_SEND)
		return on_registration(link, worker, ev, len, &refusal->code, rc);
	if (ev->record.type == BRIDGE_EV_SEND)
		return link_on_send(link, worker, ev, refusal, rc);
	if (!location_ok(link, worker, ev->location))
		return LINK_MALFORMED;
	return link_on_notify(link, ev, refusal, rc);
}

static enum link_verdict on_promise(struct ctl_link *link, uint32_t worker,
				    const struct link_event *event, struct link_refusal *refusal,
				    int *rc)
{
	const struct bridge_uplink *ev = (const struct bridge_uplink *)event->record;
	enum link_verdict verdict;

	if (!link_uplink_ok(ev, event->len))
		return LINK_MALFORMED;
	if (link_is_repeated(link, ev, event->exchange, refusal))
		return LINK_REPEATED;
	verdict = promise_apply(link, worker, ev, event->len, refusal, rc);
	if (*rc == 0 && verdict == LINK_DONE)
		link_repeated_note(link, event->exchange);
	return verdict;
}

// 0 or -ENOMEM.
static int event_apply(struct ctl_link *link, uint32_t worker, const struct link_event *event)
{
	struct bridge_record *record = event->record;
	struct link_refusal refusal = {.reason = BRIDGE_REASON_NONE};
	enum link_verdict verdict = LINK_MALFORMED;
	uint32_t len = event->len;
	int rc = 0;

	ctl_counters.events_received++;
	if (link_is_promise(record->type) && record->seq > link->taken[worker])
		verdict = on_promise(link, worker, event, &refusal, &rc);
	else if (record->type == BRIDGE_EV_TOUCH)
		verdict = on_touch(link, worker, (struct bridge_touch *)record, len, &rc);
	else if (record->type == BRIDGE_EV_TRACE)
		verdict = link_on_trace(link, (struct bridge_trace *)record, len, &rc);
	else if (record->type == BRIDGE_EV_CREDENTIAL_QUERY)
		verdict = link_on_credential_query(link, worker,
						   (struct bridge_credential_query *)record, len);
	else if (record->type == BRIDGE_EV_DTLS_SAVE && record->seq > link->taken[worker])
		verdict = link_on_dtls_save(link, worker, (struct bridge_dtls_save *)record, len);
	else if (record->type == BRIDGE_EV_DTLS_END)
		verdict = link_on_dtls_end(link, worker, (struct bridge_dtls_session *)record, len);
	else if (record->type == BRIDGE_EV_RESPONSE)
		verdict = on_response(link, worker, (struct bridge_response *)record, len);
	if (rc != 0)
		return rc;
	if (verdict == LINK_MALFORMED) {
		malformed(link, worker, record);
		refusal.code = COAP_INTERNAL_SERVER_ERROR;
	}
	if (verdict == LINK_MALFORMED || verdict == LINK_REFUSED)
		ctl_counters.events_rejected++;
	if (record->seq > link->taken[worker]) {
		link->taken[worker] = record->seq;
		link->round_events++;
		if (verdict == LINK_MALFORMED || verdict == LINK_REFUSED)
			link_reject(link, worker, record->seq, &refusal);
		else if (verdict == LINK_REPEATED)
			link_repeated(link, worker, record->seq, refusal.location);
		if (verdict != LINK_LATER && link_is_memory(link, record->type))
			link_settle(link, worker, record->seq);
	}
	return 0;
}

int link_events_take(struct ctl_link *link, uint32_t worker, uint32_t max)
{
	struct bridge_ring *ring = &link->seg.channels[worker].events;
	uint32_t count = 0;
	unsigned taken;
	int rc = 0;

	while (rc == 0 && (taken = link_ahead_take(link, ring, max - count)) > 0) {
		for (unsigned i = 0; rc == 0 && i < taken; i++)
			rc = event_apply(link, worker, &link->ahead.events[i]);
		count += taken;
	}
	bridge_ring_release(ring);
	return rc != 0 ? rc : (int)count;
}

void link_responses_deliver(struct ctl_link *link, struct link_response *response)
{
	struct link_response *next;

	for (; response != NULL; response = next) {
		const struct bridge_response *ev = &response->event;

		next = response->next;
		ctl_downlink_on_response(link->ctl->downlink, ev->location, ev->request_id,
					 ev->result, ev->coap, ev->coap_len);
		free(response);
	}
}

void link_responses_free(struct link_response *response)
{
	struct link_response *next;

	for (; response != NULL; response = next) {
		next = response->next;
		free(response);
	}
}

struct link_response *link_responses_take(struct ctl_link *link)
{
	struct link_response *responses = link->responses;

	link->responses = NULL;
	link->responses_end = &link->responses;
	return responses;
}
