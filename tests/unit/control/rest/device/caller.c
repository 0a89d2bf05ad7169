// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/control/rest/device/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "control/rest/router.h"

static struct caller *calling;

static void on_done(struct ctl_resp *resp)
{
	calling->done++;
}

static enum ctl_method method_of(const char *name, size_t len)
{
	if (len == 3 && memcmp(name, "GET", 3) == 0)
		return CTL_GET;
	if (len == 3 && memcmp(name, "PUT", 3) == 0)
		return CTL_PUT;
	if (len == 4 && memcmp(name, "POST", 4) == 0)
		return CTL_POST;
	assert_memory_equal(name, "DELETE", 6);
	return CTL_DELETE;
}

static void split_query(struct caller *caller, char *query)
{
	for (char *p = strtok(query, "&"); p; p = strtok(NULL, "&")) {
		struct ctl_query *to = &caller->req.query[caller->req.query_count++];
		char *value = strchr(p, '=');

		if (value)
			*value++ = '\0';
		to->name = (struct ctl_text){p, strlen(p)};
		to->value = (struct ctl_text){value, value ? strlen(value) : 0};
	}
}

int caller_call(struct caller *caller, struct fixture *f, const char *url, const char *body)
{
	const char *path = strchr(url, ' ') + 1;
	const char *mark = strchr(path, '?');
	unsigned int allowed;
	const struct ctl_route *route;

	calling = caller;
	caller_clear(caller);
	caller->req = (struct ctl_req){.ctl = &f->ctl,
				       .method = method_of(url, (size_t)(path - 1 - url)),
				       .body = body,
				       .body_len = body ? strlen(body) : 0};
	caller->resp.done = on_done;
	snprintf(caller->url, sizeof(caller->url), "%.*s",
		 mark ? (int)(mark - path) : (int)strlen(path), path);
	snprintf(caller->query, sizeof(caller->query), "%s", mark ? mark + 1 : "");
	split_query(caller, caller->query);
	assert_int_equal(ctl_route_find(ctl_routes, caller->url, &caller->req, &route, &allowed),
			 CTL_ROUTE_OK);
	return route->handler(&caller->req, &caller->resp);
}

void caller_clear(struct caller *caller)
{
	ctl_resp_clear(&caller->resp);
	caller->resp = (struct ctl_resp){0};
	caller->done = 0;
}

void caller_assert(const struct caller *caller, unsigned int status, const char *type,
		   const char *body)
{
	assert_string_equal(caller->resp.body ? caller->resp.body : "", body);
	assert_int_equal(caller->resp.status, status);
	if (type)
		assert_string_equal(caller->resp.content_type, type);
	else
		assert_null(caller->resp.content_type);
}
