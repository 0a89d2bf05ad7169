// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Any DPDK Ethernet device, with one queue in each direction.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "bench/swarm/load/arp.h"
#include "bench/swarm/load/frame.h"
#include "bench/swarm/load/port.h"

#define RING_DESCRIPTORS 1024 // where the device does not name what it likes best
#define LINK_WAIT_MS     10000
#define ARP_WAIT_MS      10000
#define ARP_REPEAT_MS    200

struct dpdk {
	struct port port;
	struct frame_path path;
	struct rte_device *device;
	uint16_t id;
	bool started;
	uint32_t ports_per_move;
	uint16_t backlog_n;
	struct rte_mbuf *backlog[PORT_BACKLOG];
};

static void flush(struct dpdk *d)
{
	uint16_t sent = rte_eth_tx_burst(d->id, 0, d->backlog, d->backlog_n);

	d->backlog_n = (uint16_t)(d->backlog_n - sent);
	memmove(d->backlog, d->backlog + sent, d->backlog_n * sizeof(d->backlog[0]));
}

static uint16_t dpdk_room(struct port *port)
{
	struct dpdk *d = (struct dpdk *)port;

	if (unlikely(d->backlog_n > 0))
		flush(d);
	return (uint16_t)(PORT_BACKLOG - d->backlog_n);
}

// Frames that are ready to go.
static void send_frames(struct dpdk *d, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent = d->backlog_n > 0 ? 0 : rte_eth_tx_burst(d->id, 0, pkts, n);

	for (; sent < n; sent++)
		d->backlog[d->backlog_n++] = pkts[sent];
}

static void dpdk_tx(struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	struct dpdk *d = (struct dpdk *)port;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		uint16_t payload_len = m->data_len;
		uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(m, FRAME_HEADERS);
		frame_write(&d->path, *port_device(m), payload_len, *port_sum(m), frame);
	}
	send_frames(d, pkts, n);
}

static void on_arp(struct dpdk *d, const struct rte_mbuf *m)
{
	struct rte_mbuf *reply;
	uint8_t bytes[ARP_FRAME];

	if (!arp_read(&d->path, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len, bytes) ||
	    dpdk_room(&d->port) == 0 || !(reply = rte_pktmbuf_alloc(d->port.pool)))
		return;
	memcpy(rte_pktmbuf_append(reply, ARP_FRAME), bytes, ARP_FRAME);
	send_frames(d, &reply, 1);
}

// True when the message of a device is in m.
static bool unwrap(struct dpdk *d, struct rte_mbuf *m)
{
	struct frame_datagram datagram;

	switch (frame_read(&d->path, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len,
			   &datagram)) {
	case FRAME_DATAGRAM:
		m->data_off = (uint16_t)(m->data_off + datagram.payload_at);
		m->pkt_len = m->data_len = datagram.payload_len;
		*port_device(m) = datagram.device;
		return true;
	case FRAME_ARP:
		on_arp(d, m);
		break;
	case FRAME_BAD_CHECKSUM:
		d->port.bad_checksums++;
		break;
	case FRAME_OTHER:
		d->port.foreign++;
		break;
	}
	rte_pktmbuf_free(m);
	return false;
}

static uint16_t dpdk_rx(struct port *port, struct rte_mbuf **pkts)
{
	struct dpdk *d = (struct dpdk *)port;
	uint16_t n = rte_eth_rx_burst(d->id, 0, pkts, PORT_BURST), kept = 0;

	for (uint16_t i = 0; i < n; i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (uint16_t i = 0; i < n; i++)
		if (likely(unwrap(d, pkts[i])))
			pkts[kept++] = pkts[i];
	return kept;
}

static void dpdk_move(struct port *port)
{
	struct dpdk *d = (struct dpdk *)port;

	frame_path_move(&d->path, d->ports_per_move);
}

static void dpdk_close(struct port *port)
{
	struct dpdk *d = (struct dpdk *)port;

	if (d->started) {
		flush(d);
		rte_pktmbuf_free_bulk(d->backlog, d->backlog_n);
		(void)rte_eth_dev_stop(d->id);
	}
	(void)rte_eth_dev_close(d->id);
	(void)rte_dev_remove(d->device);
	free(d);
}

static const struct port_ops dpdk_ops = {
	.name = "dpdk",
	.rx = dpdk_rx,
	.tx = dpdk_tx,
	.room = dpdk_room,
	.move = dpdk_move,
	.close = dpdk_close,
};

static int attach(struct dpdk *d, const char *devargs)
{
	struct rte_eth_dev_info info;
	int rc = rte_dev_probe(devargs);

	if (rc < 0)
		return rc;
	if (rte_eth_dev_count_avail() == 0)
		return -ENODEV;
	d->id = (uint16_t)rte_eth_find_next(0);
	rc = rte_eth_dev_info_get(d->id, &info);
	d->device = rc ? NULL : info.device;
	return rc;
}

static int start(struct dpdk *d)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(d->id, &info);

	if (rc == 0)
		rc = rte_eth_dev_configure(d->id, 1, 1, &conf);
	if (rc < 0)
		return rc;
	uint16_t rx = info.default_rxportconf.ring_size ?: RING_DESCRIPTORS;
	uint16_t tx = info.default_txportconf.ring_size ?: RING_DESCRIPTORS;
	unsigned int socket = (unsigned int)rte_eth_dev_socket_id(d->id);
	rc = rte_eth_dev_adjust_nb_rx_tx_desc(d->id, &rx, &tx);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(d->id, 0, rx, socket, NULL, d->port.pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(d->id, 0, tx, socket, NULL);
	// memif's client cannot start before there is a server.
	for (int waited = 0; rc == 0 && !d->started && waited < LINK_WAIT_MS; waited += 100) {
		d->started = rte_eth_dev_start(d->id) == 0;
		if (!d->started)
			rte_delay_us_sleep(100000);
	}
	if (rc < 0 || !d->started)
		return rc < 0 ? rc : -ENOTCONN;
	// Devices' frames may come to another address than the port's.
	(void)rte_eth_promiscuous_enable(d->id);
	return 0;
}

static bool link_comes_up(const struct dpdk *d)
{
	struct rte_eth_link link = {0};

	for (int waited = 0; waited < LINK_WAIT_MS && !link.link_status; waited += 10) {
		rte_delay_us_sleep(10000);
		(void)rte_eth_link_get_nowait(d->id, &link);
	}
	return link.link_status;
}

static bool learn_gateway(struct dpdk *d)
{
	struct rte_mbuf *pkts[PORT_BURST];

	for (int waited = 0; waited < ARP_WAIT_MS && !d->path.mac_known; waited++) {
		struct rte_mbuf *m;
		if (waited % ARP_REPEAT_MS == 0 && dpdk_room(&d->port) > 0 &&
		    (m = rte_pktmbuf_alloc(d->port.pool))) {
			arp_ask(&d->path, (uint8_t *)rte_pktmbuf_append(m, ARP_FRAME));
			send_frames(d, &m, 1);
		}
		rte_delay_us_sleep(1000);
		rte_pktmbuf_free_bulk(pkts, dpdk_rx(&d->port, pkts));
	}
	return d->path.mac_known;
}

static bool find_gateway(struct dpdk *d, const struct port_options *opt)
{
	static const uint8_t nobody[6] = {0x02, 0, 0, 0, 0, 1}; // locally administered
	struct rte_ether_addr mac;

	if (opt->gateway_mac) {
		if (rte_ether_unformat_addr(opt->gateway_mac, &mac) < 0) {
			fprintf(stderr, "sluice-swarm: %s is not a MAC address\n",
				opt->gateway_mac);
			return false;
		}
		frame_path_set_mac(&d->path, mac.addr_bytes);
	} else if (opt->bounce) {
		frame_path_set_mac(&d->path, nobody);
	} else if (!learn_gateway(d)) {
		fprintf(stderr, "sluice-swarm: the gateway does not answer ARP\n");
		return false;
	}
	return true;
}

struct port *port_dpdk_open(const struct port_options *opt, const struct scenario *sc,
			    struct rte_mempool *pool)
{
	struct dpdk *d = calloc(1, sizeof(*d));
	struct rte_ether_addr mac;
	int rc = d ? attach(d, opt->device) : -ENOMEM;

	if (rc < 0) {
		fprintf(stderr, "sluice-swarm: %s: cannot be attached (%s)\n", opt->device,
			rte_strerror(-rc));
		free(d);
		return NULL;
	}
	d->port = (struct port){.ops = &dpdk_ops, .pool = pool};
	d->ports_per_move = scenario_ports(sc);
	rc = start(d);
	if (rc == 0)
		rc = rte_eth_macaddr_get(d->id, &mac);
	if (rc < 0) {
		fprintf(stderr, "sluice-swarm: %s: cannot be started (%s)\n", opt->device,
			rte_strerror(-rc));
		goto err;
	}
	frame_path_init(&d->path, sc, opt->gateway, opt->gateway_port, mac.addr_bytes);
	if (!link_comes_up(d)) {
		fprintf(stderr, "sluice-swarm: %s: link is down\n", opt->device);
		goto err;
	}
	if (!find_gateway(d, opt))
		goto err;
	return &d->port;
err:
	dpdk_close(&d->port);
	return NULL;
}
