// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A worker: one lcore, one queue of every port, one shard of peers and one of sessions. Everything
// it touches per packet hangs off this struct; the struct is its own and no other thread writes it,
// but for the fields that say so.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/bridge/segment.h"
#include "dataplane/pktio/pktio.h"
#include "dataplane/state/assembly.h"
#include "dataplane/state/dedup.h"
#include "dataplane/state/exchange.h"
#include "dataplane/state/limits.h"
#include "dataplane/state/neighbour.h"
#include "dataplane/state/parked.h"
#include "dataplane/state/session.h"
#include "dataplane/state/traced.h"
#include "dataplane/state/wheel.h"

#define DP_BURST PKTIO_BURST

struct dp_dtls;

// How far this worker's sessions are known to be complete.
enum dp_sync {
	DP_SYNC_DETACHED,  // no control
	DP_SYNC_RESTORING, // control attached, its registrations are still coming
	DP_SYNC_READY,     // promises can be made
};

// Datagrams on their way out of one port.
struct dp_tx_queue {
	struct rte_mbuf *pkts[DP_BURST];
	struct rte_mbuf *held[DP_BURST]; // complete, but the port had no room; they go first
	uint16_t n;
	uint16_t held_n;
	uint64_t held_since_us; // nothing of it has left since then
};

struct dp_worker {
	// Read-only after start.
	uint16_t index;
	uint16_t workers;
	uint16_t ports_count;
	uint8_t mid_shift; // message ids of requests are (counter << mid_shift | index)
	bool adaptive;
	struct pktio_port *ports[PKTIO_PORTS_MAX];
	struct rte_mempool *pool;
	struct rte_ring *rings_in[BRIDGE_WORKERS_MAX];  // [from]; SPSC
	struct rte_ring *rings_out[BRIDGE_WORKERS_MAX]; // [to]; SPSC
	struct dp_worker *siblings[BRIDGE_WORKERS_MAX]; // only their doorbells are touched
	uint64_t tsc_hz;
	uint8_t owners[BRIDGE_VSHARDS]; // worker index of each virtual shard
	uint64_t hash_seed[4];          // secret of this run; the same in all workers

	// Per loop.
	alignas(64) uint64_t now_us; // monotonic, read once per loop
	uint64_t wall_offset_us;     // wall clock - now_us
	uint32_t now_tick;           // now_us in wheel ticks
	enum dp_sync sync;
	bool ever_restored;      // unknown locations can be answered 4.04
	bool held;               // control asked to promise nothing new
	_Atomic uint32_t rounds; // begun so far; read by others rarely: quiesce.h
	uint64_t detached_since_us;
	struct bridge_worker_channel *channel; // NULL while detached
	uint64_t next_seq;
	uint64_t rng[2];
	uint64_t housekeeping_us; // when it is due
	bool buffers_low;         // as housekeeping found it: the last are for registered devices
	struct dp_tx_queue tx[PKTIO_PORTS_MAX];
	struct {
		struct rte_mbuf *pkts[DP_BURST];
		uint16_t n;
	} handoff[BRIDGE_WORKERS_MAX];

	// Tables.
	struct dp_dedup dedup;
	struct dp_sessions sessions;
	struct dp_exchanges exchanges;
	struct dp_limits limits;
	struct dp_parked parked;
	struct dp_neighbours neighbours;
	struct dp_assembly assembly;
	struct dp_traced traced;
	struct wheel session_wheel;
	struct wheel exchange_wheel;
	struct wheel transfer_wheel;
	struct dp_dtls *dtls; // NULL: no port speaks it

	struct dp_counters counters; // copied to the bridge segment in housekeeping
	struct dp_gauges gauges;

	// Written by others.
	alignas(64) _Atomic(struct bridge_segment *) offered; // main: wo, worker: ro. NULL: detach
	_Atomic(struct bridge_segment *) adopted;             // worker: wo, main: ro
	_Atomic uint32_t
		asleep;        // worker: rw; a sibling that sees 1 after enqueueing rings doorbell
	_Atomic bool stop;     // main: wo
	_Atomic bool draining; // main: wo. Nothing is read from the ports any more
	_Atomic bool drained;  // worker: wo. Nothing is parked or on its way, at the moment
	_Atomic bool
		bridge_failed;     // worker: wo, main: rw. Control wrote nonsense: close the bridge
	_Atomic bool renew_wanted; // worker: wo, main: rw. Certificate files have changed
	int doorbell;              // eventfd
};
