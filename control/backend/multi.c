// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/backend/multi.h"

#include <errno.h>
#include <stdlib.h>

struct multi {
	uv_loop_t *loop;
	CURLM *curl;
	uv_timer_t timer;
	multi_cb_t cb;
};

struct socket_poll {
	uv_poll_t poll;
	struct multi *multi;
	curl_socket_t fd;
};

static void finished_report(struct multi *multi)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(multi->curl, &left)) != NULL) {
		CURL *easy = msg->easy_handle;
		CURLcode code = msg->data.result;
		long response = 0;
		void *arg = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response);
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&arg);
		curl_multi_remove_handle(multi->curl, easy);
		multi->cb(easy, code, response, arg);
	}
}

static void act(struct multi *multi, curl_socket_t fd, int flags)
{
	int running;

	curl_multi_socket_action(multi->curl, fd, flags, &running);
	finished_report(multi);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct socket_poll *sp = poll->data;
	int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
		    (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0) |
		    (status < 0 ? CURL_CSELECT_ERR : 0);

	act(sp->multi, sp->fd, flags);
}

static void on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int on_curl_timer(CURLM *curl, long timeout_ms, void *arg)
{
	struct multi *multi = arg;

	// libcurl must not be called from in here, not even with a time that has passed.
	if (timeout_ms < 0)
		uv_timer_stop(&multi->timer);
	else
		uv_timer_start(&multi->timer, on_timer, (uint64_t)timeout_ms, 0);
	return 0;
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct socket_poll *sp = socket_arg;
	struct multi *multi = arg;
	int events =
		(what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(multi->curl, fd, NULL);
		if (sp != NULL)
			uv_close((uv_handle_t *)&sp->poll, on_poll_closed);
		return 0;
	}
	if (sp == NULL) {
		sp = calloc(1, sizeof(*sp));
		if (sp == NULL)
			return -1;
		sp->multi = multi;
		sp->fd = fd;
		sp->poll.data = sp;
		if (uv_poll_init_socket(multi->loop, &sp->poll, fd) != 0) {
			free(sp);
			return -1;
		}
		curl_multi_assign(multi->curl, fd, sp);
	}
	return uv_poll_start(&sp->poll, events, on_poll) == 0 ? 0 : -1;
}

struct multi *multi_new(uv_loop_t *loop, multi_cb_t cb)
{
	struct multi *multi = calloc(1, sizeof(*multi));

	if (multi == NULL)
		return NULL;
	multi->loop = loop;
	multi->cb = cb;
	multi->curl = curl_multi_init();
	if (multi->curl == NULL) {
		free(multi);
		return NULL;
	}
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
	uv_timer_init(loop, &multi->timer);
	multi->timer.data = multi;
	return multi;
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void multi_free(struct multi *multi)
{
	curl_multi_cleanup(multi->curl);
	uv_close((uv_handle_t *)&multi->timer, on_timer_closed);
}

uv_loop_t *multi_loop(const struct multi *multi)
{
	return multi->loop;
}

int multi_add(struct multi *multi, CURL *easy)
{
	return curl_multi_add_handle(multi->curl, easy) == CURLM_OK ? 0 : -EIO;
}

void multi_remove(struct multi *multi, CURL *easy)
{
	curl_multi_remove_handle(multi->curl, easy);
}
