// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which handler a path and a method mean. The table is in routes.c, first match wins. Pure.
#pragma once

#include "control/rest/http.h"

// Segments of a pattern: text is compared, "{}" matches one segment, "**" one or more (once in a
// pattern); what the last two match becomes the request's arguments.
struct ctl_route {
	const char *pattern;
	enum ctl_method method;
	ctl_handler_t handler;
	struct ctl_upload *(*open)(struct ctl *ctl); // NULL: the body is kept for the handler.
						     // May return NULL: no memory
};

extern const struct ctl_route ctl_routes[]; // ends with a NULL pattern

enum ctl_route_verdict {
	CTL_ROUTE_OK,
	CTL_ROUTE_NOT_FOUND,
	CTL_ROUTE_METHOD, // the path is known, with other methods: *allowed
	CTL_ROUTE_BAD,    // a segment is not what percent-encoding allows, or there are too many
};

// path: as received, still encoded; it is decoded in place and req->args point into it.
enum ctl_route_verdict ctl_route_find(const struct ctl_route *routes, char *path,
				      struct ctl_req *req, const struct ctl_route **found,
				      unsigned int *allowed);

// Decodes %XX in place, returns the new length; -1 when a % is not followed by two hex digits.
ssize_t ctl_percent_decode(char *text);

// "GET, HEAD, PUT" and the like, a literal.
const char *ctl_methods_text(unsigned int methods);
