// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// libmicrohttpd behind the handlers of http.h: one struct server_conn per request under way. A
// request that waits (for a device, for the next event) has its connection suspended; while it is,
// nobody but us would see the client go away, so its socket is watched for that. Loop thread only.
#pragma once

#include <microhttpd.h>
#include <uv.h>

#include "control/rest/router.h"

struct ctl_events;

struct ctl_rest {
	struct ctl *ctl;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;   // libmicrohttpd's epoll descriptor
	uv_timer_t timer; // its next timeout, or "at once"
	uint32_t handles; // not yet closed; the last one frees this
	int listen_fd;
	uint16_t port;
	bool stopping;
	struct server_conn *conns; // those that are suspended or may be
	struct ctl_events *events;
};

struct server_watch { // outlives its connection until libuv has closed it
	uv_poll_t poll;
	struct server_conn *conn;
};

struct server_conn {
	struct ctl_rest *rest;
	struct MHD_Connection *http;
	struct server_conn *prev, *next;
	struct server_watch *watch; // NULL: not suspended
	struct ctl_req req;
	struct ctl_resp resp;
	char *url; // decoded in place by the router
	enum ctl_route_verdict verdict;
	const struct ctl_route *route; // CTL_ROUTE_OK
	unsigned int allowed;          // methods; CTL_ROUTE_METHOD
	char *query;                   // names and values, decoded
	size_t query_len;
	char *body;
	size_t body_len, body_cap;
	bool too_large;
	bool called;  // the handler was
	bool waiting; // for resp.done
	bool queued;  // the response was handed to libmicrohttpd
	bool ended;   // stream: nothing more may be read
};

// Callbacks for MHD_start_daemon.
enum MHD_Result server_access(void *cls, struct MHD_Connection *http, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state);
void server_completed(void *cls, struct MHD_Connection *http, void **state,
		      enum MHD_RequestTerminationCode why);

// Decodes the query into conn->req. False when a parameter is malformed or there are too many.
bool server_read_query(struct server_conn *conn);
// Takes a piece of the body, up to CTL_REQ_BODY_MAX; what is beyond is read and thrown away, so
// that the client gets to see why.
void server_take_body(struct server_conn *conn, const char *upload, size_t size);

// Lets libmicrohttpd work in the loop's next turn.
void server_kick(struct ctl_rest *rest);
// Ends what is suspended, so that the daemon can be stopped.
void server_release_all(struct ctl_rest *rest);
