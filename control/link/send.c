// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Send (LwM2M core 1.1.1 section 6.4.7, transport 1.1.1 table 6.7-4): values that nobody asked for.
// The request says what, never who: that is known by the address it came from.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/link/exchanges.h"
#include "control/link/values.h"
#include "control/metrics.h"
#include "control/observe/registered.h"
#include "control/store/outbox.h"

struct link_send {
	struct link_send *next;
	uint32_t worker;
	struct bridge_uplink event; // coap[] follows
};

static enum link_verdict refuse(struct link_refusal *refusal, uint8_t code,
				enum bridge_reason reason)
{
	ctl_counters.sends_refused++;
	*refusal = (struct link_refusal){code, reason};
	return LINK_REFUSED;
}

// Objects in a row are the rule, so that each is looked up once. -ENOMEM when memory is out.
static int are_registered(const struct ctl_record *record, const struct lwm2m_pack *pack, bool *all)
{
	struct lwm2m_path last = {.depth = 0};
	struct ctl_registered registered;

	if (ctl_registered_init(&registered, record) != 0)
		return -ENOMEM;
	*all = true;
	for (const struct lwm2m_entry *entry = pack->first; *all && entry != NULL;
	     entry = entry->next) {
		struct lwm2m_path path = entry->path;

		path.depth = path.depth > 2 ? 2 : path.depth;
		if (path.depth == last.depth && path.ids[0] == last.ids[0] &&
		    path.ids[1] == last.ids[1])
			continue;
		*all = ctl_registered_has(&registered, &path);
		last = path;
	}
	ctl_registered_fini(&registered);
	return 0;
}

// To a depth: at 3 resources, 1 objects. Entries in a row are of the same one as a rule. False when
// there are too many.
static bool paths_list(const struct lwm2m_pack *pack, uint8_t depth,
		       struct lwm2m_path paths[static CTL_OUTBOX_PATHS_MAX], uint32_t *count)
{
	*count = 0;
	for (const struct lwm2m_entry *entry = pack->first; entry != NULL; entry = entry->next) {
		struct lwm2m_path path = entry->path;

		path.depth = path.depth > depth ? depth : path.depth;
		if (*count > 0 && lwm2m_path_within(&path, &paths[*count - 1]))
			continue;
		if (*count == CTL_OUTBOX_PATHS_MAX)
			return false;
		paths[(*count)++] = path;
	}
	return true;
}

// What was sent, in as much detail as there is room for; 0: who cares for paths hears of it, too.
static uint32_t paths_of(const struct lwm2m_pack *pack,
			 struct lwm2m_path paths[static CTL_OUTBOX_PATHS_MAX])
{
	uint32_t count;

	for (uint8_t depth = 3; depth >= 1; depth--)
		if (paths_list(pack, depth, paths, &count))
			return count;
	return 0;
}

static int tell(struct ctl_link *link, struct ctl_reg *reg, const struct bridge_uplink *ev,
		const struct coap_msg *msg, uint32_t format, const struct link_values *values)
{
	const struct ctl_record *record = reg->record;
	struct json_out *out = ctl_group_text(link->group);
	struct lwm2m_path paths[CTL_OUTBOX_PATHS_MAX];
	struct ctl_group_values event = {
		.type = CTL_SEND,
		.reg = reg,
		.wall_ms = ev->wall_ms,
		.start = out->len,
		.raw = msg->payload,
		.raw_len = msg->payload_len,
		.format = format,
		.paths = paths,
		.paths_count = paths_of(&values->pack, paths),
	};

	json_out_literal(out, "{\"ep\":");
	json_out_text(out, ctl_record_endpoint(record), record->endpoint_len);
	json_out_literal(out, ",\"val\":");
	link_values_tree_out(out, values->node);
	json_out_literal(out, "}");
	event.middle = out->len;
	link_values_more_out(out, record, values, ev->wall_ms);
	return ctl_group_values(link->group, &event);
}

static enum link_verdict apply(struct ctl_link *link, struct ctl_reg *reg,
			       const struct bridge_uplink *ev, struct link_refusal *refusal,
			       int *rc)
{
	struct link_values values;
	struct coap_msg msg;
	int64_t format;
	bool all;

	if (coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK)
		return LINK_MALFORMED;
	format = link_values_format(&msg);
	if (format != LWM2M_FORMAT_SENML_JSON && format != LWM2M_FORMAT_SENML_CBOR)
		return refuse(refusal, COAP_UNSUPPORTED_CONTENT_FORMAT, BRIDGE_REASON_FORMAT);
	if (!link_values_pack(link, reg, format, &msg, &values, rc))
		return *rc != 0 ? LINK_DONE
				: refuse(refusal, COAP_BAD_REQUEST, BRIDGE_REASON_PAYLOAD);
	*rc = are_registered(reg->record, &values.pack, &all);
	if (*rc != 0)
		return LINK_DONE;
	if (!all)
		return refuse(refusal, COAP_NOT_FOUND, BRIDGE_REASON_OBJECT);
	ctl_counters.sends++;
	*rc = tell(link, reg, ev, &msg, (uint32_t)format, &values);
	return LINK_DONE;
}

// With a location, as of a session that DTLS tells, it is that device's.
static struct ctl_reg *sender(const struct ctl_link *link, const struct bridge_uplink *ev)
{
	if (ev->location != 0)
		return ctl_registry_by_location(link->ctl->registry, ev->location);
	return ctl_registry_by_address(link->ctl->registry, &ev->peer);
}

enum link_verdict link_on_send(struct ctl_link *link, uint32_t worker,
			       const struct bridge_uplink *ev, struct link_refusal *refusal,
			       int *rc)
{
	size_t len = sizeof(*ev) + ev->coap_len;
	struct ctl_reg *reg = sender(link, ev);
	struct link_send *send;

	if (reg != NULL)
		return apply(link, reg, ev, refusal, rc);
	send = malloc(offsetof(struct link_send, event) + len);
	if (send == NULL)
		return refuse(refusal, COAP_INTERNAL_SERVER_ERROR, BRIDGE_REASON_NONE);
	send->next = NULL;
	send->worker = worker;
	memcpy(&send->event, ev, len);
	*link->sends_end = send;
	link->sends_end = &send->next;
	return LINK_LATER;
}

static int retry(struct ctl_link *link, const struct link_send *send)
{
	struct link_refusal refusal = {.reason = BRIDGE_REASON_NONE};
	struct ctl_reg *reg = sender(link, &send->event);
	enum link_verdict verdict;
	int rc = 0;

	if (reg != NULL)
		verdict = apply(link, reg, &send->event, &refusal, &rc);
	else
		verdict = refuse(&refusal, COAP_BAD_REQUEST, BRIDGE_REASON_NOT_REGISTERED);
	if (verdict == LINK_MALFORMED) {
		ctl_counters.bridge_errors++;
		refusal.code = COAP_INTERNAL_SERVER_ERROR;
	}
	if (rc == 0 && verdict == LINK_DONE) {
		link_repeated_note(link, link_exchanges_hash(ctl_group_exchanges(link->group),
							     &send->event.peer, send->event.coap,
							     send->event.coap_len));
	} else if (rc == 0) {
		ctl_counters.events_rejected++;
		link_reject(link, send->worker, send->event.record.seq, &refusal);
	}
	if (rc == 0 && link_is_memory(link, BRIDGE_EV_SEND))
		link_settle(link, send->worker, send->event.record.seq);
	return rc;
}

int link_sends_retry(struct ctl_link *link)
{
	int rc = 0;

	for (struct link_send *send = link->sends; rc == 0 && send != NULL; send = send->next)
		rc = retry(link, send);
	link_sends_drop(link);
	return rc;
}

void link_sends_drop(struct ctl_link *link)
{
	struct link_send *send;

	while ((send = link->sends) != NULL) {
		link->sends = send->next;
		free(send);
	}
	link->sends_end = &link->sends;
}
