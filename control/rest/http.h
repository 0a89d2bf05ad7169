// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a REST resource sees of HTTP: a request that was routed and a response to fill. Handlers
// never block and know nothing of sockets, so that tests call them directly. Loop thread only.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "control/ctl.h"

#define CTL_REQ_ARGS_MAX  8u
#define CTL_REQ_QUERY_MAX 32u
#define CTL_REQ_BODY_MAX  (1u << 20)

enum ctl_method {
	CTL_GET = 1 << 0, // HEAD too: the server leaves the body out
	CTL_PUT = 1 << 1,
	CTL_POST = 1 << 2,
	CTL_DELETE = 1 << 3,
};

// Percent-decoded and zero-terminated; len may be more than strlen (%00).
struct ctl_text {
	const char *text;
	size_t len;
};

struct ctl_query {
	struct ctl_text name;
	struct ctl_text value; // text NULL when there is no '='
};

// A body that is taken in pieces, while it comes, instead of being kept.
struct ctl_upload {
	void (*take)(struct ctl_upload *upload, const char *bytes, size_t len);
	void (*free)(struct ctl_upload *upload);
};

struct ctl_req {
	struct ctl *ctl;
	enum ctl_method method;
	struct ctl_text args[CTL_REQ_ARGS_MAX]; // what the variable segments of the route matched
	uint32_t args_count;
	struct ctl_query query[CTL_REQ_QUERY_MAX];
	uint32_t query_count;
	const void *body;
	size_t body_len;
	struct ctl_upload *upload; // instead of body, for a route that opens one; the server's
};

// NULL when the request has no such parameter; its value may still be missing.
const struct ctl_query *ctl_req_query(const struct ctl_req *req, const char *name);

// A body made while it is sent, in bounded memory.
struct ctl_stream {
	// Up to max bytes into buf; 0: nothing now, wake will be called when there is; -1: the end;
	// -2: it cannot go on, the connection is broken off.
	ssize_t (*read)(struct ctl_stream *stream, char *buf, size_t max);
	void (*free)(struct ctl_stream *stream);
	// Set by the server. wake: read again. cut: close the connection, whatever is unsent.
	// Neither calls back before it returns.
	void (*wake)(struct ctl_stream *stream);
	void (*cut)(struct ctl_stream *stream);
	void *server;
};

struct ctl_resp {
	unsigned int status;
	const char *content_type; // a literal; NULL: no such header
	char *body;               // malloc'ed; the response's
	size_t body_len;
	struct ctl_stream *stream; // instead of body; the response's until the server takes it
	const char *allow;         // 405: a literal
	// For a handler that returned CTL_RESP_LATER: called instead of done when the client went
	// away.
	void (*cancel)(void *arg);
	void *cancel_arg;
	void (*done)(struct ctl_resp *resp); // set by the server; call once the response is filled
};

// Handlers return 0 with the response filled, CTL_RESP_LATER, or -errno (answered 500).
#define CTL_RESP_LATER 1
typedef int (*ctl_handler_t)(struct ctl_req *req, struct ctl_resp *resp);

#define CTL_TYPE_JSON  "application/json"
#define CTL_TYPE_TEXT  "text/plain;charset=utf-8"
#define CTL_TYPE_PLAIN NULL // Leshan leaves the type of most of its error texts out

// Fill the response; 0 or -ENOMEM. The JSON value is taken, NULL stands for no memory.
int ctl_resp_json(struct ctl_resp *resp, unsigned int status, json_t *json);
int ctl_resp_text(struct ctl_resp *resp, unsigned int status, const char *type, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));
void ctl_resp_clear(struct ctl_resp *resp); // frees what was not sent
