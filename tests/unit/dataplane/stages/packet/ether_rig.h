// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One worker with one in-memory Ethernet port, for the tests of the Ethernet stages, and checksums
// done the slow way. Every test sets it up anew and every buffer must be back at the end.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dataplane/pktio/pktio.h"
#include "dataplane/worker.h"

struct ether_rig {
	struct dp_worker *w;
	struct pktio_port port;
	struct rte_mempool *pool;
};

extern struct ether_rig rig;

int ether_rig_set_up(void **state);
int ether_rig_tear_down(void **state);

// A frame through stage_ether_in: the datagram that comes out of it, owned by the caller, or NULL.
struct rte_mbuf *ether_rig_receive(const uint8_t *frame, size_t len);
uint64_t ether_rig_drops(void);
// The frame is dropped, counted once, under the counter at this offset of struct dp_counters, and
// nothing is sent.
void ether_rig_expect_drop(const uint8_t *frame, size_t len, size_t counter);

// For frames without IPv4 options and extension headers.
void frame_fix_ip4(uint8_t *frame);
void frame_fix_udp(uint8_t *frame);
// Ones' complement sum of 16-bit words: 0xffff when a checksum within is right.
uint16_t frame_ip4_sum(const uint8_t *frame);
uint16_t frame_l4_sum(const uint8_t *frame);
