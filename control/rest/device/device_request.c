// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/device_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/rest/query.h"

#define TIMEOUT_DEFAULT_S 5u
#define TIMEOUT_MAX_S     86400u
#define TTL_MAX_S         31536000u // a year

// A client that waits for its answer.
struct waiting {
	struct ctl_resp *resp; // NULL: it went away while its operation was being queued
	struct ctl_running *running;
	struct ctl_operation op; // what is queued, without payload and query
	char endpoint[LWM2M_ENDPOINT_MAX + 1];
};

// Seconds of a query parameter, at least 1. False when they are not.
static bool parse_seconds(const struct ctl_req *req, const char *name, uint64_t max,
			  uint64_t *seconds)
{
	const struct ctl_query *query = ctl_req_query(req, name);

	return !query || (ctl_query_number(query, seconds) && *seconds >= 1 && *seconds <= max);
}

bool ctl_device_request_begin(struct ctl_device_request *device, struct ctl_req *req,
			      struct ctl_resp *resp, int *err)
{
	const struct ctl_text *name = &req->args[0];
	const struct ctl_query *format = ctl_req_query(req, "format");
	uint64_t seconds = TIMEOUT_DEFAULT_S, ttl = req->ctl->cfg->lwm2m.queue_ttl_s;

	*device = (struct ctl_device_request){.req = req, .resp = resp, .format = CTL_FORMAT_ANY};
	device->reg = ctl_registry_by_endpoint(req->ctl->registry, name->text, name->len);
	if (!device->reg)
		*err = ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "No registered client with id '%s'",
				     name->text);
	else if (!parse_seconds(req, "timeout", TIMEOUT_MAX_S, &seconds))
		*err = ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid timeout (1 to %u seconds)",
				     TIMEOUT_MAX_S);
	else if (!parse_seconds(req, "ttl", TTL_MAX_S, &ttl))
		*err = ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid ttl (1 to %u seconds)",
				     TTL_MAX_S);
	else if (format && !ctl_query_format(format, &device->format))
		*err = ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid format '%s'",
				     format->value.text ? format->value.text : "");
	else {
		device->timeout_ms = (uint32_t)seconds * 1000;
		device->ttl_ms = ttl * 1000;
		return true;
	}
	return false;
}

// The arguments as in the URL, without the first slash, behind one. False when they are too long or
// hold a zero byte.
static bool path_text(const struct ctl_req *req, char *text, size_t cap)
{
	size_t n = 1;

	text[0] = '/';
	text[1] = '\0';
	for (uint32_t i = 1; i < req->args_count; i++) {
		const struct ctl_text *arg = &req->args[i];

		if (n + arg->len + 2 > cap || strlen(arg->text) != arg->len)
			return false;
		if (i > 1)
			text[n++] = '/';
		memcpy(text + n, arg->text, arg->len + 1);
		n += arg->len;
	}
	return true;
}

bool ctl_device_request_path(const struct ctl_device_request *device, struct lwm2m_path *path,
			     uint8_t depth_min, uint8_t depth_max, const char *verb, int *err)
{
	const struct ctl_req *req = device->req;
	char text[4096];
	bool fits = path_text(req, text, sizeof(text));

	if (req->args_count - 1 > 4)
		*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
				     CTL_INVALID_PATH "Invalid length for path %s", text + 1);
	else if (!fits || !lwm2m_path_parse(path, text, strlen(text)))
		*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
				     CTL_INVALID_PATH "Invalid elements in path %s", text + 1);
	else if (path->depth < depth_min || path->depth > depth_max)
		*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
				     "Invalid request: %s cannot be %s", text, verb);
	else
		return true;
	return false;
}

// The errors of which Leshan says that they are text.
static const char *type_of(unsigned int http)
{
	return http == 400 || http == 503 ? CTL_TYPE_TEXT : CTL_TYPE_PLAIN;
}

static void on_outcome(const struct ctl_outcome *outcome, void *arg)
{
	struct waiting *waiting = arg;
	struct ctl_resp *resp = waiting->resp;
	int err;

	if (outcome->http == 200)
		err = ctl_resp_json(resp, 200, json_incref(outcome->json));
	else
		err = ctl_resp_text(resp, outcome->http, type_of(outcome->http), "%s",
				    outcome->text);
	if (err != 0)
		ctl_resp_text(resp, 500, CTL_TYPE_PLAIN, "%s", strerror(-err));
	free(waiting);
	resp->done(resp);
}

static void on_cancel(void *arg)
{
	struct waiting *waiting = arg;

	ctl_operation_cancel(waiting->running);
	free(waiting);
}

static int start_now(const struct ctl_device_request *device, const struct ctl_operation *op,
		     ctl_device_start_t start, struct waiting *waiting)
{
	waiting->running =
		start(device->req->ctl, device->reg, op, device->timeout_ms, on_outcome, waiting);
	if (!waiting->running)
		return -ENOMEM;
	device->resp->cancel = on_cancel;
	return CTL_RESP_LATER;
}

static void on_queued(uint64_t id, int queue_err, void *arg)
{
	struct waiting *waiting = arg;
	struct ctl_resp *resp = waiting->resp;
	int err = queue_err;

	if (resp && err == 0)
		err = ctl_resp_json(resp, 200,
				    ctl_queue_told_json(waiting->endpoint,
							strlen(waiting->endpoint), &waiting->op,
							id));
	if (resp && err != 0)
		ctl_resp_text(resp, 500, CTL_TYPE_PLAIN, "%s", strerror(-err));
	free(waiting);
	if (resp)
		resp->done(resp);
}

// The operation is on its way to the disk and stays.
static void on_queue_cancel(void *arg)
{
	struct waiting *waiting = arg;

	waiting->resp = NULL;
}

static int queue_up(const struct ctl_device_request *device, const struct ctl_operation *op,
		    struct waiting *waiting)
{
	int err = ctl_queue_add(device->req->ctl->queue, device->reg, op, device->ttl_ms, on_queued,
				waiting);

	if (err != 0)
		return err;
	waiting->op = *op;
	waiting->op.payload = NULL;
	waiting->op.query = NULL;
	device->resp->cancel = on_queue_cancel;
	return CTL_RESP_LATER;
}

int ctl_device_request_run(const struct ctl_device_request *device, const struct ctl_operation *op,
			   ctl_device_start_t start)
{
	const struct ctl_record *record = device->reg->record;
	struct ctl *ctl = device->req->ctl;
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	int ret;

	if (!waiting)
		return -ENOMEM;
	waiting->resp = device->resp;
	memcpy(waiting->endpoint, ctl_record_endpoint(record), record->endpoint_len);
	device->resp->cancel_arg = waiting;
	if (ctl->queue && ctl_queue_must_wait(ctl->queue, device->reg))
		ret = queue_up(device, op, waiting);
	else
		ret = start_now(device, op, start, waiting);
	if (ret == CTL_RESP_LATER)
		return ret;
	free(waiting);
	if (ret == -EDQUOT)
		return ctl_resp_text(device->resp, 503, CTL_TYPE_TEXT,
				     "Too many operations wait for this device already");
	if (ret == -EROFS)
		return ctl_resp_text(device->resp, 503, CTL_TYPE_TEXT, "%s",
				     ctl_hold_why(&ctl->holds, CTL_HOLD_STORE));
	return ret;
}
