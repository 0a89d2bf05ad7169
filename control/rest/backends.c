// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// /api/backends: who hears of events, how far each is, and to make, change, try and remove one.
// What a back end is shown to let us in is never told.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend/backend.h"
#include "control/rest/resources.h"

static json_t *texts_json(char *const *texts, uint32_t count)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

// Their values may be secrets.
static json_t *headers_json(const struct config_backend *cfg)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < cfg->headers_count; i++)
		json_array_append_new(list,
				      json_stringn(cfg->headers[i], strcspn(cfg->headers[i], ":")));
	return list;
}

static json_t *types_json(int types)
{
	static const char *const names[] = {"registration", "update",  "deregistration",
					    "notification", "send",    NULL,
					    NULL,           "response"};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] != NULL && (types == 0 || (types & (1 << i)) != 0))
			json_array_append_new(list, json_string(names[i]));
	return list;
}

// Without the user and the password that may stand in it.
static json_t *url_json(const char *url)
{
	const char *host = strstr(url, "://");
	size_t len, scheme;
	const char *at = NULL;

	if (host == NULL)
		return json_string(url);
	scheme = (size_t)(host + 3 - url);
	len = strcspn(url + scheme, "/?#");
	for (size_t i = 0; i < len; i++)
		if (url[scheme + i] == '@')
			at = url + scheme + i + 1;
	return at == NULL ? json_string(url) : json_sprintf("%.*s%s", (int)scheme, url, at);
}

static json_t *auth_json(const struct config_auth *auth)
{
	json_t *list = json_array();

	if (auth->bearer != NULL || auth->bearer_file != NULL)
		json_array_append_new(list, json_string("bearer"));
	if (auth->basic != NULL || auth->basic_file != NULL)
		json_array_append_new(list, json_string("basic"));
	if (auth->hmac_key != NULL || auth->hmac_key_file != NULL)
		json_array_append_new(list, json_string("hmac"));
	return list;
}

static json_t *definition_json(const struct config_backend *cfg)
{
	static const char *const http2[] = {"auto", "never", "prior-knowledge"};

	return json_pack(
		"{s:b, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:I, s:I, s:b, s:s, s:{s:I, s:I, s:I, "
		"s:I, s:I}, s:I, s:o, s:o, s:{s:s?, s:s?, s:s?}}",
		"raw", cfg->raw, "types", types_json(cfg->types), "endpoints",
		texts_json(cfg->endpoints, cfg->endpoints_count), "paths",
		texts_json(cfg->paths, cfg->paths_count), "batch", "events",
		(json_int_t)cfg->batch.events, "bytes", (json_int_t)cfg->batch.bytes, "linger_ms",
		(json_int_t)cfg->batch.linger_ms, "connections", (json_int_t)cfg->connections,
		"timeout_s", (json_int_t)cfg->timeout_s, "gzip", cfg->gzip, "http2",
		http2[cfg->http2], "retry", "min_ms", (json_int_t)cfg->retry.min_ms, "max_ms",
		(json_int_t)cfg->retry.max_ms, "pause_after", (json_int_t)cfg->retry.pause_after,
		"pause_s", (json_int_t)cfg->retry.pause_s, "refuse_after",
		(json_int_t)cfg->retry.refuse_after, "dead_letter_bytes",
		(json_int_t)cfg->dead_letter_bytes, "auth", auth_json(&cfg->auth), "headers",
		headers_json(cfg), "tls", "ca", cfg->tls.ca, "certificate", cfg->tls.certificate,
		"key", cfg->tls.key);
}

static json_t *counters_json(const struct ctl_backend_status *status)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "batches",
			 (json_int_t)status->batches, "events", (json_int_t)status->events, "bytes",
			 (json_int_t)status->bytes, "filtered", (json_int_t)status->filtered,
			 "failures", (json_int_t)status->failures, "refused",
			 (json_int_t)status->refused, "dropped", (json_int_t)status->dropped,
			 "pauses", (json_int_t)status->pauses, "deadLetterFilesLost",
			 (json_int_t)status->dead_letter_files_lost);
}

static json_t *error_json(const struct ctl_backend_status *status)
{
	if (status->error == NULL)
		return json_null();
	return json_pack("{s:s, s:I}", "text", status->error, "time", (json_int_t)status->error_ms);
}

static json_t *backend_json(const struct ctl *ctl, unsigned i)
{
	struct ctl_backend_status status;

	ctl_backends_status(ctl->backends, i, &status);
	return json_pack(
		"{s:s, s:o, s:b, s:s, s:I, s:f, s:f, s:o, s:o, s:o, s:o}", "name", status.cfg->name,
		"url", url_json(status.cfg->url), "readOnly", status.read_only, "state",
		status.state, "lagEvents", (json_int_t)status.lag_events, "lagSeconds",
		(double)status.lag_ms / 1000, "eventsPerSecond", status.rate, "lastError",
		error_json(&status), "lastAccepted",
		status.accepted_ms != 0 ? json_integer((json_int_t)status.accepted_ms)
					: json_null(),
		"counters", counters_json(&status), "definition", definition_json(status.cfg));
}

static json_t *outbox_json(const struct ctl *ctl)
{
	const struct config_outbox *cfg = &ctl->cfg->outbox;
	struct ctl_outbox_status outbox;

	ctl_backends_outbox(ctl->backends, &outbox);
	return json_pack(
		"{s:I, s:I, s:I, s:f, s:I, s:s, s:s?}", "bytes", (json_int_t)outbox.bytes,
		"maxBytes", (json_int_t)cfg->max_bytes, "events", (json_int_t)outbox.entries,
		"oldestSeconds", (double)outbox.oldest_ms / 1000, "maxAgeSeconds",
		(json_int_t)cfg->max_age_s, "whenFull",
		cfg->when_full == CONFIG_FULL_DROP ? "drop" : "hold", "warning", outbox.warning);
}

int ctl_backends_list(struct ctl_req *req, struct ctl_resp *resp)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < ctl_backends_count(req->ctl->backends); i++) {
		if (json_array_append_new(list, backend_json(req->ctl, i)) != 0) {
			json_decref(list);
			return -ENOMEM;
		}
	}
	return ctl_resp_json(
		resp, 200,
		json_pack("{s:o, s:o}", "outbox", outbox_json(req->ctl), "backends", list));
}

static int not_found(const char *name, struct ctl_resp *resp)
{
	return ctl_resp_text(resp, 404, CTL_TYPE_TEXT, "no back end is called %s", name);
}

static int read_only(const char *name, struct ctl_resp *resp)
{
	return ctl_resp_text(resp, 403, CTL_TYPE_TEXT,
			     "%s stands in the configuration file and can be changed there only",
			     name);
}

int ctl_backend_get(struct ctl_req *req, struct ctl_resp *resp)
{
	unsigned i;

	if (!ctl_backends_find(req->ctl->backends, req->args[0].text, &i))
		return not_found(req->args[0].text, resp);
	return ctl_resp_json(resp, 200, backend_json(req->ctl, i));
}

// What a YAML parser takes beyond JSON is not taken.
static bool is_object(const struct ctl_req *req, struct ctl_resp *resp)
{
	json_error_t error;
	json_t *json = json_loadb(req->body != NULL ? req->body : "", req->body_len,
				  JSON_REJECT_DUPLICATES, &error);
	bool ok = json_is_object(json);

	if (json == NULL)
		ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "not JSON: %s (line %d)", error.text,
			      error.line);
	else if (!ok)
		ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "not a JSON object");
	json_decref(json);
	return ok;
}

static int put_failed(int rc, const char *name, char *why, struct ctl_resp *resp)
{
	if (rc == -EPERM)
		return read_only(name, resp);
	if (rc != -EINVAL)
		return rc;
	if (why[0] != '\0') // the last newline
		why[strlen(why) - 1] = '\0';
	return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "%s", why);
}

int ctl_backend_put(struct ctl_req *req, struct ctl_resp *resp)
{
	const char *name = req->args[0].text;
	char *why = NULL;
	bool created;
	unsigned i;
	int rc;

	if (!is_object(req, resp))
		return resp->body != NULL ? 0 : -ENOMEM;
	rc = ctl_backends_put(req->ctl->backends, name, req->body, req->body_len, &why, &created);
	if (rc != 0)
		rc = put_failed(rc, name, why, resp);
	else if (ctl_backends_find(req->ctl->backends, name, &i))
		rc = ctl_resp_json(resp, created ? 201 : 200, backend_json(req->ctl, i));
	free(why);
	return rc;
}

int ctl_backend_delete(struct ctl_req *req, struct ctl_resp *resp)
{
	int rc = ctl_backends_delete(req->ctl->backends, req->args[0].text);

	if (rc == -ENOENT)
		return not_found(req->args[0].text, resp);
	if (rc == -EPERM)
		return read_only(req->args[0].text, resp);
	return rc != 0 ? rc : ctl_resp_text(resp, 204, CTL_TYPE_PLAIN, "%s", "");
}

static void on_tested(const struct ctl_backend_tested *tested, void *arg)
{
	struct ctl_resp *resp = arg;
	json_t *status = tested->status != 0 ? json_integer(tested->status) : json_null();
	json_t *json = json_pack("{s:b, s:o, s:I, s:s, s:s?}", "accepted", tested->why == NULL,
				 "status", status, "milliseconds", (json_int_t)tested->took_ms,
				 "http", tested->http, "error", tested->why);

	if (ctl_resp_json(resp, 200, json) != 0)
		ctl_resp_text(resp, 500, CTL_TYPE_TEXT, "out of memory");
	resp->done(resp);
}

static void on_cancel(void *arg)
{
	ctl_backend_test_cancel(arg);
}

int ctl_backend_test_post(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_backend_test *test;
	unsigned i;

	if (!ctl_backends_find(req->ctl->backends, req->args[0].text, &i))
		return not_found(req->args[0].text, resp);
	test = ctl_backends_test(req->ctl->backends, i, on_tested, resp);
	if (test == NULL)
		return -ENOMEM;
	resp->cancel = on_cancel;
	resp->cancel_arg = test;
	return CTL_RESP_LATER;
}
