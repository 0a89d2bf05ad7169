// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pktio/inherited.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/pktio/addr.h"
#include "dataplane/pktio/udp_socket.h"

#define BOUND_CHARS 64

// 0 when it is not one, or out of range.
static uint32_t number_of(const char *text, uint32_t max)
{
	char *end;
	unsigned long number;

	if (!text || *text < '0' || *text > '9')
		return 0;
	number = strtoul(text, &end, 10);
	return *end == '\0' && number <= max ? (uint32_t)number : 0;
}

static int adopt(struct pktio_inherited *inherited, uint32_t count, const char *names,
		 char why[static 160])
{
	for (uint32_t i = 0; i < count; i++) {
		int fd = PKTIO_INHERITED_FIRST + (int)i;
		size_t len = strcspn(names, ":");

		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
			int rc = -errno;

			snprintf(why, 160, "LISTEN_FDS: descriptor %d is not open", fd);
			return rc;
		}
		inherited->sockets[i].fd = fd;
		snprintf(inherited->sockets[i].name, sizeof(inherited->sockets[i].name), "%.*s",
			 (int)len, names);
		names += len + (names[len] == ':');
		inherited->count++;
	}
	return 0;
}

int pktio_inherited_init(struct pktio_inherited *inherited, char why[static 160])
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	uint32_t count = 0;
	int rc = 0;

	memset(inherited, 0, sizeof(*inherited));
	why[0] = '\0';
	// Meant for an ancestor otherwise.
	if (number_of(pid, INT32_MAX) == (uint32_t)getpid() && fds) {
		count = number_of(fds, PKTIO_INHERITED_MAX);
		if (count == 0) {
			snprintf(why, 160, "LISTEN_FDS: %.20s is not a number from 1 to %d", fds,
				 PKTIO_INHERITED_MAX);
			rc = -EINVAL;
		}
	}
	if (rc == 0)
		rc = adopt(inherited, count, names ? names : "", why);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return rc;
}

static int option_of(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, option, &value, &len) ? -1 : value;
}

// The address a UDP socket is bound to; false when it is something else.
static bool bound_to(int fd, uint8_t addr[static 16], uint16_t *port_be16)
{
	union udp_sockaddr at;
	socklen_t len = sizeof(at);

	if (option_of(fd, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM || getsockname(fd, &at.sa, &len))
		return false;
	if (at.sa.sa_family == AF_INET) {
		pktio_addr_from_v4(addr, &at.v4.sin_addr);
		*port_be16 = at.v4.sin_port;
	} else if (at.sa.sa_family == AF_INET6) {
		memcpy(addr, &at.v6.sin6_addr, 16);
		*port_be16 = at.v6.sin6_port;
	} else {
		return false;
	}
	return true;
}

static void describe(int fd, char text[static BOUND_CHARS])
{
	uint8_t addr[16];
	uint16_t port_be16;
	char host[INET6_ADDRSTRLEN] = "?";

	if (!bound_to(fd, addr, &port_be16)) {
		snprintf(text, BOUND_CHARS, "not a UDP socket");
	} else if (pktio_addr_is_v4(addr)) {
		inet_ntop(AF_INET, addr + PKTIO_ADDR_V4_AT, host, sizeof(host));
		snprintf(text, BOUND_CHARS, "udp %s:%u", host, ntohs(port_be16));
	} else {
		inet_ntop(AF_INET6, addr, host, sizeof(host));
		snprintf(text, BOUND_CHARS, "udp [%s]:%u", host, ntohs(port_be16));
	}
}

// Devices speaking IPv4 must not come in as IPv6 ones: they are answered as what they are.
static bool is_mixed(int fd)
{
	return option_of(fd, SOL_SOCKET, SO_DOMAIN) == AF_INET6 &&
	       option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY) != 1;
}

static bool fits(int fd, const uint8_t addr[static 16], uint16_t port_be16)
{
	uint8_t at[16];
	uint16_t at_port;

	return fd >= 0 && bound_to(fd, at, &at_port) && pktio_addr_equal(at, addr) &&
	       (port_be16 == 0 || at_port == port_be16);
}

// How many; the first max of them in found.
static uint16_t search(const struct pktio_inherited *inherited, const uint8_t addr[static 16],
		       uint16_t port_be16, uint32_t *found, uint16_t max)
{
	uint16_t n = 0;

	for (uint32_t i = 0; i < inherited->count; i++) {
		if (!fits(inherited->sockets[i].fd, addr, port_be16))
			continue;
		if (n < max)
			found[n] = i;
		n++;
	}
	return n;
}

int pktio_inherited_take(struct pktio_inherited *inherited, const uint8_t addr[static 16],
			 uint16_t port_be16, int *fds, uint16_t count, char why[static 160])
{
	uint32_t found[PKTIO_INHERITED_MAX];
	uint16_t n = search(inherited, addr, port_be16, found,
			    count < PKTIO_INHERITED_MAX ? count : PKTIO_INHERITED_MAX);

	if (n == 0)
		return 0;
	if (n != count) {
		snprintf(why, 160, "LISTEN_FDS: %u socket%s passed for it, but %u worker%s", n,
			 n == 1 ? " was" : "s were", count,
			 count == 1 ? " needs one" : "s need one each");
		return -EINVAL;
	}
	for (uint16_t i = 0; i < n; i++) {
		int fd = inherited->sockets[found[i]].fd;

		if (is_mixed(fd)) {
			snprintf(why, 160,
				 "LISTEN_FDS: descriptor %d takes IPv4, too "
				 "(BindIPv6Only=ipv6-only is needed)",
				 fd);
			return -EINVAL;
		}
		if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
			snprintf(why, 160, "LISTEN_FDS: descriptor %d (%s)", fd, strerror(errno));
			return -EINVAL;
		}
	}
	for (uint16_t i = 0; i < n; i++) {
		fds[i] = inherited->sockets[found[i]].fd;
		inherited->sockets[found[i]].fd = -1;
	}
	return count;
}

bool pktio_inherited_all_taken(const struct pktio_inherited *inherited, char why[static 160])
{
	char bound[BOUND_CHARS];

	for (uint32_t i = 0; i < inherited->count; i++) {
		int fd = inherited->sockets[i].fd;

		if (fd < 0)
			continue;
		describe(fd, bound);
		snprintf(why, 160,
			 "LISTEN_FDS: descriptor %d (%s: %s) is none of dataplane.ports[].udp", fd,
			 inherited->sockets[i].name[0] != '\0' ? inherited->sockets[i].name
							       : "no name",
			 bound);
		return false;
	}
	return true;
}
