// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// From worker to worker: an N x N matrix of single-producer single-consumer rte_rings. Mbufs
// collect per target and leave in bursts; a target that sleeps has its doorbell rung once a burst.
#pragma once

#include "dataplane/pkt.h"
#include "dataplane/worker.h"

// Takes the mbuf. What does not fit the ring is dropped (drop_ring_full).
void dp_handoff(struct dp_worker *w, uint16_t to, struct rte_mbuf *m, enum dp_pkt_op op);
// Whether another mbuf fits, with room left for what comes in by the ports. True for the worker
// itself.
bool dp_handoff_room(const struct dp_worker *w, uint16_t to);
void dp_handoff_flush(struct dp_worker *w);
