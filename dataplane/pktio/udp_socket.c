// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pktio/udp_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/pktio/addr.h"

// What a worker that is busy elsewhere for 10 ms may miss at a million small datagrams per second,
// or what comes in half a second of 20,000 each while it is started again; the kernel accounts
// about 800 bytes for each. Devices repeat what does not fit.
#define UDP_BUFFER_BYTES (8 << 20)

socklen_t udp_sockaddr_set(union udp_sockaddr *to, const uint8_t addr[static 16],
			   uint16_t port_be16, uint32_t scope_id)
{
	if (pktio_addr_is_v4(addr)) {
		to->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port_be16};
		memcpy(&to->v4.sin_addr, addr + PKTIO_ADDR_V4_AT, 4);
		return sizeof(to->v4);
	}
	to->v6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6, .sin6_port = port_be16, .sin6_scope_id = scope_id};
	memcpy(&to->v6.sin6_addr, addr, 16);
	return sizeof(to->v6);
}

static int set_flag(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) ? -errno : 0;
}

// The forced variant passes net.core.rmem_max but needs CAP_NET_ADMIN; the plain one takes what it
// may.
static void set_buffer(int fd, int forced, int plain)
{
	int bytes = UDP_BUFFER_BYTES;

	if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof(bytes)))
		(void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

static int set_options(int fd, bool v6, bool any)
{
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	int rc = set_flag(fd, SOL_SOCKET, SO_RXQ_OVFL);
	if (rc == 0 && any)
		rc = v6 ? set_flag(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO)
			: set_flag(fd, IPPROTO_IP, IP_PKTINFO);
	return rc;
}

static int open_one(const union udp_sockaddr *at, socklen_t at_len, bool shared, bool any)
{
	bool v6 = at->sa.sa_family == AF_INET6;
	int fd = socket(at->sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	int rc = v6 ? set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY) : 0;
	if (rc == 0 && shared)
		rc = set_flag(fd, SOL_SOCKET, SO_REUSEPORT);
	if (rc == 0)
		rc = set_options(fd, v6, any);
	if (rc == 0 && bind(fd, &at->sa, at_len))
		rc = -errno;
	if (rc) {
		close(fd);
		return rc;
	}
	return fd;
}

static int bound_port(int fd, uint16_t *port_be16)
{
	union udp_sockaddr at;
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.sa, &len))
		return -errno;
	*port_be16 = at.sa.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port;
	return 0;
}

// SO_REUSEPORT would let a second gateway of the same user take half of our datagrams without a
// word. A socket without it does not get a port that anybody has: that finds out, and finds a free
// port for 0.
static int probe(const union udp_sockaddr *at, socklen_t at_len, uint16_t *port_be16)
{
	int fd = open_one(at, at_len, false, false);

	if (fd < 0)
		return fd;
	int rc = bound_port(fd, port_be16);
	close(fd);
	return rc;
}

int udp_sockets_open(const uint8_t addr[static 16], uint16_t *port_be16, int *fds, uint16_t count)
{
	bool any = pktio_addr_is_any(addr);
	union udp_sockaddr at;
	socklen_t at_len = udp_sockaddr_set(&at, addr, *port_be16, 0);
	int rc = 0;
	uint16_t opened = 0;

	if (count > 1) {
		rc = probe(&at, at_len, port_be16);
		at_len = udp_sockaddr_set(&at, addr, *port_be16, 0);
	}
	while (rc == 0 && opened < count) {
		int fd = open_one(&at, at_len, count > 1, any);
		if (fd < 0)
			rc = fd;
		else
			fds[opened++] = fd;
	}
	if (rc == 0 && count > 0)
		rc = bound_port(fds[0], port_be16);
	if (rc)
		while (opened > 0)
			close(fds[--opened]);
	return rc;
}

int udp_sockets_adopt(const uint8_t addr[static 16], uint16_t *port_be16, const int *fds,
		      uint16_t count)
{
	int rc = bound_port(fds[0], port_be16);

	for (uint16_t i = 0; rc == 0 && i < count; i++)
		rc = set_options(fds[i], !pktio_addr_is_v4(addr), pktio_addr_is_any(addr));
	return rc;
}
