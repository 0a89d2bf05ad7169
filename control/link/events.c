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

#include "control/downlink.h"
#include "control/link/state.h"
#include "control/log.h"
#include "control/metrics.h"
#include "control/registry.h"

LOG_TYPE("link");

#define WALL_MS_MAX 253402300800000u // the year 10000: more cannot be told in RFC 3339

struct link_response {
	struct link_response *next;
	uint32_t len;
	struct bridge_response event; // coap[] follows
};

// How an event ended: REFUSED carries the code in *code.
enum verdict { DONE, MALFORMED, REFUSED };

static bool location_ok(const struct ctl_link *link, uint32_t worker, uint64_t location)
{
	return location >> BRIDGE_LOCATION_BITS == 0 && link_worker_of(link, location) == worker;
}

static bool registration_ok(const struct ctl_link *link, uint32_t worker,
			    const struct bridge_uplink *ev, uint32_t len)
{
	return len >= sizeof(*ev) && ev->coap_len <= len - sizeof(*ev) &&
	       ev->wall_ms < WALL_MS_MAX && location_ok(link, worker, ev->location);
}

static enum verdict on_register(struct ctl_link *link, const struct bridge_uplink *ev,
				uint8_t *code, int *rc)
{
	const char *why;
	struct ctl_record *record = ctl_record_from_register(ev, code, &why);
	struct ctl_reg *holder;

	if (record == NULL)
		return REFUSED;
	holder = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (holder != NULL && (holder->record->endpoint_len != record->endpoint_len ||
			       memcmp(ctl_record_endpoint(holder->record),
				      ctl_record_endpoint(record), record->endpoint_len) != 0)) {
		free(record);
		return MALFORMED; // two live registrations with one location
	}
	*rc = ctl_group_register(link->group, record);
	return DONE;
}

static enum verdict on_update(struct ctl_link *link, struct ctl_reg *reg,
			      const struct bridge_uplink *ev, uint8_t *code, int *rc)
{
	const char *why;
	struct lwm2m_register update;
	struct coap_msg msg;
	struct ctl_record *record = ctl_record_from_update(reg->record, ev, code, &why);

	if (record == NULL)
		return REFUSED;
	// Both were looked at just now; this time for what the request carried.
	if (coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK ||
	    lwm2m_update_parse(&update, &msg, record->lwm2m_version, &why) != 0) {
		free(record);
		return MALFORMED;
	}
	*rc = ctl_group_update(link->group, reg, record, update.params, msg.payload_len > 0);
	return DONE;
}

static enum verdict on_registration(struct ctl_link *link, uint32_t worker,
				    const struct bridge_uplink *ev, uint32_t len, uint8_t *code,
				    int *rc)
{
	struct ctl_reg *reg;

	if (!registration_ok(link, worker, ev, len))
		return MALFORMED;
	if (ev->record.type == BRIDGE_EV_REGISTER)
		return on_register(link, ev, code, rc);
	// A De-register or Update may race with what ended the registration: then it is done
	// already.
	reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (reg == NULL)
		return DONE;
	if (ev->record.type == BRIDGE_EV_UPDATE)
		return on_update(link, reg, ev, code, rc);
	*rc = ctl_group_deregister(link->group, reg, ev->wall_ms,
				   ev->record.type == BRIDGE_EV_EXPIRE ? CTL_REASON_EXPIRED
								       : CTL_REASON_DEREGISTERED);
	return DONE;
}

static enum verdict on_touch(struct ctl_link *link, uint32_t worker, const struct bridge_touch *ev,
			     uint32_t len, int *rc)
{
	struct ctl_reg *reg;

	if (len < sizeof(*ev) || ev->wall_ms >= WALL_MS_MAX ||
	    !location_ok(link, worker, ev->location))
		return MALFORMED;
	reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (reg != NULL)
		*rc = ctl_group_touch(link->group, reg, &ev->peer, ev->wall_ms);
	return DONE;
}

// Kept until the group is committed: a callback must not see what is not on disk yet.
static enum verdict on_response(struct ctl_link *link, uint32_t worker,
				const struct bridge_response *ev, uint32_t len)
{
	struct link_response *response;

	if (len < sizeof(*ev) || ev->coap_len > len - sizeof(*ev) || ev->result > BRIDGE_INVALID ||
	    !location_ok(link, worker, ev->location))
		return MALFORMED;
	response = malloc(offsetof(struct link_response, event) + len);
	if (response == NULL)
		return DONE; // like a lost datagram: the request times out
	response->next = NULL;
	response->len = len;
	memcpy(&response->event, ev, len);
	*link->responses_end = response;
	link->responses_end = &response->next;
	return DONE;
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

static bool is_promise(uint16_t type)
{
	return type >= BRIDGE_EV_REGISTER && type <= BRIDGE_EV_EXPIRE;
}

// One event, in the scratch memory. 0, or -errno when the group must be aborted.
static int event_apply(struct ctl_link *link, uint32_t worker, uint32_t len)
{
	struct bridge_record *record = (struct bridge_record *)link->scratch;
	enum verdict verdict = MALFORMED;
	uint8_t code = 0;
	int rc = 0;

	record->len = len;
	ctl_counters.events_received++;
	if (is_promise(record->type) && record->seq > link->taken[worker])
		verdict = on_registration(link, worker, (struct bridge_uplink *)record, len, &code,
					  &rc);
	else if (record->type == BRIDGE_EV_TOUCH)
		verdict = on_touch(link, worker, (struct bridge_touch *)record, len, &rc);
	else if (record->type == BRIDGE_EV_RESPONSE)
		verdict = on_response(link, worker, (struct bridge_response *)record, len);
	if (rc != 0)
		return rc;
	if (verdict == MALFORMED) {
		malformed(link, worker, record);
		code = COAP_INTERNAL_SERVER_ERROR;
	}
	if (verdict != DONE)
		ctl_counters.events_rejected++;
	if (record->seq > link->taken[worker]) {
		link->taken[worker] = record->seq;
		if (verdict != DONE)
			link_reject(link, worker, record->seq, code);
	}
	return 0;
}

int link_events_take(struct ctl_link *link, uint32_t worker, uint32_t max)
{
	struct bridge_ring *ring = &link->seg.channels[worker].events;
	const struct bridge_record *record;
	uint32_t len, count = 0;
	int rc = 0;

	while (rc == 0 && count < max && (record = bridge_ring_peek(ring, &len)) != NULL) {
		memcpy(link->scratch, record, len);
		rc = event_apply(link, worker, len);
		count++;
	}
	bridge_ring_release(ring);
	return rc != 0 ? rc : (int)count;
}

void link_responses_deliver(struct ctl_link *link)
{
	struct link_response *response;

	while ((response = link->responses) != NULL) {
		const struct bridge_response *ev = &response->event;

		link->responses = response->next;
		if (link->responses == NULL)
			link->responses_end = &link->responses;
		ctl_downlink_on_response(link->ctl->downlink, ev->location, ev->request_id,
					 ev->result, ev->coap, ev->coap_len);
		free(response);
	}
}

void link_responses_drop(struct ctl_link *link)
{
	struct link_response *response;

	while ((response = link->responses) != NULL) {
		link->responses = response->next;
		free(response);
	}
	link->responses_end = &link->responses;
}
