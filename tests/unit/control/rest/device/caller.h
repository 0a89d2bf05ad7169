// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Calls resources as the server does: by method and URL, through the table of routes.
#pragma once

#include "tests/unit/control/rest/fixture.h"

struct caller {
	struct ctl_req req;
	struct ctl_resp resp;
	char url[1024];
	char query[1024];
	uint32_t done; // answers that came later
};

// url: "PUT /api/clients/dev/3/0?replace=false"; body may be NULL. What the handler returned.
int caller_call(struct caller *caller, struct fixture *f, const char *url, const char *body);
void caller_clear(struct caller *caller);
// type NULL: there is none.
void caller_assert(const struct caller *caller, unsigned int status, const char *type,
		   const char *body);
