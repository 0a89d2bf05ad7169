// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Where the fleet's datagrams go and come from. The fleet writes and reads CoAP messages; a port
// adds and takes away what is around them. Messages travel in mbufs: data is the message,
// port_device(m) the device, port_sum(m) the message's sum (sum.h), which only senders set.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "bench/swarm/load/scenario.h"

#define PORT_BURST 64
// What a port can hold back of what the link does not take at once.
#define PORT_BACKLOG 256

// A port writes so many bytes in front of a message, at most.
#define PORT_HEADERS 42

struct port;

struct port_ops {
	const char *name;
	// Up to PORT_BURST messages that came to devices; the caller frees them.
	uint16_t (*rx)(struct port *port, struct rte_mbuf **pkts);
	// Takes all n, which must not be more than port_room said.
	void (*tx)(struct port *port, struct rte_mbuf **pkts, uint16_t n);
	// Pushes on what was held back, then tells how many messages may be sent.
	uint16_t (*room)(struct port *port);
	// Devices send from new addresses from now on.
	void (*move)(struct port *port);
	void (*close)(struct port *port);
};

struct port {
	const struct port_ops *ops;
	struct rte_mempool *pool;
	uint64_t foreign;       // frames that were not from the gateway to a device
	uint64_t bad_checksums; // frames that were, but a device would not have accepted
	uint64_t tx_refused;    // messages the kernel did not take
};

static inline uint32_t *port_device(struct rte_mbuf *m)
{
	return &m->hash.fdir.lo;
}

static inline uint32_t *port_sum(struct rte_mbuf *m)
{
	return &m->hash.fdir.hi;
}

struct port_options {
	const char *device;      // what EAL is given: "net_memif0,role=client,..." or a PCI address
	const char *gateway_mac; // NULL: ask for it
	uint32_t gateway;        // host byte order
	uint16_t gateway_port;
	bool bounce; // the other side sends everything back: it knows no ARP
};

// NULL after saying on standard error what is wrong. EAL runs already.
struct port *port_dpdk_open(const struct port_options *opt, const struct scenario *sc,
			    struct rte_mempool *pool);
struct port *port_udp_open(const struct port_options *opt, const struct scenario *sc,
			   struct rte_mempool *pool);
