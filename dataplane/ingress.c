// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/ingress.h"

#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"

static void coap(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_keepalive(w, pkts, n);
	if (n == 0)
		return;
	n = stage_coap_in(w, pkts, n);
	n = stage_admit(w, pkts, n);
	n = stage_dedup(w, pkts, n);
	n = stage_dispatch(w, pkts, n);
	stage_owner(w, pkts, n);
}

void dp_ingress_secure(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	n = stage_dtls_in(w, pkts, n);
	if (n > 0)
		coap(w, pkts, n);
}

// An Ethernet port has both.
static void mixed(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mbuf *secure[DP_BURST];
	uint16_t secure_n = 0, left = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (dp_pkt(pkts[i])->peer.flags & DP_PEER_F_SECURE)
			secure[secure_n++] = pkts[i];
		else
			pkts[left++] = pkts[i];
	}
	coap(w, pkts, left);
	dp_ingress_secure(w, secure, secure_n);
}

void dp_ingress(struct dp_worker *w, const struct pktio_port *port, struct rte_mbuf **pkts,
		uint16_t n)
{
	if (likely(port->secure == PKTIO_PLAIN))
		coap(w, pkts, n);
	else if (port->secure == PKTIO_SECURE)
		dp_ingress_secure(w, pkts, n);
	else
		mixed(w, pkts, n);
}
