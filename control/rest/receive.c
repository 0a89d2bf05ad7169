// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <stdlib.h>
#include <string.h>

#include "control/rest/router.h"
#include "control/rest/server.h"

// Copies and decodes one string of the query. False when it is malformed.
static bool take_text(struct server_conn *conn, const char *from, struct ctl_text *text)
{
	char *p = strcpy(conn->query + conn->query_len, from);
	ssize_t len = ctl_percent_decode(p);

	if (len < 0)
		return false;
	conn->query_len += (size_t)len + 1;
	*text = (struct ctl_text){p, (size_t)len};
	return true;
}

static enum MHD_Result add_query(void *cls, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	struct server_conn *conn = cls;
	struct ctl_query *query = &conn->req.query[conn->req.query_count];

	if (conn->req.query_count == CTL_REQ_QUERY_MAX || !take_text(conn, name, &query->name) ||
	    (value && !take_text(conn, value, &query->value)))
		return MHD_NO;
	conn->req.query_count++;
	return MHD_YES;
}

static enum MHD_Result add_query_size(void *cls, enum MHD_ValueKind kind, const char *name,
				      const char *value)
{
	*(size_t *)cls += strlen(name) + 1 + (value ? strlen(value) + 1 : 0);
	return MHD_YES;
}

bool server_read_query(struct server_conn *conn)
{
	size_t size = 1;
	int count =
		MHD_get_connection_values(conn->http, MHD_GET_ARGUMENT_KIND, add_query_size, &size);

	conn->query = malloc(size);
	if (!conn->query)
		return false;
	MHD_get_connection_values(conn->http, MHD_GET_ARGUMENT_KIND, add_query, conn);
	return count >= 0 && conn->req.query_count == (uint32_t)count;
}

void server_take_body(struct server_conn *conn, const char *upload, size_t size)
{
	if (conn->too_large || size > CTL_REQ_BODY_MAX - conn->body_len) {
		conn->too_large = true;
		return;
	}
	if (conn->body_len + size > conn->body_cap) {
		size_t cap = (conn->body_len + size) * 2;
		char *body = realloc(conn->body, cap);

		if (!body) {
			conn->too_large = true;
			return;
		}
		conn->body = body;
		conn->body_cap = cap;
	}
	memcpy(conn->body + conn->body_len, upload, size);
	conn->body_len += size;
}
