// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The kernel sockets behind a pktio_udp port: made and bound here, used in udp.c. Main thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <netinet/in.h>
#include <sys/socket.h>

union udp_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

// Returns the length.
socklen_t udp_sockaddr_set(union udp_sockaddr *to, const uint8_t addr[static 16],
			   uint16_t port_be16, uint32_t scope_id);

// Opens count non-blocking sockets bound to one address and port. A port of 0 is replaced by the
// one the kernel chose. With more than one socket they share the port by SO_REUSEPORT; a port that
// another process has bound is refused all the same. 0 or -errno, with nothing left open.
int udp_sockets_open(const uint8_t addr[static 16], uint16_t *port_be16, int *fds, uint16_t count);

// Makes bound sockets that somebody else opened what udp_sockets_open makes. 0 or -errno; they stay
// the caller's.
int udp_sockets_adopt(const uint8_t addr[static 16], uint16_t *port_be16, const int *fds,
		      uint16_t count);
