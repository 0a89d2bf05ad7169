// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A port in memory, for tests and fuzzing: what is injected is received, what is sent can be taken.
// Each queue belongs to one thread, tests included.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/pktio.h"

#define MEM_SLOTS 1024u // a power of two

struct mem_fifo {
	struct rte_mbuf *pkts[MEM_SLOTS];
	uint32_t head, tail; // both only grow
};

struct mem_queue {
	struct rte_mempool *pool;
	struct mem_fifo rx;
	struct mem_fifo tx;
};

static bool put(struct mem_fifo *f, struct rte_mbuf *m)
{
	if (f->head - f->tail == MEM_SLOTS)
		return false;
	f->pkts[f->head++ % MEM_SLOTS] = m;
	return true;
}

static struct rte_mbuf *get(struct mem_fifo *f)
{
	return f->head == f->tail ? NULL : f->pkts[f->tail++ % MEM_SLOTS];
}

static uint16_t mem_rx(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n,
		       struct dp_counters *counters)
{
	struct mem_queue *q = (struct mem_queue *)port->impl + queue;
	uint16_t i = 0;

	while (i < n && (pkts[i] = get(&q->rx)))
		i++;
	return i;
}

static uint16_t mem_tx(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n,
		       struct dp_counters *counters)
{
	struct mem_queue *q = (struct mem_queue *)port->impl + queue;
	uint16_t i = 0;

	while (i < n && put(&q->tx, pkts[i]))
		i++;
	return i;
}

static int mem_wait_fd(struct pktio_port *port, uint16_t queue)
{
	return -1;
}

static void drain(struct mem_fifo *f)
{
	for (struct rte_mbuf *m = get(f); m; m = get(f))
		rte_pktmbuf_free(m);
}

static void mem_close(struct pktio_port *port)
{
	struct mem_queue *queues = port->impl;

	for (uint16_t i = 0; i < port->queues; i++) {
		drain(&queues[i].rx);
		drain(&queues[i].tx);
	}
	free(queues);
	port->impl = NULL;
}

static const struct pktio_ops mem_datagram_ops = {
	.name = "mem",
	.framing = PKTIO_DATAGRAMS,
	.rx = mem_rx,
	.tx = mem_tx,
	.wait_fd = mem_wait_fd,
	.close = mem_close,
};

static const struct pktio_ops mem_frame_ops = {
	.name = "mem",
	.framing = PKTIO_FRAMES,
	.rx = mem_rx,
	.tx = mem_tx,
	.wait_fd = mem_wait_fd,
	.close = mem_close,
};

int pktio_mem_open(struct pktio_port *port, enum pktio_framing framing, uint16_t queues,
		   struct rte_mempool **pools)
{
	struct mem_queue *all = calloc(queues, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (uint16_t i = 0; i < queues; i++)
		all[i].pool = pools[i];
	port->ops = framing == PKTIO_FRAMES ? &mem_frame_ops : &mem_datagram_ops;
	port->impl = all;
	port->queues = queues;
	port->mtu = 1500;
	snprintf(port->name, sizeof(port->name), "mem%u", port->index);
	return 0;
}

int pktio_mem_inject(struct pktio_port *port, uint16_t queue, const void *data, size_t len,
		     const struct dp_peer *peer)
{
	struct mem_queue *q = (struct mem_queue *)port->impl + queue;
	struct rte_mbuf *m = rte_pktmbuf_alloc(q->pool);

	if (!m)
		return -ENOMEM;
	char *room = len <= UINT16_MAX ? rte_pktmbuf_append(m, (uint16_t)len) : NULL;
	if (!room || q->rx.head - q->rx.tail == MEM_SLOTS) {
		rte_pktmbuf_free(m);
		return room ? -ENOBUFS : -EMSGSIZE;
	}
	memcpy(room, data, len);
	if (port->ops->framing == PKTIO_DATAGRAMS) {
		dp_pkt(m)->peer = *peer;
		dp_pkt(m)->peer.port = port->index;
		dp_pkt(m)->peer.worker = (uint8_t)queue;
	}
	put(&q->rx, m);
	return 0;
}

struct rte_mbuf *pktio_mem_take(struct pktio_port *port, uint16_t queue)
{
	struct mem_queue *q = (struct mem_queue *)port->impl + queue;

	return get(&q->tx);
}
