// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A whole dataplane in one thread: workers joined by real rings, one port in memory that takes
// datagrams, and the other end of a real bridge segment, where the test plays control. Time stands
// still until the test moves it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/config.h"
#include "dataplane/bridge/proto.h"
#include "dataplane/bridge/segment.h"
#include "dataplane/pktio/pktio.h"
#include "dataplane/worker.h"
#include "lwm2m/coap/msg.h"

#define GATEWAY_WORKERS_MAX 4
#define GATEWAY_WALL_US     1700000000000000ull // at now_us 0

struct gateway {
	uint16_t workers_count;
	struct dp_worker *w[GATEWAY_WORKERS_MAX];
	struct rte_mempool *pool;
	struct rte_ring *rings[GATEWAY_WORKERS_MAX * GATEWAY_WORKERS_MAX];
	struct pktio_port port;
	struct bridge_segment segment; // the dataplane's end
	struct bridge_segment control; // the test's end
	bool attached;
	uint64_t now_us;
	unsigned mbufs; // in the pool when nothing holds any
};

struct gateway_params {
	uint16_t workers;                // 0: 1
	uint32_t max_sessions;           // of each worker; 0: 1000
	uint32_t mbufs;                  // 0: 2047
	uint32_t body_max;               // 0: 32768
	uint32_t ring;                   // slots of a hand-off ring; 0: 1024
	struct config_overload overload; // all 0: no limits
};

void gateway_open(struct gateway *gw, struct gateway_params params);
// Detaches, drains everything and fails the test if a packet buffer is missing.
void gateway_close(struct gateway *gw);

// One round of every worker.
void gateway_round(struct gateway *gw);
// Rounds until none has anything to do.
void gateway_run(struct gateway *gw);
// Moves time forward in steps as the timers need them, running between.
void gateway_wait(struct gateway *gw, uint64_t us);

// Sum over the workers; offset of a counter's field.
uint64_t gateway_sum(const struct gateway *gw, size_t offset);
#define GATEWAY_COUNT(gw, counter) gateway_sum(gw, offsetof(struct dp_counters, counter))
uint64_t gateway_drops(const struct gateway *gw); // of all reasons

// A datagram in the test's hands.
struct datagram {
	uint8_t bytes[2048];
	size_t len;
	struct dp_peer peer;
	struct coap_msg msg; // parsed by gateway_take
};

struct dp_peer gateway_device(uint32_t number); // its address
// Into the worker's queue; the worker looks at it in its next round.
void gateway_inject(struct gateway *gw, uint16_t worker, const struct datagram *d);
// The next datagram that has left by that worker; false when there is none. It must be CoAP.
bool gateway_take(struct gateway *gw, uint16_t worker, struct datagram *d);
// Throws away what has left; returns how many.
unsigned gateway_drain(struct gateway *gw);

// Control.
void gateway_attach(struct gateway *gw); // and run; no RESTORE_END yet
void gateway_detach(struct gateway *gw);
void gateway_ready(struct gateway *gw); // attach, RESTORE_END to all, run

struct gateway_event {
	uint16_t type; // 0: none
	uint64_t seq;
	uint64_t location;
	uint64_t wall_ms;
	uint64_t request_id;
	struct dp_peer peer;
	uint64_t credential;
	// Of a DTLS session: its Connection ID in location, what is to be kept of it in coap.
	uint32_t result; // of a query: its kind, the query in request_id, the id in coap
	uint32_t coap_len;
	uint16_t flags;
	uint8_t coap[BRIDGE_RECORD_MAX];
};
// The next event of that worker; false when there is none.
bool gateway_event(struct gateway *gw, uint16_t worker, struct gateway_event *ev);

// Commands: visible at once, carried out in the worker's next round.
void gateway_commit(struct gateway *gw, uint16_t worker, uint64_t seq);
void gateway_reject(struct gateway *gw, uint16_t worker, uint64_t seq, uint8_t code);
void gateway_reject_because(struct gateway *gw, uint16_t worker, uint64_t seq, uint32_t code,
			    uint32_t reason);
void gateway_restore(struct gateway *gw, uint16_t worker, uint64_t location, const char *endpoint,
		     uint32_t lifetime_s, const struct dp_peer *peer);
void gateway_restore_end(struct gateway *gw, uint16_t worker);
void gateway_request(struct gateway *gw, uint64_t location, uint64_t request_id, const void *coap,
		     size_t len);
// With a token of control's own.
void gateway_request_with(struct gateway *gw, uint64_t location, uint64_t request_id,
			  uint64_t token, const void *coap, size_t len);
void gateway_cancel(struct gateway *gw, uint64_t location, uint64_t request_id);
void gateway_hold(struct gateway *gw, bool on); // all workers, and run
void gateway_trace(struct gateway *gw, uint64_t location, bool on);
// Any bytes as a record of that type; the header is written for them.
void gateway_command(struct gateway *gw, uint16_t worker, uint16_t type, const void *body,
		     size_t len);

// Commits everything that waits, answers included. Returns how many events there were.
unsigned gateway_commit_all(struct gateway *gw);
