// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/http.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ctl_query *ctl_req_query(const struct ctl_req *req, const char *name)
{
	for (uint32_t i = 0; i < req->query_count; i++)
		if (strcmp(req->query[i].name.text, name) == 0)
			return &req->query[i];
	return NULL;
}

int ctl_resp_json(struct ctl_resp *resp, unsigned int status, json_t *json)
{
	char *body = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	json_decref(json);
	if (!body)
		return -ENOMEM;
	resp->status = status;
	resp->content_type = CTL_TYPE_JSON;
	resp->body = body;
	resp->body_len = strlen(body);
	return 0;
}

int ctl_resp_text(struct ctl_resp *resp, unsigned int status, const char *type, const char *format,
		  ...)
{
	va_list args;
	char *body;
	int len;

	va_start(args, format);
	len = vasprintf(&body, format, args);
	va_end(args);
	if (len < 0)
		return -ENOMEM;
	resp->status = status;
	resp->content_type = type;
	resp->body = body;
	resp->body_len = (size_t)len;
	return 0;
}

void ctl_resp_clear(struct ctl_resp *resp)
{
	free(resp->body);
	resp->body = NULL;
	resp->body_len = 0;
	if (resp->stream)
		resp->stream->free(resp->stream);
	resp->stream = NULL;
	resp->status = 0;
}
