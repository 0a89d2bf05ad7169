// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/registry.h"
#include "control/rest/query.h"
#include "control/rest/registration_json.h"
#include "control/rest/resources.h"

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
};

static const struct ctl_reg *next_reg(const struct client_list *list)
{
	if (list->left == 0)
		return NULL;
	return list->started ? ctl_registry_after(list->ctl->registry, list->key)
			     : ctl_registry_next(list->ctl->registry, NULL);
}

// A registration's JSON behind one character of punctuation, malloc'ed; NULL when memory is out.
static char *piece(const struct ctl_reg *reg, char before, size_t *len)
{
	json_t *json = ctl_registration_json(reg->record, reg->seen_ms);
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
	const struct ctl_reg *reg = next_reg(list);

	free(list->text);
	list->pos = list->len = 0;
	if (!reg) {
		list->text = strdup(list->started ? "]" : "[]");
		list->len = list->text ? strlen(list->text) : 0;
		list->finished = true;
		return list->text != NULL;
	}
	list->text = piece(reg, list->started ? ',' : '[', &list->len);
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

int ctl_clients_list(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_query *limit = ctl_req_query(req, "limit");
	uint64_t left = UINT64_MAX;
	struct client_list *list;

	if (limit && !ctl_query_number(limit, &left))
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid limit '%s'",
				     limit->value.text ? limit->value.text : "");
	list = calloc(1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	list->stream.read = list_read;
	list->stream.free = list_free;
	list->ctl = req->ctl;
	list->left = left;
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
	return ctl_resp_json(resp, 200, ctl_registration_json(reg->record, reg->seen_ms));
}
