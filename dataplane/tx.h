// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The way out of a worker: datagrams collect per port and leave in bursts.
#pragma once

#include "dataplane/worker.h"

// Takes the mbuf: its data is a UDP payload, dp_pkt.peer says where to. The peer's port must be
// served by this worker.
void dp_tx(struct dp_worker *w, struct rte_mbuf *m);
// A finished frame (ARP, ICMP) for a PKTIO_FRAMES port, past stage_ether_out.
void dp_tx_frame(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf *m);
// Sends what has collected, on all ports. What a port has no room for is held, one burst of it, and
// tried again; the rest, and what is held in vain for too long, is dropped (drop_tx_full). Returns
// how much is held, or has come up while the rest was sent: flush again.
uint32_t dp_tx_flush(struct dp_worker *w);
// False while something is held for that port: answers that can wait should.
bool dp_tx_room(const struct dp_worker *w, uint8_t port);
