// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Notifications (RFC 7641 section 3.2, LwM2M core 1.1.1 section 6.4.2). One that nobody observes is
// refused with RST, which ends the observation in the device; every other one is acknowledged, also
// when it is late or its payload makes no sense: sending it again would not help.
#include <inttypes.h>
#include <string.h>

#include "control/json/node_out.h"
#include "control/json/response_json.h"
#include "control/link/notify.h"
#include "control/link/values.h"
#include "control/link/whole.h"
#include "control/log.h"
#include "control/metrics.h"
#include "control/observe/order.h"
#include "control/store/outbox.h"
#include "control/transfer.h"

LOG_TYPE("notification");

#define COMPLAINT_MS 10000u // between two log lines about payloads

void link_notification_complain(const struct link_notification *n, const char *why)
{
	const struct ctl_record *record = n->reg->record;
	struct ctl_link *link = n->link;
	uint64_t now_ms = uv_now(link->ctl->loop);
	char path[LWM2M_PATH_TEXT_MAX];

	ctl_counters.notifications_undecodable++;
	if (link->complained_ms != 0 && now_ms < link->complained_ms + COMPLAINT_MS) {
		link->complaints++;
		return;
	}
	lwm2m_path_format(&n->observation->paths[0], path);
	LOG(warning, "%.*s %s%s, cannot be decoded (%s; %" PRIu64 " more before)",
	    (int)record->endpoint_len, ctl_record_endpoint(record), path,
	    n->observation->composite ? " and others" : "", why, link->complaints);
	link->complained_ms = now_ms;
	link->complaints = 0;
}

static void head_out(const struct link_notification *n, struct json_out *out)
{
	const struct ctl_record *record = n->reg->record;

	json_out_literal(out, "{\"ep\":");
	json_out_text(out, ctl_record_endpoint(record), record->endpoint_len);
	if (n->observation->composite) {
		json_out_literal(out, ",\"kind\":\"composite\",\"val\":");
		return;
	}
	json_out_literal(out, ",\"kind\":\"single\",\"res\":");
	node_out_path(out, &n->observation->paths[0]);
	json_out_literal(out, ",\"val\":");
}

// Every path that was asked for, whether the device has it or not.
static void composite_out(const struct link_notification *n, struct lwm2m_node *root,
			  struct json_out *out)
{
	const struct ctl_observation *observation = n->observation;

	for (uint32_t i = 0; i < observation->paths_count; i++) {
		const struct lwm2m_node *node = lwm2m_tree_find(root, &observation->paths[i]);

		json_out_bytes(out, i == 0 ? "{" : ",", 1);
		node_out_path(out, &observation->paths[i]);
		json_out_literal(out, ":");
		if (node != NULL)
			node_out(out, node);
		else
			json_out_literal(out, "null");
	}
	json_out_literal(out, "}");
}

// What went wrong, and what the device sent, so that nothing is lost of it.
static void error_out(const struct link_notification *n, const char *why, struct json_out *out)
{
	json_out_literal(out, "null,\"error\":");
	json_out_text(out, why, strlen(why));
	if (n->msg.payload_len == 0)
		return;
	json_out_literal(out, ",\"raw\":{\"contentFormat\":");
	if (n->format >= 0)
		json_out_unsigned(out, (uint64_t)n->format);
	else
		json_out_literal(out, "null");
	json_out_literal(out, ",\"payload\":");
	json_out_base64(out, n->msg.payload, n->msg.payload_len);
	json_out_literal(out, "}");
}

static void tail_out(const struct link_notification *n, struct json_out *out)
{
	const struct ctl_observation *observation = n->observation;

	if (observation->composite) {
		json_out_literal(out, ",\"paths\":[");
		for (uint32_t i = 0; i < observation->paths_count; i++) {
			if (i > 0)
				json_out_literal(out, ",");
			node_out_path(out, &observation->paths[i]);
		}
		json_out_literal(out, "]");
	}
	json_out_literal(out, "}");
}

int link_notification_tell(struct link_notification *n, const char *why)
{
	const struct ctl_observation *observation = n->observation;
	struct ctl_group *group = n->link->group;
	struct json_out *out = ctl_group_text(group);
	struct link_values values = {.why = why};
	struct ctl_group_values event = {
		.type = CTL_NOTIFICATION,
		.reg = n->reg,
		.wall_ms = n->wall_ms,
		.start = out->len,
		.format = n->format >= 0 ? (uint32_t)n->format : CTL_OUTBOX_NO_FORMAT,
		.late = n->late,
		.paths = observation->paths,
		.paths_count = observation->paths_count,
	};
	bool ok = false;
	int rc = 0;

	if (why == NULL && observation->composite)
		ok = link_values_pack(n->link, n->reg, n->format, &n->msg, &values, &rc);
	else if (why == NULL)
		ok = link_values_single(n->link, n->reg, n->format, &observation->paths[0], &n->msg,
					&values, &rc);
	if (rc != 0)
		return rc;
	if (!ok && why == NULL)
		link_notification_complain(n, values.why);
	head_out(n, out);
	if (!ok)
		error_out(n, values.why, out);
	else if (observation->composite)
		composite_out(n, values.node, out);
	else
		node_out(out, values.node);
	if (ok) { // else the event itself carries it
		event.raw = n->msg.payload;
		event.raw_len = n->msg.payload_len;
	}
	tail_out(n, out);
	event.middle = out->len;
	link_values_more_out(out, n->reg->record, &values, n->wall_ms);
	return ctl_group_values(group, &event);
}

static int tell(struct link_notification *n, const char *why)
{
	link_whole_supersede(n);
	return link_notification_tell(n, why);
}

// Of a value that does not fit a datagram a notification has the first block (RFC 7959 section
// 2.6): a piece must not be taken for the whole.
static int tell_content(struct link_notification *n)
{
	if (ctl_transfer_is_partial(&n->msg))
		return link_whole_begin(n, CTL_OBSERVATION_PARTIAL);
	return tell(n, NULL);
}

static void end(struct link_notification *n)
{
	ctl_observations_ended(n->link->ctl->observations, n->reg, n->observation);
}

// Who notifies has agreed, also when the answer was lost, or came after its request was given up
// and is taken for a notification.
static void agree(struct link_notification *n)
{
	if (n->observation->state == CTL_OBSERVATION_PENDING && n->msg.code == COAP_CONTENT)
		ctl_observations_answered(n->link->ctl->observations, n->reg, &n->msg,
					  n->wall_ms * 1000);
}

// Any answer but a success with the Observe option is the last one, RFC 7641 section 4.2.
static int apply(struct link_notification *n)
{
	struct ctl_observation *observation = n->observation;
	char status[CTL_STATUS_MAX];
	struct coap_opt opt;
	uint32_t sequence;
	int rc;

	ctl_status_text(n->msg.code, status);
	if (COAP_CODE_CLASS(n->msg.code) != 2) {
		rc = tell(n, status);
		end(n);
		return rc;
	}
	if (!coap_msg_find_opt(&n->msg, COAP_OPT_OBSERVE, &opt) || !coap_opt_length_ok(&opt) ||
	    !coap_opt_uint(&opt, &sequence)) {
		if (ctl_transfer_is_partial(&n->msg))
			return link_whole_begin(n, CTL_OBSERVATION_PARTIAL_LAST);
		rc = tell(n, NULL);
		end(n);
		return rc;
	}
	if (!ctl_observe_is_newer(observation->sequence, observation->heard_us, sequence,
				  n->wall_ms * 1000)) {
		ctl_counters.notifications_stale++;
		return 0;
	}
	agree(n);
	observation->sequence = sequence;
	observation->heard_us = n->wall_ms * 1000;
	return tell_content(n);
}

enum link_verdict link_on_notify(struct ctl_link *link, const struct bridge_uplink *ev,
				 struct link_refusal *refusal, int *rc)
{
	struct link_notification n = {.link = link, .wall_ms = ev->wall_ms};

	if (coap_msg_parse(&n.msg, ev->coap, ev->coap_len) != COAP_OK ||
	    COAP_CODE_CLASS(n.msg.code) < 2)
		return LINK_MALFORMED;
	n.reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	if (n.reg != NULL)
		n.observation = ctl_observation_heard(link->ctl->observations, n.reg, &n.msg);
	if (n.observation == NULL) {
		ctl_counters.notifications_unknown++;
		*refusal = (struct link_refusal){0, BRIDGE_REASON_NONE};
		return LINK_REFUSED;
	}
	ctl_counters.notifications++;
	n.format = link_values_format(&n.msg);
	*rc = apply(&n);
	return LINK_DONE;
}
