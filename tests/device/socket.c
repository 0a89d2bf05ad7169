// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/device/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct addrinfo *resolve(const char *host, const char *port)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	struct addrinfo *found;
	return getaddrinfo(host, port, &hints, &found) == 0 ? found : NULL;
}

// "host:port" or "[v6]:port".
static struct addrinfo *server_address(const char *server)
{
	char host[128];
	const char *colon = strrchr(server, ':');
	size_t len = colon != NULL ? (size_t)(colon - server) : 0;
	if (len >= 2 && server[0] == '[' && server[len - 1] == ']') {
		server++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(host))
		return NULL;
	memcpy(host, server, len);
	host[len] = 0;
	return resolve(host, colon + 1);
}

int device_socket_open(const char *server, const char *bind_address)
{
	struct addrinfo *to = server_address(server);
	struct addrinfo *from = bind_address != NULL ? resolve(bind_address, "0") : NULL;
	int fd = -1;
	if (to == NULL || (bind_address != NULL && from == NULL)) {
		fprintf(stderr, "sluice-test-device: %s is not a numeric address\n",
			to == NULL ? server : bind_address);
	} else {
		fd = socket(to->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0 || (from != NULL && bind(fd, from->ai_addr, from->ai_addrlen) < 0) ||
		    connect(fd, to->ai_addr, to->ai_addrlen) < 0) {
			fprintf(stderr, "sluice-test-device: %s: %s\n", server, strerror(errno));
			if (fd >= 0)
				close(fd);
			fd = -1;
		}
	}
	if (to != NULL)
		freeaddrinfo(to);
	if (from != NULL)
		freeaddrinfo(from);
	return fd;
}

uint16_t device_socket_port(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	if (getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return 0;
	return ntohs(addr.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&addr)->sin6_port
						: ((struct sockaddr_in *)&addr)->sin_port);
}
