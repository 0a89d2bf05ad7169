// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which of our own addresses a datagram was sent to, on a socket bound to the wildcard address, and
// how a reply leaves from the same one. locals[0] is the address the socket is bound to; on the
// wildcard the kernel chooses for it. The others are the host's addresses at the time of opening,
// in the kernel's order, so that indices kept over a restart mean the same as long as the host's
// addresses do; one that appears later is appended when it is first asked.
//
// Threads: several workers read and one of them at a time appends. The lock is taken for an address
// never seen before, at most PKTIO_LOCALS_MAX times in a run.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <rte_spinlock.h>

#include "dataplane/pktio/pktio.h"

struct udp_locals_lock {
	rte_spinlock_t spin;
};

void udp_locals_init(struct pktio_port *port, const uint8_t bound[static 16], uint16_t port_be16);

// Reads IP_PKTINFO or IPV6_PKTINFO (others are passed over). False: the datagram was sent to a
// multicast or broadcast address.
bool udp_local_from_control(struct pktio_port *port, struct udp_locals_lock *lock,
			    const struct cmsghdr *c, uint8_t *local);

// Writes the packet info for a datagram to that peer and returns its length; 0 when the kernel is
// to choose.
size_t udp_local_to_control(const struct pktio_port *port, const struct dp_peer *peer,
			    uint8_t *control);
