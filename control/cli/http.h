// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Requests to the gateway, one at a time.
#pragma once

#include "control/cli/cli.h"

struct cli_reply {
	long status; // of HTTP
	char *body;  // zero-terminated; never NULL after CLI_OK
	size_t len;
};

struct cli_request {
	const char *method;
	const char *target; // path and query below the URL of the gateway, encoded
	const char *content_type;
	const void *body;
	size_t body_len;
	// Instead of body: called for more of it until it returns 0. size: of the whole, or -1.
	size_t (*read)(char *buf, size_t max, void *arg);
	void *read_arg;
	int64_t size;
};

// CLI_OK with the reply, whatever its status; or CLI_UNREACHABLE, explained. The reply is to be
// freed in any case.
int cli_http(struct cli *cli, const struct cli_request *request, struct cli_reply *reply);
void cli_reply_free(struct cli_reply *reply);

// Before trying again.
void cli_http_wait(unsigned int seconds);

// The body as it comes. False from the callback ends it: CLI_OK then and at the end of the body,
// CLI_REFUSED with the reply when the status is not 200 (nothing is called back then),
// CLI_UNREACHABLE (explained only if no byte ever came).
typedef bool (*cli_http_cb_t)(const char *bytes, size_t len, void *arg);
int cli_http_stream(struct cli *cli, const char *target, cli_http_cb_t cb, void *arg,
		    struct cli_reply *reply);
