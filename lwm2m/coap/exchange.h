// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The sending side of a Confirmable request: RFC 7252 sections 4.2 and 5.2 as a state machine
// without I/O and without a clock. The owner keeps the bytes, sends when told to, and calls in with
// the time.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// RFC 7252 section 4.8; all in microseconds.
struct coap_params {
	uint32_t ack_timeout_us;      // ACK_TIMEOUT, 2 s
	uint32_t ack_random_permille; // ACK_RANDOM_FACTOR x 1000, 1500
	uint8_t max_retransmit;       // MAX_RETRANSMIT, 4
	uint32_t separate_timeout_us; // how long to wait for a separate response after an empty ACK
};

#define COAP_EXCHANGE_LIFETIME_US (247u * 1000000u) // RFC 7252 section 4.8.2
#define COAP_NON_LIFETIME_US      (145u * 1000000u)
#define COAP_MAX_TRANSMIT_WAIT_US (93u * 1000000u)

extern const struct coap_params coap_params_default;

enum coap_exchange_state {
	COAP_EXCHANGE_UNACKED, // waiting for ACK, RST or response; retransmits
	COAP_EXCHANGE_ACKED,   // empty ACK seen, waiting for the separate response
	COAP_EXCHANGE_DONE,    // answered, reset or given up
};

enum coap_exchange_verdict {
	COAP_EXCHANGE_WAIT,    // nothing to do before deadline_us
	COAP_EXCHANGE_RESEND,  // send the same bytes again, then wait until deadline_us
	COAP_EXCHANGE_TIMEOUT, // given up
	COAP_EXCHANGE_RESET,   // the peer sent RST
	COAP_EXCHANGE_ANSWERED,
	COAP_EXCHANGE_IGNORE, // a message that changes nothing (late or repeated)
};

struct coap_exchange {
	uint64_t deadline_us;
	uint32_t timeout_us; // current retransmission timeout; doubles
	uint8_t retransmits; // so far
	uint8_t state;       // enum coap_exchange_state
};

// Call when the first transmission is sent. random32 spreads the first timeout evenly over
// ACK_TIMEOUT .. ACK_TIMEOUT x ACK_RANDOM_FACTOR.
void coap_exchange_start(struct coap_exchange *x, const struct coap_params *params, uint64_t now_us,
			 uint32_t random32);
// Call at any time; acts only once deadline_us has passed.
enum coap_exchange_verdict coap_exchange_on_time(struct coap_exchange *x,
						 const struct coap_params *params, uint64_t now_us);
enum coap_exchange_verdict coap_exchange_on_ack(struct coap_exchange *x,
						const struct coap_params *params, uint64_t now_us);
enum coap_exchange_verdict coap_exchange_on_reset(struct coap_exchange *x);
// A response matched by token, piggybacked or separate.
enum coap_exchange_verdict coap_exchange_on_response(struct coap_exchange *x);
