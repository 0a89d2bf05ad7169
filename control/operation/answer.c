// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/operation/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "control/json/json_text.h"
#include "control/json/links_json.h"
#include "control/json/node_json.h"
#include "control/json/response_json.h"
#include "lwm2m/core/link.h"

// What an answer holds beside its status.
enum content { CONTENT_NONE, CONTENT_NODE, CONTENT_NODES, CONTENT_LINKS, CONTENT_LOCATION };

static enum content content_of(const struct ctl_operation *op, uint8_t code)
{
	switch ((enum ctl_operation_kind)op->kind) {
	case CTL_READ:
	case CTL_OBSERVE:
	case CTL_OBSERVE_CANCEL:
		return code == COAP_CONTENT ? CONTENT_NODE : CONTENT_NONE;
	case CTL_READ_COMPOSITE:
	case CTL_OBSERVE_COMPOSITE:
	case CTL_OBSERVE_COMPOSITE_CANCEL:
		return code == COAP_CONTENT ? CONTENT_NODES : CONTENT_NONE;
	case CTL_DISCOVER:
		return code == COAP_CONTENT ? CONTENT_LINKS : CONTENT_NONE;
	case CTL_CREATE:
		return code == COAP_CREATED ? CONTENT_LOCATION : CONTENT_NONE;
	case CTL_WRITE_REPLACE:
	case CTL_WRITE_PARTIAL:
	case CTL_WRITE_ATTRIBUTES:
	case CTL_EXECUTE:
	case CTL_DELETE_INSTANCE:
	case CTL_WRITE_COMPOSITE:
	case CTL_OPERATION_KINDS:
		break;
	}
	return CONTENT_NONE;
}

// Without an option only a single value can be meant, and text is what RFC 7252 section 5.5.1 has
// devices say when they say nothing.
static bool content_format(const struct coap_msg *msg, const struct lwm2m_path *path,
			   uint16_t *format)
{
	struct coap_opt opt;
	uint32_t value;

	*format = LWM2M_FORMAT_TEXT;
	if (!coap_msg_find_opt(msg, COAP_OPT_CONTENT_FORMAT, &opt))
		return path && path->depth >= 3;
	if (!coap_opt_uint(&opt, &value) || value > UINT16_MAX)
		return false;
	*format = (uint16_t)value;
	return true;
}

static json_t *node_json(const struct ctl_operation *op, const struct lwm2m_model *model,
			 const struct coap_msg *msg, const char **why)
{
	uint16_t format;

	*why = "content format is missing or malformed";
	if (!content_format(msg, &op->paths[0], &format))
		return NULL;
	return ctl_content_json(model, &op->paths[0], format, msg->payload, msg->payload_len, why);
}

static json_t *nodes_json(const struct ctl_operation *op, const struct lwm2m_model *model,
			  const struct coap_msg *msg, const char **why)
{
	uint16_t format;

	*why = "content format is missing or malformed";
	if (!content_format(msg, NULL, &format))
		return NULL;
	return ctl_contents_json(model, op->paths, op->paths_count, format, msg->payload,
				 msg->payload_len, why);
}

static json_t *links_json(const struct coap_msg *msg, const char **why)
{
	struct link_iter it = link_iter_begin((const char *)msg->payload, msg->payload_len);
	uint16_t format = LWM2M_FORMAT_LINK;
	struct coap_opt opt;
	struct link link;

	while (link_iter_next(&it, &link))
		;
	*why = it.error ? it.error : "out of memory";
	if (it.error)
		return NULL;
	if (coap_msg_find_opt(msg, COAP_OPT_CONTENT_FORMAT, &opt) &&
	    (!content_format(msg, NULL, &format) || format != LWM2M_FORMAT_LINK)) {
		*why = "content format is not link format";
		return NULL;
	}
	return ctl_links_json((const char *)msg->payload, msg->payload_len);
}

// "3303/5". NULL without *why: the device did not say.
static json_t *location_json(const struct coap_msg *msg, const char **why)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	char text[256];
	struct coap_opt opt;
	size_t len = 0;

	*why = NULL;
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_LOCATION_PATH)
			continue;
		if (len + 1 + opt.len > sizeof(text))
			return NULL;
		if (len > 0)
			text[len++] = '/';
		memcpy(text + len, opt.value, opt.len);
		len += opt.len;
	}
	*why = len > 0 ? "out of memory" : NULL;
	return len > 0 ? json_text(text, len) : NULL;
}

// Adds what the answer holds. NULL, or why it cannot be.
static const char *add_content(json_t *json, const struct ctl_operation *op,
			       const struct lwm2m_model *model, const struct coap_msg *msg)
{
	enum content kind = content_of(op, msg->code);
	const char *key = kind == CONTENT_LINKS      ? "objectLinks"
			  : kind == CONTENT_LOCATION ? "location"
						     : "content";
	const char *why = NULL;
	json_t *value = NULL;

	switch (kind) {
	case CONTENT_NONE:
		return NULL;
	case CONTENT_NODE:
		value = node_json(op, model, msg, &why);
		break;
	case CONTENT_NODES:
		value = nodes_json(op, model, msg, &why);
		break;
	case CONTENT_LINKS:
		value = links_json(msg, &why);
		break;
	case CONTENT_LOCATION:
		value = location_json(msg, &why);
		break;
	}
	if (!value)
		return why;
	return json_object_set_new(json, key, value) == 0 ? NULL : "out of memory";
}

static void observe_option(struct ctl_outcome *outcome, const struct coap_msg *msg)
{
	struct coap_opt opt;

	outcome->observing = COAP_CODE_CLASS(msg->code) == 2 &&
			     coap_msg_find_opt(msg, COAP_OPT_OBSERVE, &opt) &&
			     coap_opt_uint(&opt, &outcome->sequence);
}

__attribute__((format(printf, 4, 5))) static void
fail(struct ctl_outcome *outcome, unsigned int http, char *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(text, OPERATION_TEXT_MAX, format, args);
	va_end(args);
	outcome->http = http;
	outcome->text = text;
}

static void answered(struct ctl_outcome *outcome, const struct ctl_operation *op,
		     const struct lwm2m_model *model, const struct ctl_transfer_outcome *from,
		     char *text)
{
	const char *why = from->why;
	const uint8_t *codes;
	json_t *json = NULL;
	size_t count;

	outcome->code = from->response.code;
	observe_option(outcome, &from->response);
	codes = ctl_operation_codes(op->kind, &count);
	if (!why) {
		json = ctl_response_json(&from->response, codes, count);
		why = json ? add_content(json, op, model, &from->response) : "out of memory";
	}
	if (why) {
		json_decref(json);
		fail(outcome, 500, text, "Invalid response: %s", why);
		return;
	}
	outcome->http = 200;
	outcome->json = json;
}

void operation_answer(struct ctl_outcome *outcome, const struct ctl_operation *op,
		      const struct lwm2m_model *model, const char *endpoint,
		      const struct ctl_transfer_outcome *from, char text[static OPERATION_TEXT_MAX])
{
	*outcome = (struct ctl_outcome){.result = from->result};
	switch (from->result) {
	case CTL_OP_ANSWERED:
		answered(outcome, op, model, from, text);
		break;
	case CTL_OP_TIMEOUT:
		fail(outcome, 504, text, "Request timeout");
		break;
	case CTL_OP_RESET:
		fail(outcome, 500, text, "Request rejected by the device (RST)");
		break;
	case CTL_OP_GONE:
		fail(outcome, 400, text, "No registered client with id '%s'", endpoint);
		break;
	case CTL_OP_UNAVAILABLE:
		fail(outcome, 503, text, "Dataplane is not attached");
		break;
	case CTL_OP_INVALID:
		fail(outcome, 400, text, "Request does not fit a datagram");
		break;
	}
}
