// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/record.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/bridge/location.h"
#include "lwm2m/coap/msg.h"

// The parts of a record's text, borrowed from a request or from an older record.
struct parts {
	const char *endpoint, *sms, *links;
	size_t endpoint_len, sms_len, params_len, links_len;
	const struct coap_msg *params_from; // request whose unknown parameters are kept; or
	const char *params;                 // those of the older record
};

static bool param_is_other(const struct coap_opt *opt)
{
	struct lwm2m_query query;

	if (opt->number != COAP_OPT_URI_QUERY)
		return false;
	lwm2m_query_split(&query, opt);
	return !lwm2m_query_is_known(&query);
}

static size_t params_measure(const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	size_t len = 0;

	while (coap_opts_next(&it, &opt))
		if (param_is_other(&opt))
			len += (size_t)opt.len + 1;
	return len;
}

static void params_copy(char *to, const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;

	while (coap_opts_next(&it, &opt)) {
		if (!param_is_other(&opt))
			continue;
		memcpy(to, opt.value, opt.len);
		to += opt.len;
		*to++ = '\0';
	}
}

// An empty part has no address; memcpy may not be given NULL.
static char *append(char *to, const char *from, size_t len)
{
	if (len > 0)
		memcpy(to, from, len);
	return to + len;
}

static struct ctl_record *assemble(const struct ctl_record *head, const struct parts *parts)
{
	size_t bytes = sizeof(*head) + parts->endpoint_len + parts->sms_len + parts->params_len +
		       parts->links_len;
	struct ctl_record *rec = malloc(bytes);
	char *to;

	if (rec == NULL)
		return NULL;
	*rec = *head;
	rec->version = CTL_RECORD_VERSION;
	rec->bytes = (uint32_t)bytes;
	rec->endpoint_len = (uint16_t)parts->endpoint_len;
	rec->sms_len = (uint16_t)parts->sms_len;
	rec->params_len = (uint32_t)parts->params_len;
	rec->links_len = (uint32_t)parts->links_len;
	to = append(rec->text, parts->endpoint, parts->endpoint_len);
	to = append(to, parts->sms, parts->sms_len);
	if (parts->params_from != NULL)
		params_copy(to, parts->params_from);
	else
		append(to, parts->params, parts->params_len);
	to = append(to + parts->params_len, parts->links, parts->links_len);
	memset(to, 0, (size_t)((char *)rec + bytes - to)); // padding of the head, at the end
	return rec;
}

static struct ctl_record *refuse(uint8_t with, const char *text, uint8_t *code, const char **why)
{
	*code = with;
	*why = text;
	return NULL;
}

static struct ctl_record *finish(const struct ctl_record *head, struct parts *parts, uint8_t *code,
				 const char **why)
{
	struct ctl_record *rec;

	if (parts->params_from != NULL)
		parts->params_len = params_measure(parts->params_from);
	rec = assemble(head, parts);
	return rec != NULL ? rec : refuse(COAP_INTERNAL_SERVER_ERROR, "out of memory", code, why);
}

struct ctl_record *ctl_record_from_named(const struct bridge_uplink *ev, const char *endpoint,
					 size_t endpoint_len, uint8_t *code, const char **why)
{
	struct lwm2m_register reg;
	struct coap_msg msg;

	if (coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK)
		return refuse(COAP_BAD_REQUEST, "not a CoAP message", code, why);
	*code = lwm2m_register_parse(&reg, &msg, why);
	if (*code != 0)
		return NULL;
	if (reg.ep == NULL) {
		reg.ep = endpoint;
		reg.ep_len = endpoint_len;
	}
	if (reg.ep == NULL || reg.ep_len == 0)
		return refuse(COAP_BAD_REQUEST, "endpoint name missing", code, why);

	struct ctl_record head = {
		.location = ev->location,
		.registered_ms = ev->wall_ms,
		.updated_ms = ev->wall_ms,
		.peer = ev->peer,
		.lifetime_s = reg.lifetime_s,
		.lwm2m_version = reg.version,
		.binding = reg.binding,
		.queue_mode = reg.queue_mode,
		.secure = ev->credential != 0,
	};
	struct parts parts = {
		.endpoint = reg.ep,
		.endpoint_len = reg.ep_len,
		.sms = reg.sms,
		.sms_len = reg.sms_len,
		.links = (const char *)msg.payload,
		.links_len = msg.payload_len,
		.params_from = &msg,
	};
	return finish(&head, &parts, code, why);
}

struct ctl_record *ctl_record_from_register(const struct bridge_uplink *ev, uint8_t *code,
					    const char **why)
{
	return ctl_record_from_named(ev, NULL, 0, code, why);
}

// Takes over what the request changes of the head (core 1.1.1 section 6.2.2).
static void head_update(struct ctl_record *head, const struct lwm2m_register *reg)
{
	if ((reg->params & LWM2M_PARAM_LT) != 0)
		head->lifetime_s = reg->lifetime_s;
	if ((reg->params & LWM2M_PARAM_BINDING) != 0) {
		head->binding = reg->binding;
		// In 1.0 queue mode is a letter of the binding, so that a binding without it ends
		// queue mode.
		if (head->lwm2m_version == 10)
			head->queue_mode = reg->queue_mode;
	}
	if ((reg->params & LWM2M_PARAM_QUEUE) != 0)
		head->queue_mode = reg->queue_mode;
}

struct ctl_record *ctl_record_from_update(const struct ctl_record *old,
					  const struct bridge_uplink *ev, uint8_t *code,
					  const char **why)
{
	struct lwm2m_register reg;
	struct coap_msg msg;
	struct ctl_record head = *old;
	struct parts parts = {
		.endpoint = ctl_record_endpoint(old),
		.endpoint_len = old->endpoint_len,
		.sms = ctl_record_sms(old),
		.sms_len = old->sms_len,
		.params = ctl_record_params(old),
		.params_len = old->params_len,
		.links = ctl_record_links(old),
		.links_len = old->links_len,
	};

	if (coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK)
		return refuse(COAP_BAD_REQUEST, "not a CoAP message", code, why);
	*code = lwm2m_update_parse(&reg, &msg, old->lwm2m_version, why);
	if (*code != 0)
		return NULL;
	head.updated_ms = ev->wall_ms;
	head.peer = ev->peer;
	head_update(&head, &reg);
	if ((reg.params & LWM2M_PARAM_SMS) != 0) {
		parts.sms = reg.sms;
		parts.sms_len = reg.sms_len;
	}
	// Parameters the enabler does not define replace the earlier ones as a whole.
	if ((reg.params & LWM2M_PARAM_OTHER) != 0)
		parts.params_from = &msg;
	if (msg.payload_len > 0) {
		parts.links = (const char *)msg.payload;
		parts.links_len = msg.payload_len;
	}
	return finish(&head, &parts, code, why);
}

int ctl_record_check(const void *block, size_t bytes)
{
	const char *text = (const char *)block + offsetof(struct ctl_record, text);
	struct ctl_record head;

	if (bytes < sizeof(head))
		return -EBADMSG;
	memcpy(&head, block, sizeof(head)); // a block on disk need not be aligned
	if (head.version != CTL_RECORD_VERSION || head.bytes != bytes)
		return -EBADMSG;
	if ((uint64_t)head.endpoint_len + head.sms_len + head.params_len + head.links_len !=
	    bytes - sizeof(head))
		return -EBADMSG;
	if (head.endpoint_len == 0 || head.endpoint_len > LWM2M_ENDPOINT_MAX)
		return -EBADMSG;
	if (head.location >> BRIDGE_LOCATION_BITS != 0 || head.lwm2m_version < 10 ||
	    head.lwm2m_version > 11)
		return -EBADMSG;
	if (head.params_len > 0 &&
	    text[(size_t)head.endpoint_len + head.sms_len + head.params_len - 1] != '\0')
		return -EBADMSG;
	return 0;
}

void ctl_location_text(uint64_t location, char text[static 10])
{
	bridge_location_encode(location, text);
	text[BRIDGE_LOCATION_CHARS] = '\0';
}
