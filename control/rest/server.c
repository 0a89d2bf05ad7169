// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "control/metrics.h"
#include "control/rest/router.h"
#include "control/store/store.h"

#define STREAM_BLOCK (64u << 10) // what libmicrohttpd asks a stream for at a time

static void watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void client_gone(uv_poll_t *poll, int status, int events);

// Suspends the connection and watches its socket for the client's going away.
static bool suspend(struct server_conn *conn)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(conn->http, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct server_watch *watch = calloc(1, sizeof(*watch));

	if (!watch || !info ||
	    uv_poll_init(conn->rest->ctl->loop, &watch->poll, info->connect_fd)) {
		free(watch);
		return false;
	}
	watch->conn = conn;
	watch->poll.data = watch;
	uv_poll_start(&watch->poll, UV_DISCONNECT, client_gone);
	conn->watch = watch;
	MHD_suspend_connection(conn->http);
	return true;
}

static void unwatch(struct server_conn *conn)
{
	if (!conn->watch)
		return;
	conn->watch->conn = NULL;
	uv_close((uv_handle_t *)&conn->watch->poll, watch_closed);
	conn->watch = NULL;
}

static void resume(struct server_conn *conn)
{
	if (!conn->watch)
		return;
	unwatch(conn);
	MHD_resume_connection(conn->http);
	server_kick(conn->rest);
}

// The request will get no answer from its handler any more.
static void cancel(struct server_conn *conn)
{
	if (conn->waiting) {
		conn->waiting = false;
		conn->resp.cancel(conn->resp.cancel_arg);
	}
	conn->ended = true;
}

static void client_gone(uv_poll_t *poll, int status, int events)
{
	struct server_watch *watch = poll->data;
	struct server_conn *conn = watch->conn;

	if (!conn)
		return;
	cancel(conn);
	resume(conn); // libmicrohttpd finds the socket closed and completes the request
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct server_conn *conn = cls;
	ssize_t n;

	if (conn->ended || conn->rest->stopping)
		return MHD_CONTENT_READER_END_OF_STREAM;
	n = conn->resp.stream->read(conn->resp.stream, buf, max);
	if (n < 0)
		return n == -1 ? MHD_CONTENT_READER_END_OF_STREAM
			       : MHD_CONTENT_READER_END_WITH_ERROR;
	// Without the suspension, 0 would make libmicrohttpd ask again and again.
	if (n == 0 && !suspend(conn))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n;
}

static void stream_wake(struct ctl_stream *stream)
{
	resume(stream->server);
}

static void stream_cut(struct ctl_stream *stream)
{
	struct server_conn *conn = stream->server;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(conn->http, MHD_CONNECTION_INFO_CONNECTION_FD);

	conn->ended = true;
	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
	resume(conn);
}

static struct MHD_Response *make_response(struct server_conn *conn)
{
	struct ctl_resp *resp = &conn->resp;
	struct MHD_Response *http;

	if (resp->stream) {
		resp->stream->server = conn;
		resp->stream->wake = stream_wake;
		resp->stream->cut = stream_cut;
		// The stream is freed with the connection, which outlives every read.
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
							 stream_read, conn, NULL);
	}
	http = MHD_create_response_from_buffer(resp->body_len, resp->body, MHD_RESPMEM_MUST_FREE);
	if (http) {
		resp->body = NULL;
		resp->body_len = 0;
	}
	return http;
}

static enum MHD_Result queue(struct server_conn *conn)
{
	struct ctl_resp *resp = &conn->resp;
	struct MHD_Response *http = make_response(conn);
	enum MHD_Result result;

	conn->queued = true;
	if (!http)
		return MHD_NO;
	if (resp->content_type)
		MHD_add_response_header(http, MHD_HTTP_HEADER_CONTENT_TYPE, resp->content_type);
	if (resp->allow)
		MHD_add_response_header(http, MHD_HTTP_HEADER_ALLOW, resp->allow);
	if (resp->stream)
		MHD_add_response_header(http, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	ctl_counters.rest_requests++;
	if (resp->status >= 400)
		ctl_counters.rest_errors++;
	result = MHD_queue_response(conn->http, resp->status, http);
	MHD_destroy_response(http);
	return result;
}

static void response_done(struct ctl_resp *resp)
{
	struct server_conn *conn =
		(struct server_conn *)((char *)resp - offsetof(struct server_conn, resp));

	conn->waiting = false;
	resume(conn);
}

static int refuse(struct ctl_resp *resp, unsigned int status, const char *text)
{
	return ctl_resp_text(resp, status, CTL_TYPE_TEXT, "%s", text);
}

static int dispatch(struct server_conn *conn)
{
	if (conn->too_large)
		return refuse(&conn->resp, MHD_HTTP_CONTENT_TOO_LARGE, "Request body too large");
	switch (conn->verdict) {
	case CTL_ROUTE_OK:
		return conn->route->handler(&conn->req, &conn->resp);
	case CTL_ROUTE_METHOD:
		conn->resp.allow = ctl_methods_text(conn->allowed);
		return refuse(&conn->resp, MHD_HTTP_METHOD_NOT_ALLOWED, "Method not allowed");
	case CTL_ROUTE_BAD:
		return refuse(&conn->resp, MHD_HTTP_BAD_REQUEST, "Malformed path");
	case CTL_ROUTE_NOT_FOUND:
		break;
	}
	return refuse(&conn->resp, MHD_HTTP_NOT_FOUND, "Not found");
}

// A filled response that waits until what its handler changed is on disk.
struct server_commit {
	struct server_conn *conn; // NULL: cancelled
};

static void on_committed(int err, void *arg)
{
	struct server_commit *commit = arg;
	struct server_conn *conn = commit->conn;

	free(commit);
	if (!conn)
		return;
	conn->waiting = false;
	if (err != 0)
		ctl_resp_clear(&conn->resp); // told that it was cancelled
	resume(conn);
}

static void commit_cancel(void *arg)
{
	struct server_commit *commit = arg;

	ctl_resp_clear(&commit->conn->resp);
	commit->conn = NULL;
}

// 0: there was nothing to wait for.
static int wait_for_disk(struct server_conn *conn)
{
	struct server_commit *commit = malloc(sizeof(*commit));

	if (!commit)
		return -ENOMEM;
	commit->conn = conn;
	conn->waiting = true;
	conn->resp.cancel = commit_cancel;
	conn->resp.cancel_arg = commit;
	ctl_store_submit(conn->rest->ctl->store, on_committed, commit);
	return conn->waiting ? CTL_RESP_LATER : 0;
}

// Runs the handler; the whole request has been received.
static enum MHD_Result serve(struct server_conn *conn)
{
	int err;

	conn->called = true;
	conn->req.body = conn->body;
	conn->req.body_len = conn->body_len;
	conn->resp.done = response_done;
	if (!server_read_query(conn))
		err = refuse(&conn->resp, MHD_HTTP_BAD_REQUEST, "Malformed query");
	else
		err = dispatch(conn);
	if (err == 0 && conn->req.method != CTL_GET && conn->resp.status < 400)
		err = wait_for_disk(conn);
	if (err == CTL_RESP_LATER) {
		conn->waiting = true;
		if (suspend(conn))
			return MHD_YES;
		cancel(conn);
		err = -ENOMEM;
	}
	if (err < 0) {
		ctl_resp_clear(&conn->resp);
		if (refuse(&conn->resp, MHD_HTTP_INTERNAL_SERVER_ERROR, strerror(-err)) != 0)
			return MHD_NO;
	}
	return queue(conn);
}

static enum ctl_method method_of(const char *name)
{
	static const struct {
		const char *name;
		enum ctl_method method;
	} methods[] = {
		{"GET", CTL_GET},   {"HEAD", CTL_GET},      {"PUT", CTL_PUT},
		{"POST", CTL_POST}, {"DELETE", CTL_DELETE},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return 0; // no route has it
}

// Finds the route at once: it decides where the body goes. False: no memory.
static bool conn_route(struct server_conn *conn)
{
	conn->verdict =
		ctl_route_find(ctl_routes, conn->url, &conn->req, &conn->route, &conn->allowed);
	if (conn->verdict != CTL_ROUTE_OK || conn->route->open == NULL)
		return true;
	conn->req.upload = conn->route->open(conn->rest->ctl);
	return conn->req.upload != NULL;
}

static struct server_conn *conn_new(struct ctl_rest *rest, struct MHD_Connection *http,
				    const char *url, const char *method)
{
	struct server_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		return NULL;
	conn->rest = rest;
	conn->http = http;
	conn->req.ctl = rest->ctl;
	conn->req.method = method_of(method);
	conn->url = strdup(url);
	if (!conn->url || !conn_route(conn)) {
		free(conn->url);
		free(conn);
		return NULL;
	}
	conn->next = rest->conns;
	if (rest->conns)
		rest->conns->prev = conn;
	rest->conns = conn;
	return conn;
}

static bool announces_too_much(struct MHD_Connection *http)
{
	const char *length =
		MHD_lookup_connection_value(http, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

	return length && strtoull(length, NULL, 10) > CTL_REQ_BODY_MAX;
}

enum MHD_Result server_access(void *cls, struct MHD_Connection *http, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	struct server_conn *conn = *state;

	if (!conn) {
		conn = *state = conn_new(cls, http, url, method);
		if (!conn)
			return MHD_NO;
		if (conn->req.upload || !announces_too_much(http))
			return MHD_YES;
		// An answer before the body makes libmicrohttpd close the connection after it.
		conn->called = conn->too_large = true;
		return dispatch(conn) == 0 ? queue(conn) : MHD_NO;
	}
	if (*upload_size > 0) {
		if (conn->req.upload)
			conn->req.upload->take(conn->req.upload, upload, *upload_size);
		else
			server_take_body(conn, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (!conn->called)
		return serve(conn);
	if (conn->queued || conn->waiting)
		return MHD_YES;
	// Resumed: the handler has answered, or was cancelled: we stop, or nobody is there to read
	// this.
	if (conn->resp.status == 0 &&
	    refuse(&conn->resp, MHD_HTTP_SERVICE_UNAVAILABLE, "Cancelled") != 0)
		return MHD_NO;
	return queue(conn);
}

void server_completed(void *cls, struct MHD_Connection *http, void **state,
		      enum MHD_RequestTerminationCode why)
{
	struct server_conn *conn = *state;

	if (!conn)
		return;
	*state = NULL;
	cancel(conn);
	unwatch(conn);
	if (conn->prev)
		conn->prev->next = conn->next;
	else
		conn->rest->conns = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	ctl_resp_clear(&conn->resp);
	if (conn->req.upload)
		conn->req.upload->free(conn->req.upload);
	free(conn->url);
	free(conn->query);
	free(conn->body);
	free(conn);
}

void server_release_all(struct ctl_rest *rest)
{
	for (struct server_conn *conn = rest->conns; conn; conn = conn->next) {
		cancel(conn);
		resume(conn);
	}
}
