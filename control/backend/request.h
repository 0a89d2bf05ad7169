// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// POSTs to one back end, one at a time, as it is configured: headers, signature, packing, TLS, HTTP
// version. Loop thread only.
#pragma once

#include <uv.h>

#include "control/backend/batch.h"
#include "control/backend/engine.h"
#include "dataplane/bridge/config.h"

struct request;
struct requests;

struct request_result {
	struct engine_answer answer;
	uint32_t took_ms;
	const char *http; // "1.1", "2"; "" without an answer
};

// answer->why and http live for the call. The request may be posted again or freed from in there.
typedef void (*request_cb_t)(const struct request_result *result, void *arg);

// Connections that requests of one loop share. NULL when memory is out.
struct requests *requests_new(uv_loop_t *loop);
void requests_free(struct requests *requests); // after the last request

// Borrows cfg. NULL with the reason in why.
struct request *request_new(struct requests *requests, const struct config_backend *cfg,
			    request_cb_t cb, void *arg, char why[static 160]);
void request_free(struct request *request); // one under way is broken off, without a word
// The body stays until the callback, which is not called before this has returned.
void request_post(struct request *request, const char *content_type, struct batch_text body);
