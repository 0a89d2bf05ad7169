// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/exchange.h"

const struct coap_params coap_params_default = {
	.ack_timeout_us = 2 * 1000000,
	.ack_random_permille = 1500,
	.max_retransmit = 4,
	// RFC 7252 names no bound for a separate response; the longest a sender itself would go on
	// trying.
	.separate_timeout_us = COAP_MAX_TRANSMIT_WAIT_US,
};

void coap_exchange_start(struct coap_exchange *x, const struct coap_params *params, uint64_t now_us,
			 uint32_t random32)
{
	uint64_t first_us = params->ack_timeout_us;

	if (params->ack_random_permille > 1000) {
		uint64_t spread_us = first_us * (params->ack_random_permille - 1000) / 1000;
		if (spread_us > UINT32_MAX)
			spread_us = UINT32_MAX;
		first_us += spread_us * random32 >> 32;
	}
	x->timeout_us = first_us > UINT32_MAX ? UINT32_MAX : (uint32_t)first_us;
	x->deadline_us = now_us + x->timeout_us;
	x->retransmits = 0;
	x->state = COAP_EXCHANGE_UNACKED;
}

enum coap_exchange_verdict coap_exchange_on_time(struct coap_exchange *x,
						 const struct coap_params *params, uint64_t now_us)
{
	if (x->state == COAP_EXCHANGE_DONE)
		return COAP_EXCHANGE_IGNORE;
	if (now_us < x->deadline_us)
		return COAP_EXCHANGE_WAIT;
	if (x->state == COAP_EXCHANGE_ACKED || x->retransmits >= params->max_retransmit) {
		x->state = COAP_EXCHANGE_DONE;
		return COAP_EXCHANGE_TIMEOUT;
	}
	x->retransmits++;
	x->timeout_us = x->timeout_us > UINT32_MAX / 2 ? UINT32_MAX : x->timeout_us * 2;
	// From now, not from the missed deadline: a late timer must not send two copies back to
	// back.
	x->deadline_us = now_us + x->timeout_us;
	return COAP_EXCHANGE_RESEND;
}

enum coap_exchange_verdict coap_exchange_on_ack(struct coap_exchange *x,
						const struct coap_params *params, uint64_t now_us)
{
	if (x->state != COAP_EXCHANGE_UNACKED)
		return COAP_EXCHANGE_IGNORE;
	x->state = COAP_EXCHANGE_ACKED;
	x->deadline_us = now_us + params->separate_timeout_us;
	return COAP_EXCHANGE_WAIT;
}

enum coap_exchange_verdict coap_exchange_on_reset(struct coap_exchange *x)
{
	// Also after the ACK: a peer that resets a copy of what it acknowledged has lost the
	// request.
	if (x->state == COAP_EXCHANGE_DONE)
		return COAP_EXCHANGE_IGNORE;
	x->state = COAP_EXCHANGE_DONE;
	return COAP_EXCHANGE_RESET;
}

enum coap_exchange_verdict coap_exchange_on_response(struct coap_exchange *x)
{
	// Also without the ACK, which may be lost: RFC 7252 section 5.2.2.
	if (x->state == COAP_EXCHANGE_DONE)
		return COAP_EXCHANGE_IGNORE;
	x->state = COAP_EXCHANGE_DONE;
	return COAP_EXCHANGE_ANSWERED;
}
