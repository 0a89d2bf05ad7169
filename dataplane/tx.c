// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/tx.h"

#include <rte_byteorder.h>
#include <rte_udp.h>

#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"

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

static void give_up(struct dp_worker *w, const struct pktio_port *port, struct rte_mbuf **pkts,
		    uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		w->counters.tx_bytes -= datagram_bytes(port, pkts[i]);
	w->counters.tx_datagrams -= n;
	w->counters.drop_tx_full += n;
	rte_pktmbuf_free_bulk(pkts, n);
}

static void flush_port(struct dp_worker *w, uint8_t index)
{
	struct pktio_port *port = w->ports[index];
	struct dp_tx_queue *q = &w->tx[index];
	uint16_t n = q->n;

	q->n = 0;
	if (port->ops->framing == PKTIO_FRAMES)
		n = stage_ether_out(w, port, q->pkts, n);
	// Counted first, since a port that takes an mbuf may free it.
	count(w, port, q->pkts, n);
	uint16_t sent = port->ops->tx(port, w->index, q->pkts, n, &w->counters);
	// One retry: transmitting also reclaims finished descriptors, which makes room.
	if (sent < n)
		sent += port->ops->tx(port, w->index, q->pkts + sent, n - sent, &w->counters);
	if (sent < n)
		give_up(w, port, q->pkts + sent, n - sent);
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

void dp_tx_flush(struct dp_worker *w)
{
	for (uint8_t i = 0; i < w->ports_count; i++) {
		if (w->tx[i].n > 0)
			flush_port(w, i);
	}
}
