// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/tx.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"

// So long a port may take nothing at all: its other side may be a process that has to wait for a
// processor.
#define HELD_MAX_US 100000u

// The UDP payload's bytes, whether headers are in front of it or not: a frame may carry padding.
static uint64_t datagram_bytes(const struct pktio_port *port, struct rte_mbuf *m)
{
	if (port->ops->framing == PKTIO_DATAGRAMS)
		return m->pkt_len;
	const struct rte_udp_hdr *udp =
		rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, m->l2_len + m->l3_len);
	return rte_be_to_cpu_16(udp->dgram_len) - sizeof(*udp);
}

static void count(struct dp_worker *w, const struct pktio_port *port, struct rte_mbuf **pkts,
		  uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		w->counters.tx_bytes += datagram_bytes(port, pkts[i]);
	w->counters.tx_datagrams += n;
}

static void drop(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	w->counters.drop_tx_full += n;
	rte_pktmbuf_free_bulk(pkts, n);
}

// Counts what the port took only: first all, since a port that takes an mbuf may free it.
static uint16_t send(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
		     uint16_t n)
{
	count(w, port, pkts, n);
	uint16_t sent = port->ops->tx(port, w->index, pkts, n, &w->counters);
	// One retry: transmitting also reclaims finished descriptors, which makes room.
	if (sent < n)
		sent += port->ops->tx(port, w->index, pkts + sent, n - sent, &w->counters);
	for (uint16_t i = sent; i < n; i++)
		w->counters.tx_bytes -= datagram_bytes(port, pkts[i]);
	w->counters.tx_datagrams -= n - sent;
	return sent;
}

static void hold(struct dp_worker *w, struct dp_tx_queue *q, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t fit = RTE_MIN(n, (uint16_t)(DP_BURST - q->held_n));

	if (q->held_n == 0)
		q->held_since_us = w->now_us;
	memcpy(q->held + q->held_n, pkts, fit * sizeof(pkts[0]));
	q->held_n += fit;
	if (fit < n)
		drop(w, pkts + fit, n - fit);
}

static void send_held(struct dp_worker *w, struct pktio_port *port, struct dp_tx_queue *q)
{
	uint16_t sent = send(w, port, q->held, q->held_n);

	q->held_n -= sent;
	memmove(q->held, q->held + sent, q->held_n * sizeof(q->held[0]));
	if (sent > 0) {
		q->held_since_us = w->now_us;
	} else if (w->now_us - q->held_since_us > HELD_MAX_US) {
		drop(w, q->held, q->held_n);
		q->held_n = 0;
	}
}

static void send_burst(struct dp_worker *w, struct pktio_port *port, struct dp_tx_queue *q,
		       struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t sent = 0;

	if (n > 0 && port->ops->framing == PKTIO_FRAMES)
		n = stage_ether_out(w, port, pkts, n);
	if (n == 0)
		return;
	if (likely(q->held_n == 0))
		sent = send(w, port, pkts, n);
	if (unlikely(sent < n))
		hold(w, q, pkts + sent, n - sent);
}

// Sealing may send something besides (new keys are asked for): that collects in the queue, which
// the burst has to be out of by then.
static void send_secure(struct dp_worker *w, struct pktio_port *port, struct dp_tx_queue *q,
			uint16_t n)
{
	struct rte_mbuf *pkts[DP_BURST];

	memcpy(pkts, q->pkts, n * sizeof(pkts[0]));
	n = stage_dtls_out(w, port, pkts, n);
	send_burst(w, port, q, pkts, n);
}

static void flush_port(struct dp_worker *w, uint8_t index)
{
	struct pktio_port *port = w->ports[index];
	struct dp_tx_queue *q = &w->tx[index];
	uint16_t n = q->n;

	q->n = 0;
	if (unlikely(q->held_n > 0))
		send_held(w, port, q);
	if (unlikely(port->secure != PKTIO_PLAIN))
		send_secure(w, port, q, n);
	else
		send_burst(w, port, q, q->pkts, n);
}

bool dp_tx_room(const struct dp_worker *w, uint8_t port)
{
	return port >= w->ports_count || w->tx[port].held_n == 0;
}

void dp_tx(struct dp_worker *w, struct rte_mbuf *m)
{
	uint8_t index = dp_pkt(m)->peer.port;

	// A peer restored by control may name a port that is no longer configured.
	if (unlikely(index >= w->ports_count)) {
		w->counters.drop_tx_full++;
		rte_pktmbuf_free(m);
		return;
	}
	struct dp_tx_queue *q = &w->tx[index];
	q->pkts[q->n++] = m;
	if (q->n == DP_BURST)
		flush_port(w, index);
}

void dp_tx_frame(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m)
{
	if (port->ops->tx(port, w->index, &m, 1, &w->counters) == 1)
		return;
	w->counters.drop_tx_full++;
	rte_pktmbuf_free(m);
}

uint32_t dp_tx_flush(struct dp_worker *w)
{
	uint32_t held = 0;

	for (uint16_t i = 0; i < w->ports_count; i++) {
		if (w->tx[i].n > 0 || w->tx[i].held_n > 0)
			flush_port(w, (uint8_t)i);
		held += w->tx[i].held_n + w->tx[i].n;
	}
	return held;
}
