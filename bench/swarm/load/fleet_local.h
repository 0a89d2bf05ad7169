// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Between the two halves of a fleet: fleet.c decides when requests go out, inbox.c what becomes of
// what comes in.
#pragma once

#include "bench/swarm/load/fleet.h"

// Queues the request of a slot, for the first time or again, and sets when to give up waiting.
void fleet_send(struct fleet *fleet, struct slot *slot);
// An mbuf for fleet_queue with an empty message; NULL when nothing more can be sent now.
struct rte_mbuf *fleet_message(struct fleet *fleet);
void fleet_queue(struct fleet *fleet, struct rte_mbuf *m, uint32_t device, uint32_t sum);
void fleet_wrong(struct fleet *fleet, uint32_t device, const char *why);
// Handles up to a burst of messages that came in. Returns how many.
unsigned fleet_receive(struct fleet *fleet);
