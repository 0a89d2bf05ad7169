// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWN_SOCKETS_MAX    25000u // ephemeral ports of one address (28,232 by default), less some
#define SHARED_SOCKETS     4096u  // 265 messages/s each (RFC 7252 section 4.4) make a million
#define DESCRIPTORS_SPARED 64u    // for everything that is not a device's socket
#define EVENTS_MAX         256

struct udp {
	int epoll_fd;
	uint32_t sockets;
	int *fds;
};

static int resolve(const char *text, const char *port, struct addrinfo **found)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	return getaddrinfo(text, port, &hints, found);
}

// "host:port" or "[v6]:port".
static struct addrinfo *server_address(const char *server)
{
	char host[128];
	struct addrinfo *found;
	const char *colon = strrchr(server, ':');
	size_t len = colon != NULL ? (size_t)(colon - server) : 0;
	bool bracket = len >= 2 && server[0] == '[' && server[len - 1] == ']';
	if (bracket) {
		server++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(host))
		return NULL;
	memcpy(host, server, len);
	host[len] = 0;
	return resolve(host, colon + 1, &found) == 0 ? found : NULL;
}

static uint32_t sockets_for(uint32_t count)
{
	struct rlimit limit;
	uint32_t own = OWN_SOCKETS_MAX;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		if (limit.rlim_cur < own + DESCRIPTORS_SPARED)
			own = (uint32_t)limit.rlim_cur - DESCRIPTORS_SPARED;
	}
	if (count <= own)
		return count;
	return own < SHARED_SOCKETS ? own : SHARED_SOCKETS;
}

static int open_socket(const struct udp *udp, uint32_t n, const struct addrinfo *server,
		       const struct addrinfo *source)
{
	int fd = socket(server->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = n};
	if (fd < 0)
		return -errno;
	if ((source != NULL && bind(fd, source->ai_addr, source->ai_addrlen) < 0) ||
	    connect(fd, server->ai_addr, server->ai_addrlen) < 0 ||
	    epoll_ctl(udp->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		int err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

static bool open_sockets(struct udp *udp, uint32_t count, const struct addrinfo *server,
			 const struct addrinfo *source)
{
	for (uint32_t n = 0; n < count; n++) {
		int fd = open_socket(udp, n, server, source);
		if (fd < 0) {
			fprintf(stderr, "sluice-swarm: socket %u of %u: %s\n", n, count,
				strerror(-fd));
			return false;
		}
		udp->fds[udp->sockets++] = fd;
	}
	return true;
}

struct udp *udp_open(const struct options *opt)
{
	uint32_t count = sockets_for(opt->count);
	struct addrinfo *source = NULL;
	struct addrinfo *server = server_address(opt->server);
	struct udp *udp = calloc(1, sizeof(*udp));
	bool ok = false;
	if (server == NULL)
		fprintf(stderr, "sluice-swarm: --server %s is not ADDRESS:PORT\n", opt->server);
	else if (opt->bind != NULL && resolve(opt->bind, "0", &source) != 0)
		fprintf(stderr, "sluice-swarm: --bind %s is not an address\n", opt->bind);
	else if (udp == NULL || (udp->fds = calloc(count, sizeof(int))) == NULL ||
		 (udp->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		fprintf(stderr, "sluice-swarm: %s\n", strerror(errno));
	else
		ok = open_sockets(udp, count, server, source);
	if (server != NULL)
		freeaddrinfo(server);
	if (source != NULL)
		freeaddrinfo(source);
	if (!ok && udp != NULL) {
		udp_close(udp);
		udp = NULL;
	}
	return udp;
}

void udp_close(struct udp *udp)
{
	for (uint32_t n = 0; n < udp->sockets; n++)
		close(udp->fds[n]);
	if (udp->epoll_fd > 0)
		close(udp->epoll_fd);
	free(udp->fds);
	free(udp);
}

uint32_t udp_sockets(const struct udp *udp)
{
	return udp->sockets;
}

int udp_send(struct udp *udp, uint32_t socket, const void *buf, size_t len)
{
	return send(udp->fds[socket], buf, len, 0) < 0 ? -errno : 0;
}

unsigned udp_poll(struct udp *udp, int timeout_ms, udp_receive_cb_t receive, void *arg)
{
	struct epoll_event events[EVENTS_MAX];
	uint8_t buf[2048];
	unsigned errors = 0;
	int n = epoll_wait(udp->epoll_fd, events, EVENTS_MAX, timeout_ms);
	for (int i = 0; i < n; i++) {
		uint32_t socket = events[i].data.u32;
		ssize_t len;
		while ((len = recv(udp->fds[socket], buf, sizeof(buf), 0)) >= 0)
			receive(arg, socket, buf, (size_t)len);
		errors += errno != EAGAIN && errno != EINTR;
	}
	return errors;
}
