// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Where datagrams come from and go to. A port has one receive and one transmit queue per worker,
// queue index = worker index, used by that worker alone; nothing here is shared between workers on
// the packet path. Everything but rx and tx is called from the main thread before workers start or
// after they end.
//
// A device with fewer queues than there are workers serves the first port->queues of them; the
// others receive nothing from it and may not send on it. Peers always belong to a worker that may:
// it is the queue their datagrams come in by (a peer restored from an earlier run: worker %
// port->queues).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "dataplane/bridge/config.h"
#include "dataplane/bridge/counters.h"
#include "dataplane/bridge/peer.h"
#include "dataplane/pktio/inherited.h"

#define PKTIO_PORTS_MAX  16
#define PKTIO_LOCALS_MAX 64 // our addresses on one port
#define PKTIO_BURST      64

enum pktio_framing {
	PKTIO_DATAGRAMS, // rx gives UDP payloads with dp_pkt.peer filled in; tx wants the same
	PKTIO_FRAMES,    // rx gives Ethernet frames; stages/packet/ does the rest
};

// Whether there is DTLS on it.
enum pktio_secure {
	PKTIO_PLAIN,
	PKTIO_SECURE, // a kernel socket: nothing else
	PKTIO_MIXED,  // an Ethernet port: PKTIO_COAPS_PORT besides 5683
};

#define PKTIO_COAPS_PORT 5684 // RFC 7252 section 12.8

struct pktio_port;

struct pktio_ops {
	const char *name; // "udp", "ethdev", "mem"
	enum pktio_framing framing;

	// Up to n mbufs, owned by the caller from then on. dp_pkt.peer.port and .worker are set
	// when framing is PKTIO_DATAGRAMS. Never blocks.
	uint16_t (*rx)(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n,
		       struct dp_counters *counters);

	// Sends the first r <= n of pkts and returns r; those are no longer the caller's, the rest
	// still are.
	uint16_t (*tx)(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n,
		       struct dp_counters *counters);

	// A descriptor that polls readable when rx has something, or -1 when the port can only be
	// polled (the worker then naps instead of sleeping).
	int (*wait_fd)(struct pktio_port *port, uint16_t queue);

	void (*close)(struct pktio_port *port);
};

struct pktio_local {
	uint8_t addr[16];       // v4-mapped
	uint16_t udp_port_be16; // kernel sockets: the bound port; ethdev: 5683
	uint8_t prefix_len;     // of the v4-mapped form's own family: 24 for /24
	bool is_v4;
};

struct pktio_port {
	const struct pktio_ops *ops;
	void *impl;
	uint8_t index;
	uint8_t secure;  // enum pktio_secure; the caller's, set before workers run
	uint16_t queues; // at most as many as were asked for
	char name[64];
	struct pktio_local locals[PKTIO_LOCALS_MAX];
	uint8_t locals_count; // kernel sockets on the wildcard: a worker that meets a new one
			      // appends it
	uint8_t mac[6];      // PKTIO_FRAMES
	bool rx_checksum_ok; // the device verifies IPv4 and UDP checksums (mbuf ol_flags tell)
	bool tx_checksum;    // the device fills in UDP checksums
	uint16_t mtu;
};

// Opens a port as configured, with that many queues; queue q's buffers come from pools[q] and have
// a private area of at least sizeof(struct dp_pkt). port->index is the caller's and set before. 0
// or -errno with the reason in why (which names the device or address); after success why is empty,
// or says what an operator should know (link down, fewer queues than workers, sockets that others
// of its kind outlive us but these do not). Of sockets that were inherited it takes those of its
// address.
int pktio_udp_open(struct pktio_port *port, const struct config_port *cfg, uint16_t queues,
		   struct rte_mempool **pools, struct pktio_inherited *inherited,
		   char why[static 160]);
int pktio_ethdev_open(struct pktio_port *port, const struct config_port *cfg, uint16_t queues,
		      struct rte_mempool **pools, char why[static 160]);

// Whether there is a driver for the device; touches nothing. 0 or -errno with the reason in why.
int pktio_ethdev_check(const struct config_port *cfg, char why[static 160]);

// In memory, for tests and fuzzing: two arrays per queue. Frames or datagrams as asked.
int pktio_mem_open(struct pktio_port *port, enum pktio_framing framing, uint16_t queues,
		   struct rte_mempool **pools);
// Test side. inject copies bytes into an mbuf that the next rx returns (peer is used for datagrams
// only); take gives the oldest transmitted mbuf, which the caller then owns, or NULL.
int pktio_mem_inject(struct pktio_port *port, uint16_t queue, const void *data, size_t len,
		     const struct dp_peer *peer);
struct rte_mbuf *pktio_mem_take(struct pktio_port *port, uint16_t queue);
