// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/rest.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/rest/events.h"
#include "control/rest/server.h"

#define CONNECTIONS_MAX 1024u
#define IDLE_TIMEOUT_S \
	60u // a connection that neither sends nor takes anything; suspended ones wait on
#define LISTEN_BACKLOG 511

static void run(struct ctl_rest *rest);

static void on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

static void run(struct ctl_rest *rest)
{
	MHD_UNSIGNED_LONG_LONG ms;

	uv_timer_stop(&rest->timer);
	MHD_run(rest->daemon);
	if (MHD_get_timeout(rest->daemon, &ms) == MHD_YES)
		uv_timer_start(&rest->timer, on_timer, ms, 0);
}

void server_kick(struct ctl_rest *rest)
{
	if (!rest->stopping)
		uv_timer_start(&rest->timer, on_timer, 0, 0);
}

// The router splits a path before it decodes it, so libmicrohttpd must leave the encoding alone.
static size_t leave_encoded(void *cls, struct MHD_Connection *http, char *text)
{
	return strlen(text);
}

// A listening socket on the configured address, or -errno.
static int open_listener(const char *listen_text, uint16_t *port)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	uint8_t addr[16];
	bool v4;
	int fd, on = 1, err;

	if (!config_parse_endpoint(listen_text, addr, port))
		return -EINVAL;
	memcpy(&in6.sin6_addr, addr, sizeof(addr));
	v4 = IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr);
	memcpy(&in.sin_addr, addr + 12, 4);
	in.sin_port = in6.sin6_port = htons(*port);
	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6,
		 v4 ? sizeof(in) : sizeof(in6)) != 0 ||
	    listen(fd, LISTEN_BACKLOG) != 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

// Half of the descriptors the process may have, so that back ends and the store get theirs.
static unsigned int connection_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur / 2 >= CONNECTIONS_MAX)
		return CONNECTIONS_MAX;
	return files.rlim_cur < 4 ? 2 : (unsigned int)(files.rlim_cur / 2);
}

static struct MHD_Daemon *start_daemon(struct ctl_rest *rest)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
				server_access, rest, MHD_OPTION_LISTEN_SOCKET, rest->listen_fd,
				MHD_OPTION_NOTIFY_COMPLETED, server_completed, rest,
				MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL,
				MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
				MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, MHD_OPTION_END);
}

static void handle_closed(uv_handle_t *handle)
{
	struct ctl_rest *rest = handle->data;

	if (--rest->handles == 0)
		free(rest);
}

static void close_handles(struct ctl_rest *rest)
{
	uv_close((uv_handle_t *)&rest->poll, handle_closed);
	uv_close((uv_handle_t *)&rest->timer, handle_closed);
}

static int start_polling(struct ctl_rest *rest)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(rest->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int err = uv_poll_init(rest->ctl->loop, &rest->poll, info->epoll_fd);

	if (err)
		return err;
	uv_timer_init(rest->ctl->loop, &rest->timer);
	rest->poll.data = rest->timer.data = rest;
	rest->handles = 2;
	uv_poll_start(&rest->poll, UV_READABLE, on_poll);
	return 0;
}

int ctl_rest_start(struct ctl *ctl, struct ctl_rest **out, char why[static 160])
{
	const char *listen_text = ctl->cfg->control.listen;
	struct ctl_rest *rest = calloc(1, sizeof(*rest));
	int err = -ENOMEM;

	if (!rest) {
		snprintf(why, 160, "%s", strerror(ENOMEM));
		return err;
	}
	rest->ctl = ctl;
	rest->listen_fd = open_listener(listen_text, &rest->port);
	if (rest->listen_fd < 0) {
		err = rest->listen_fd;
		goto err_rest;
	}
	rest->daemon = start_daemon(rest);
	if (!rest->daemon)
		goto err_listener;
	rest->events = ctl_events_new(ctl);
	if (!rest->events)
		goto err_daemon;
	err = start_polling(rest);
	if (err)
		goto err_events;
	ctl->rest = *out = rest;
	return 0;

err_events:
	ctl_events_free(rest->events);
err_daemon:
	MHD_stop_daemon(rest->daemon); // closes the listener
	goto err_rest;
err_listener:
	close(rest->listen_fd);
err_rest:
	snprintf(why, 160, "cannot listen on %s: %s", listen_text, strerror(-err));
	free(rest);
	return err;
}

void ctl_rest_stop(struct ctl_rest *rest)
{
	if (!rest)
		return;
	rest->stopping = true;
	rest->ctl->rest = NULL;
	server_release_all(rest);
	MHD_run(rest->daemon); // lets those that waited see their answer
	close_handles(rest);
	MHD_stop_daemon(rest->daemon);
	ctl_events_free(rest->events);
}

uint16_t ctl_rest_port(const struct ctl_rest *rest)
{
	struct sockaddr_in6 addr;
	socklen_t len = sizeof(addr);

	if (getsockname(rest->listen_fd, (struct sockaddr *)&addr, &len) != 0)
		return 0;
	return ntohs(addr.sin6_port); // at the same place in sockaddr_in
}
