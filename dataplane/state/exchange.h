// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The gateway's own requests to devices: one outstanding per session (NSTART = 1), from a fixed
// pool. A response is matched by token (which names the session), an empty ACK or RST by peer and
// message id, which has the owner's index in the low bits, so that any worker can pass an ACK on.
// Single-threaded.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/peer.h"
#include "dataplane/state/wheel.h"
#include "lwm2m/coap/exchange.h"

#define DP_EXCHANGES_MAX    16384u
#define DP_EXCHANGE_BUCKETS 4096u
#define DP_REQUEST_MAX      1280u // bytes of a request datagram

struct dp_session;

struct dp_exchange {
	struct wheel_timer timer;
	struct coap_exchange coap;
	struct coap_params params;
	struct dp_session *session; // NULL: free
	uint64_t request_id;
	uint64_t token;                  // laid out as bridge/proto.h says
	struct dp_exchange *bucket_next; // free: link of the free list
	uint16_t mid;
	uint16_t datagram_len;
	bool cancels;                     // GET or FETCH with Observe 1 (RFC 7641 section 3.6)
	bool withheld;                    // a ping went out instead
	uint8_t datagram[DP_REQUEST_MAX]; // kept for retransmission
};

struct dp_exchanges {
	struct dp_exchange *pool;
	struct dp_exchange *free;
	uint32_t top;                                     // of the pool, ever used
	struct dp_exchange *buckets[DP_EXCHANGE_BUCKETS]; // by mid
	uint32_t count;
};

int dp_exchanges_init(struct dp_exchanges *xs);
void dp_exchanges_fini(struct dp_exchanges *xs);
struct dp_exchange *dp_exchange_new(struct dp_exchanges *xs, struct dp_session *session,
				    uint16_t mid);
void dp_exchange_free(struct dp_exchanges *xs, struct dp_exchange *x);
struct dp_exchange *dp_exchange_by_mid(struct dp_exchanges *xs, const struct dp_peer *peer,
				       uint16_t mid);
