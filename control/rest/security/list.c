// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every credential as one JSON array, written one at a time and going on by id, so that a million
// cost the memory of one, and others may come and go meanwhile.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/rest/query.h"
#include "control/rest/resources.h"
#include "control/security/credentials.h"
#include "control/security/json.h"

struct credential_list {
	struct ctl_stream stream;
	const struct ctl_credentials *credentials;
	uint64_t id; // of the last one written
	uint64_t left;
	char *text; // of the current one
	size_t len, pos;
	bool started, finished;
};

// A credential's JSON behind one character of punctuation, malloc'ed; NULL when memory is out.
static char *piece(const struct ctl_credential *credential, char before, size_t *len)
{
	json_t *json = ctl_credential_json(credential);
	size_t size = json != NULL ? json_dumpb(json, NULL, 0, JSON_COMPACT) : 0;
	char *text = size > 0 ? malloc(size + 1) : NULL;

	if (text != NULL) {
		text[0] = before;
		json_dumpb(json, text + 1, size, JSON_COMPACT);
		*len = size + 1;
	}
	json_decref(json);
	return text;
}

// Replaces the current piece by the next one. False when memory is out.
static bool next_piece(struct credential_list *list)
{
	const struct ctl_credential *credential =
		list->left > 0 ? ctl_credentials_after(list->credentials, list->id) : NULL;

	free(list->text);
	list->pos = list->len = 0;
	if (credential == NULL) {
		list->text = strdup(list->started ? "]" : "[]");
		list->len = list->text != NULL ? strlen(list->text) : 0;
		list->finished = true;
		return list->text != NULL;
	}
	list->text = piece(credential, list->started ? ',' : '[', &list->len);
	list->id = credential->id;
	list->left--;
	list->started = true;
	return list->text != NULL;
}

static ssize_t list_read(struct ctl_stream *stream, char *buf, size_t max)
{
	struct credential_list *list = (struct credential_list *)stream;
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
	struct credential_list *list = (struct credential_list *)stream;

	free(list->text);
	free(list);
}

// The endpoint of the last one that was seen.
static bool parse_after(struct credential_list *list, const struct ctl_query *query)
{
	const struct ctl_credential *credential =
		query->value.text != NULL
			? ctl_credentials_of(list->credentials, query->value.text, query->value.len)
			: NULL;

	if (credential != NULL)
		list->id = credential->id;
	return credential != NULL;
}

int ctl_security_clients_list(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_query *limit = ctl_req_query(req, "limit");
	const struct ctl_query *after = ctl_req_query(req, "after");
	struct credential_list *list = calloc(1, sizeof(*list));
	const struct ctl_query *bad = NULL;

	if (list == NULL)
		return -ENOMEM;
	list->stream.read = list_read;
	list->stream.free = list_free;
	list->credentials = req->ctl->credentials;
	list->left = UINT64_MAX;
	if (limit != NULL && !ctl_query_number(limit, &list->left))
		bad = limit;
	else if (after != NULL && !parse_after(list, after))
		bad = after;
	if (bad != NULL) {
		free(list);
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid %s '%s'", bad->name.text,
				     bad->value.text != NULL ? bad->value.text : "");
	}
	resp->status = 200;
	resp->content_type = CTL_TYPE_JSON;
	resp->stream = &list->stream;
	return 0;
}
