// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/registration_json.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/rest/query.h"
#include "control/rest/resources.h"
#include "dataplane/bridge/location.h"

// The list is written one registration at a time and goes on by key, so that a million devices cost
// the memory of one, and devices may come and go meanwhile.
struct client_list {
	struct ctl_stream stream;
	struct ctl *ctl;
	uint64_t key; // of the last one written
	uint64_t left;
	char *text; // of the current one
	size_t len, pos;
	bool started, finished;
	size_t prefix_len;
	char prefix[LWM2M_ENDPOINT_MAX];
};

#define SCAN_MAX 4096u // registrations looked at before a piece is written

static bool is_wanted(const struct client_list *list, const struct ctl_reg *reg)
{
	return reg->record->endpoint_len >= list->prefix_len &&
	       memcmp(ctl_record_endpoint(reg->record), list->prefix, list->prefix_len) == 0;
}

// The next one to show; NULL with *more when none was found among the next SCAN_MAX.
static const struct ctl_reg *next_reg(struct client_list *list, bool *more)
{
	const struct ctl_registry *registry = list->ctl->registry;
	const struct ctl_reg *reg;

	*more = false;
	if (list->left == 0)
		return NULL;
	reg = ctl_registry_after(registry, list->key);
	for (unsigned i = 0; reg != NULL && !is_wanted(list, reg); i++) {
		*more = i == SCAN_MAX;
		if (*more)
			return NULL;
		list->key = reg->key;
		reg = ctl_registry_next(registry, reg);
	}
	return reg;
}

// A registration's JSON behind one character of punctuation, malloc'ed; NULL when memory is out.
static char *piece(const struct ctl *ctl, const struct ctl_reg *reg, char before, size_t *len)
{
	json_t *json =
		ctl_registration_json(reg->record, reg->seen_ms, ctl_queue_asleep(ctl->queue, reg));
	size_t size = json ? json_dumpb(json, NULL, 0, JSON_COMPACT) : 0;
	char *text = size > 0 ? malloc(size + 1) : NULL;

	if (text) {
		text[0] = before;
		json_dumpb(json, text + 1, size, JSON_COMPACT);
		*len = size + 1;
	}
	json_decref(json);
	return text;
}

// Replaces the current piece by the next one. False when memory is out.
static bool next_piece(struct client_list *list)
{
	bool more;
	const struct ctl_reg *reg = next_reg(list, &more);

	free(list->text);
	list->pos = list->len = 0;
	if (more) { // white space, so that others get their turn
		list->text = strdup("\n");
		list->len = 1;
		return list->text != NULL;
	}
	if (!reg) {
		list->text = strdup(list->started ? "]" : "[]");
		list->len = list->text ? strlen(list->text) : 0;
		list->finished = true;
		return list->text != NULL;
	}
	list->text = piece(list->ctl, reg, list->started ? ',' : '[', &list->len);
	list->key = reg->key;
	list->left--;
	list->started = true;
	return list->text != NULL;
}

static ssize_t list_read(struct ctl_stream *stream, char *buf, size_t max)
{
	struct client_list *list = (struct client_list *)stream;
	size_t n = 0;

	while (n < max) {
		size_t part = list->len - list->pos;

		if (part == 0 && list->finished)
			return n > 0 ? (ssize_t)n : -1;
		if (part == 0) {
			if (!next_piece(list))
				return -2;
			continue;
		}
		if (part > max - n)
			part = max - n;
		memcpy(buf + n, list->text + list->pos, part);
		list->pos += part;
		n += part;
	}
	return (ssize_t)n;
}

static void list_free(struct ctl_stream *stream)
{
	struct client_list *list = (struct client_list *)stream;

	free(list->text);
	free(list);
}

static const char *value_text(const struct ctl_query *query)
{
	return query->value.text ? query->value.text : "";
}

// Each fills its part of the list; false when the value is not acceptable.
static bool parse_limit(struct client_list *list, const struct ctl_query *query)
{
	list->left = UINT64_MAX;
	return !query || ctl_query_number(query, &list->left);
}

static bool parse_prefix(struct client_list *list, const struct ctl_query *query)
{
	if (!query)
		return true;
	if (!query->value.text || query->value.len > sizeof(list->prefix))
		return false;
	list->prefix_len = query->value.len;
	memcpy(list->prefix, query->value.text, query->value.len);
	return true;
}

// The registrationId of the last one that was seen. A device that has registered anew or left is
// not a place to go on from.
static bool parse_after(struct client_list *list, const struct ctl_query *query)
{
	const struct ctl_reg *reg;
	uint64_t location;

	if (!query)
		return true;
	location =
		query->value.text ? bridge_location_decode(query->value.text, query->value.len) : 0;
	reg = location != 0 ? ctl_registry_by_location(list->ctl->registry, location) : NULL;
	if (!reg)
		return false;
	list->key = reg->key;
	return true;
}

int ctl_clients_list(struct ctl_req *req, struct ctl_resp *resp)
{
	static const struct {
		const char *name;
		bool (*parse)(struct client_list *list, const struct ctl_query *query);
	} params[] = {
		{"limit", parse_limit},
		{"prefix", parse_prefix},
		{"after", parse_after},
	};
	struct client_list *list = calloc(1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	list->ctl = req->ctl;
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		const struct ctl_query *query = ctl_req_query(req, params[i].name);

		if (params[i].parse(list, query))
			continue;
		free(list);
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid %s '%s'", params[i].name,
				     value_text(query));
	}
	list->stream.read = list_read;
	list->stream.free = list_free;
	resp->status = 200;
	resp->content_type = CTL_TYPE_JSON;
	resp->stream = &list->stream;
	return 0;
}

int ctl_clients_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];
	const struct ctl_reg *reg =
		ctl_registry_by_endpoint(req->ctl->registry, name->text, name->len);

	if (!reg)
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "No registered client with id '%s'",
				     name->text);
	return ctl_resp_json(resp, 200,
			     ctl_registration_json(reg->record, reg->seen_ms,
						   ctl_queue_asleep(req->ctl->queue, reg)));
}
