// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>

#include "bench/swarm/load/frame.h"

#define MAGIC_NS  0xa1b23c4d // libpcap's file format with nanoseconds
#define ETHERNET  1          // LINKTYPE_ETHERNET
#define SNAPLEN   65535
#define SECOND_NS 1000000000u

struct pcap {
	struct port port;
	struct frame_path path;
	uint32_t ports_per_move;
	FILE *out;
	uint64_t time_ns;
	uint64_t step_ns;
	uint16_t pending_n;
	struct rte_mbuf *pending[PORT_BACKLOG];
};

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, precision, snaplen, link;
};

struct packet_header {
	uint32_t seconds, nanoseconds, captured, length;
};

static void write_packet(struct pcap *p, struct rte_mbuf *m)
{
	uint8_t headers[FRAME_HEADERS];
	uint32_t len = FRAME_HEADERS + m->data_len;
	struct packet_header head = {
		.seconds = (uint32_t)(p->time_ns / SECOND_NS),
		.nanoseconds = (uint32_t)(p->time_ns % SECOND_NS),
		.captured = len,
		.length = len,
	};

	frame_write(&p->path, *port_device(m), m->data_len, *port_sum(m), headers);
	fwrite(&head, sizeof(head), 1, p->out);
	fwrite(headers, sizeof(headers), 1, p->out);
	fwrite(rte_pktmbuf_mtod(m, void *), m->data_len, 1, p->out);
	p->time_ns += p->step_ns;
}

static void pcap_tx(struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	struct pcap *p = (struct pcap *)port;

	for (uint16_t i = 0; i < n; i++) {
		write_packet(p, pkts[i]);
		p->pending[p->pending_n++] = pkts[i];
	}
}

static uint16_t pcap_rx(struct port *port, struct rte_mbuf **pkts)
{
	struct pcap *p = (struct pcap *)port;
	uint16_t n = p->pending_n < PORT_BURST ? p->pending_n : PORT_BURST;

	p->pending_n = (uint16_t)(p->pending_n - n);
	memcpy(pkts, p->pending + p->pending_n, n * sizeof(pkts[0]));
	return n;
}

static uint16_t pcap_room(struct port *port)
{
	return (uint16_t)(PORT_BACKLOG - ((struct pcap *)port)->pending_n);
}

static void pcap_move(struct port *port)
{
	struct pcap *p = (struct pcap *)port;

	frame_path_move(&p->path, p->ports_per_move);
}

static void pcap_close(struct port *port)
{
	struct pcap *p = (struct pcap *)port;

	rte_pktmbuf_free_bulk(p->pending, p->pending_n);
	if (p->out)
		fclose(p->out);
	free(p);
}

static const struct port_ops pcap_ops = {
	.name = "pcap",
	.rx = pcap_rx,
	.tx = pcap_tx,
	.room = pcap_room,
	.move = pcap_move,
	.close = pcap_close,
};

void pcap_set_rate(struct port *port, uint32_t rate)
{
	((struct pcap *)port)->step_ns = SECOND_NS / rate;
}

bool pcap_finish(struct port *port)
{
	struct pcap *p = (struct pcap *)port;
	bool ok = !ferror(p->out);

	ok = fclose(p->out) == 0 && ok;
	p->out = NULL;
	pcap_close(port);
	return ok;
}

struct port *pcap_open(const char *path, const struct port_options *opt, const struct scenario *sc,
		       struct rte_mempool *pool)
{
	static const struct file_header header = {MAGIC_NS, 2, 4, 0, 0, SNAPLEN, ETHERNET};
	// Locally administered; generators put their own in, or take these.
	static const uint8_t own_mac[6] = {0x02, 0, 0, 0, 0, 2};
	struct rte_ether_addr gateway_mac = {{0x02, 0, 0, 0, 0, 1}};
	struct pcap *p = calloc(1, sizeof(*p));

	if (opt->gateway_mac && rte_ether_unformat_addr(opt->gateway_mac, &gateway_mac) < 0) {
		fprintf(stderr, "sluice-swarm: %s is not a MAC address\n", opt->gateway_mac);
		free(p);
		return NULL;
	}
	if (!p || !(p->out = fopen(path, "we"))) {
		fprintf(stderr, "sluice-swarm: %s: %s\n", path, strerror(errno));
		free(p);
		return NULL;
	}
	p->port = (struct port){.ops = &pcap_ops, .pool = pool};
	p->ports_per_move = scenario_ports(sc);
	p->step_ns = 1000;
	frame_path_init(&p->path, sc, opt->gateway, opt->gateway_port, own_mac);
	frame_path_set_mac(&p->path, gateway_mac.addr_bytes);
	fwrite(&header, sizeof(header), 1, p->out);
	return &p->port;
}
