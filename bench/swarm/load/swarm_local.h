// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Between the two halves of a fleet: fleet.c decides when requests go out, inbox.c what becomes of
// what comes in.
#pragma once

#include "bench/swarm/load/swarm.h"

// Of what is remembered of a device.
static inline uint32_t swarm_place(const struct swarm *swarm, uint32_t device)
{
	return order_place(&swarm->order, device);
}

// Queues the request of a slot, for the first time or again, and sets when to give up waiting.
void swarm_send(struct swarm *swarm, struct slot *slot);
// An mbuf for swarm_queue with an empty message; NULL when nothing more can be sent now.
struct rte_mbuf *swarm_message(struct swarm *swarm);
void swarm_queue(struct swarm *swarm, struct rte_mbuf *m, uint32_t device, uint32_t sum);
// A message of a live phase has come to its end, before its slot is given back. why: as live_end.
void swarm_live_end(struct swarm *swarm, const struct slot *slot, enum live_outcome outcome,
		    const char *why);
bool swarm_lives(const struct swarm *swarm);
void swarm_wrong(struct swarm *swarm, uint32_t device, const char *why);
// Handles up to a burst of messages that came in. Returns how many.
unsigned swarm_receive(struct swarm *swarm);
