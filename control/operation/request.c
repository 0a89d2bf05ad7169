// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/operation/request.h"

#include <string.h>

#include "control/json/links_json.h"
#include "lwm2m/codec/encode.h"

static uint8_t code_of(enum ctl_operation_kind kind)
{
	switch (kind) {
	case CTL_READ:
	case CTL_DISCOVER:
	case CTL_OBSERVE:
	case CTL_OBSERVE_CANCEL:
		return COAP_GET;
	case CTL_WRITE_REPLACE:
	case CTL_WRITE_ATTRIBUTES:
		return COAP_PUT;
	case CTL_WRITE_PARTIAL:
	case CTL_EXECUTE:
	case CTL_CREATE:
		return COAP_POST;
	case CTL_DELETE_INSTANCE:
		return COAP_DELETE;
	case CTL_READ_COMPOSITE:
	case CTL_OBSERVE_COMPOSITE:
	case CTL_OBSERVE_COMPOSITE_CANCEL:
		return COAP_FETCH;
	case CTL_WRITE_COMPOSITE:
	case CTL_OPERATION_KINDS:
		break;
	}
	return COAP_IPATCH;
}

static bool is_composite(enum ctl_operation_kind kind)
{
	return kind >= CTL_READ_COMPOSITE;
}

// Each part between separators becomes an option.
static void write_parts(struct coap_writer *w, uint16_t number, char separator, const char *p,
			size_t len)
{
	const char *end = p + len;

	while (p < end) {
		const char *mark = memchr(p, separator, (size_t)(end - p));
		size_t n = (size_t)((mark ? mark : end) - p);

		if (n > 0)
			coap_write_opt(w, number, p, n);
		p += n + 1;
	}
}

// Below the alternate path (LwM2M transport 1.1.1 section 6.4.1). Composites have their paths in
// the payload.
static void write_path(struct coap_writer *w, const struct ctl_operation *op,
		       const struct ctl_record *record)
{
	char text[LWM2M_PATH_TEXT_MAX];
	size_t len;
	const char *root = ctl_links_root(ctl_record_links(record), record->links_len, &len);

	write_parts(w, COAP_OPT_URI_PATH, '/', root, len);
	if (is_composite(op->kind))
		return;
	len = lwm2m_path_format(&op->paths[0], text);
	write_parts(w, COAP_OPT_URI_PATH, '/', text, len);
}

static void write_options(struct coap_writer *w, const struct ctl_operation *op, bool has_body,
			  const struct ctl_record *record)
{
	write_path(w, op, record);
	if (has_body && op->format != CTL_FORMAT_ANY)
		coap_write_opt_uint(w, COAP_OPT_CONTENT_FORMAT, op->format);
	if (op->query_len > 0)
		write_parts(w, COAP_OPT_URI_QUERY, '&', op->query, op->query_len);
	if (op->kind == CTL_DISCOVER)
		coap_write_opt_uint(w, COAP_OPT_ACCEPT, LWM2M_FORMAT_LINK);
	else if (op->accept != CTL_FORMAT_ANY)
		coap_write_opt_uint(w, COAP_OPT_ACCEPT, op->accept);
}

static bool is_cancel(enum ctl_operation_kind kind)
{
	return kind == CTL_OBSERVE_CANCEL || kind == CTL_OBSERVE_COMPOSITE_CANCEL;
}

// The list of paths that a composite asks for, LwM2M transport 1.1.1 table 6.4.4-1.
static bool encode_paths(struct operation_request *request, const struct ctl_operation *op,
			 size_t *len)
{
	*len = op->payload_len;
	if (!is_composite(op->kind) || op->kind == CTL_WRITE_COMPOSITE || op->payload_len > 0)
		return true;
	return lwm2m_encode_paths(op->format, op->paths, op->paths_count, request->paths,
				  sizeof(request->paths), len);
}

void operation_request(struct operation_request *request, const struct ctl_operation *op,
		       const struct ctl_reg *reg)
{
	uint8_t code = code_of(op->kind);
	struct coap_writer w;
	struct coap_msg msg = {0};
	size_t len, body_len;
	bool ok = encode_paths(request, op, &body_len);

	coap_write_begin(&w, request->message, sizeof(request->message), COAP_CON, code, 0, NULL,
			 0);
	write_options(&w, op, body_len > 0, reg->record);
	len = coap_write_finish(&w);
	ok = ok && coap_msg_parse(&msg, request->message, len) == COAP_OK; // not when len is 0

	request->transfer = (struct ctl_transfer_request){
		.token = op->token,
		.code = code,
		.too_long = !ok,
		.observe = op->kind == CTL_OBSERVE || op->kind == CTL_OBSERVE_COMPOSITE ||
			   is_cancel(op->kind),
		.observe_value = is_cancel(op->kind),
		.options = msg.options,
		.options_len = msg.options_len,
		.body = op->payload_len > 0 ? op->payload : request->paths,
		.body_len = ok ? (uint32_t)body_len : 0,
	};
}
