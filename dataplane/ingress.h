// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The pipeline's beginning: datagrams that have come in by a port, through the stages. Each takes
// all it is given. Worker's thread only.
#pragma once

#include "dataplane/worker.h"

// Of a port, with dp_pkt.peer filled in: CoAP, DTLS, or both mixed. pkts has room for DP_BURST.
void dp_ingress(struct dp_worker *w, const struct pktio_port *port, struct rte_mbuf **pkts,
		uint16_t n);
// DTLS records, passed on by another worker or held back before. pkts has room for DP_BURST.
void dp_ingress_secure(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n);
