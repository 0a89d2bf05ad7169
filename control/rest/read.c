// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/downlink.h"
#include "control/registry.h"
#include "control/rest/links_json.h"
#include "control/rest/node_json.h"
#include "control/rest/query.h"
#include "control/rest/resources.h"
#include "control/rest/response_json.h"
#include "lwm2m/core/path.h"

#define TIMEOUT_DEFAULT_S 5u
#define TIMEOUT_MAX_S     86400u
#define REQUEST_MAX       1024u // bytes; a path and an Accept option are far below

// Leshan names the class of its exception in these texts, and clients compare them.
#define INVALID_PATH "Invalid request: org.eclipse.leshan.core.node.InvalidLwM2mPathException: "

struct read {
	struct ctl_resp *resp;
	struct ctl_op *op;
	struct lwm2m_path path;
	char endpoint[LWM2M_ENDPOINT_MAX + 1];
	bool ended;   // the outcome is in resp
	bool waiting; // the handler has returned
	int err;
};

// The answer codes of Read, LwM2M transport 1.1.1 table 6.4.4-1; success first.
static const uint8_t read_codes[] = {
	COAP_CONTENT,
	COAP_BAD_REQUEST,
	COAP_UNAUTHORIZED,
	COAP_NOT_FOUND,
	COAP_METHOD_NOT_ALLOWED,
	COAP_NOT_ACCEPTABLE,
	COAP_INTERNAL_SERVER_ERROR,
};

// A 2.05 of which more blocks are to come, RFC 7959 section 2.2.
static bool has_more_blocks(const struct coap_msg *response)
{
	struct coap_opt opt;
	uint32_t block;

	return coap_msg_find_opt(response, COAP_OPT_BLOCK2, &opt) && coap_opt_uint(&opt, &block) &&
	       (block & 8) != 0;
}

// Without an option only a single value can be meant, and text is what RFC 7252 section 5.5.1 has
// devices say when they say nothing.
static bool content_format(const struct coap_msg *response, const struct lwm2m_path *path,
			   uint16_t *format)
{
	struct coap_opt opt;
	uint32_t value;

	*format = LWM2M_FORMAT_TEXT;
	if (!coap_msg_find_opt(response, COAP_OPT_CONTENT_FORMAT, &opt))
		return path->depth >= 3;
	if (!coap_opt_uint(&opt, &value) || value > UINT16_MAX)
		return false;
	*format = (uint16_t)value;
	return true;
}

static int answer_content(struct read *read, const struct coap_msg *response)
{
	const char *why = "content format is missing or malformed";
	json_t *node = NULL, *json;
	uint16_t format;

	if (has_more_blocks(response))
		why = "block-wise transfer is not supported";
	else if (content_format(response, &read->path, &format))
		node = ctl_content_json(&lwm2m_model_builtin, &read->path, format,
					response->payload, response->payload_len, &why);
	if (!node)
		return ctl_resp_text(read->resp, 500, CTL_TYPE_PLAIN, "Invalid response: %s", why);
	json = ctl_response_json(response, read_codes, sizeof(read_codes));
	if (!json || json_object_set_new(json, "content", node) != 0) {
		if (!json)
			json_decref(node);
		json_decref(json);
		return -ENOMEM;
	}
	return ctl_resp_json(read->resp, 200, json);
}

static int answer(struct read *read, const struct ctl_op_outcome *outcome)
{
	const struct coap_msg *response = &outcome->response;

	switch (outcome->result) {
	case CTL_OP_ANSWERED:
		if (response->code == COAP_CONTENT)
			return answer_content(read, response);
		return ctl_resp_json(read->resp, 200,
				     ctl_response_json(response, read_codes, sizeof(read_codes)));
	case CTL_OP_TIMEOUT:
		return ctl_resp_text(read->resp, 504, CTL_TYPE_PLAIN, "Request timeout");
	case CTL_OP_RESET:
		return ctl_resp_text(read->resp, 500, CTL_TYPE_PLAIN,
				     "Request rejected by the device (RST)");
	case CTL_OP_GONE:
		return ctl_resp_text(read->resp, 400, CTL_TYPE_TEXT,
				     "No registered client with id '%s'", read->endpoint);
	case CTL_OP_UNAVAILABLE:
		return ctl_resp_text(read->resp, 503, CTL_TYPE_TEXT, "Dataplane is not attached");
	case CTL_OP_INVALID:
		break;
	}
	return ctl_resp_text(read->resp, 400, CTL_TYPE_TEXT, "Request does not fit a datagram");
}

static void on_outcome(struct ctl_op *op, const struct ctl_op_outcome *outcome, void *arg)
{
	struct read *read = arg;
	struct ctl_resp *resp = read->resp;

	read->ended = true;
	read->err = answer(read, outcome);
	if (!read->waiting) // the handler is still on its way to return
		return;
	if (read->err != 0)
		ctl_resp_text(resp, 500, CTL_TYPE_PLAIN, "%s", strerror(-read->err));
	free(read);
	resp->done(resp);
}

static void on_cancel(void *arg)
{
	struct read *read = arg;

	ctl_op_cancel(read->op);
	free(read);
}

// Every segment of the alternate path becomes a Uri-Path option before the ids.
static void write_path(struct coap_writer *w, const struct ctl_record *record,
		       const struct lwm2m_path *path)
{
	size_t len;
	const char *p = ctl_links_root(ctl_record_links(record), record->links_len, &len);
	const char *end = p + len;

	while (p < end) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		size_t n = (size_t)((slash ? slash : end) - p);

		if (n > 0)
			coap_write_opt(w, COAP_OPT_URI_PATH, p, n);
		p += n + 1;
	}
	for (uint8_t i = 0; i < path->depth; i++) {
		char id[6];

		snprintf(id, sizeof(id), "%u", path->ids[i]);
		coap_write_opt_str(w, COAP_OPT_URI_PATH, id);
	}
}

// Without a format in the query no Accept is sent: the device answers in the format it likes best,
// which is what Leshan does.
static size_t write_request(uint8_t *coap, const struct ctl_record *record,
			    const struct lwm2m_path *path, const uint16_t *accept)
{
	struct coap_writer w;

	coap_write_begin(&w, coap, REQUEST_MAX, COAP_CON, COAP_GET, 0, NULL, 0);
	write_path(&w, record, path);
	if (accept)
		coap_write_opt_uint(&w, COAP_OPT_ACCEPT, *accept);
	return coap_write_finish(&w);
}

// The path as in the URL, without its first slash. Fills path, or the response and returns false.
static bool parse_path(const struct ctl_req *req, struct ctl_resp *resp, struct lwm2m_path *path,
		       int *err)
{
	char text[1 + 4096] = "/";
	size_t n = 1;
	bool fits = true;

	for (uint32_t i = 1; i < req->args_count; i++) {
		const struct ctl_text *arg = &req->args[i];

		if (n + arg->len + 2 > sizeof(text) || strlen(arg->text) != arg->len) {
			fits = false;
			break;
		}
		if (i > 1)
			text[n++] = '/';
		memcpy(text + n, arg->text, arg->len);
		n += arg->len;
	}
	text[n] = '\0';
	if (req->args_count - 1 > 4)
		*err = ctl_resp_text(resp, 400, CTL_TYPE_PLAIN,
				     INVALID_PATH "Invalid length for path %s", text + 1);
	else if (!fits || !lwm2m_path_parse(path, text, n))
		*err = ctl_resp_text(resp, 400, CTL_TYPE_PLAIN,
				     INVALID_PATH "Invalid elements in path %s", text + 1);
	else
		return true;
	return false;
}

static bool parse_timeout(const struct ctl_req *req, uint32_t *timeout_ms)
{
	const struct ctl_query *query = ctl_req_query(req, "timeout");
	uint64_t seconds = TIMEOUT_DEFAULT_S;

	if (query &&
	    (!ctl_query_number(query, &seconds) || seconds == 0 || seconds > TIMEOUT_MAX_S))
		return false;
	*timeout_ms = (uint32_t)seconds * 1000;
	return true;
}

static int send_read(struct read *read, struct ctl *ctl, struct ctl_reg *reg,
		     const uint16_t *accept, uint32_t timeout_ms)
{
	uint8_t coap[REQUEST_MAX];
	size_t len = write_request(coap, reg->record, &read->path, accept);
	struct ctl_op *op;

	if (len == 0)
		return answer(read, &(struct ctl_op_outcome){.result = CTL_OP_INVALID});
	op = ctl_downlink_send(ctl->downlink, reg, coap, len, timeout_ms, on_outcome, read);
	if (read->ended)
		return read->err;
	if (!op)
		return -ENOMEM;
	read->op = op;
	read->waiting = true;
	read->resp->cancel = on_cancel;
	read->resp->cancel_arg = read;
	return CTL_RESP_LATER;
}

int ctl_read_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];
	struct ctl_reg *reg = ctl_registry_by_endpoint(req->ctl->registry, name->text, name->len);
	const struct ctl_query *format = ctl_req_query(req, "format");
	struct lwm2m_path path;
	uint32_t timeout_ms;
	uint16_t accept = 0;
	struct read *read;
	int err;

	if (!reg)
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "No registered client with id '%s'",
				     name->text);
	if (!parse_path(req, resp, &path, &err))
		return err;
	if (!parse_timeout(req, &timeout_ms))
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid timeout (1 to %u seconds)",
				     TIMEOUT_MAX_S);
	if (format && !ctl_query_format(format, &accept))
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid format '%s'",
				     format->value.text ? format->value.text : "");
	read = calloc(1, sizeof(*read));
	if (!read)
		return -ENOMEM;
	read->resp = resp;
	read->path = path;
	snprintf(read->endpoint, sizeof(read->endpoint), "%s", name->text);
	err = send_read(read, req->ctl, reg, format ? &accept : NULL, timeout_ms);
	if (err != CTL_RESP_LATER)
		free(read);
	return err;
}
