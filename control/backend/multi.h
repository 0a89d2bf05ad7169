// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// libcurl's multi interface on a libuv loop. Requests belong to the caller, who is called back once
// each is over. Loop thread only.
#pragma once

#include <curl/curl.h>
#include <uv.h>

struct multi;

// code: of the transfer; response: HTTP status, 0 without one.
typedef void (*multi_cb_t)(CURL *easy, CURLcode code, long response, void *arg);

// Every easy handle's private pointer is handed to the callback as arg. NULL when memory is out.
struct multi *multi_new(uv_loop_t *loop, multi_cb_t cb);
void multi_free(struct multi *multi); // after every easy handle was removed
uv_loop_t *multi_loop(const struct multi *multi);
int multi_add(struct multi *multi, CURL *easy);
void multi_remove(struct multi *multi, CURL *easy); // one that is not over yet
