// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A transfer under way. Private to control/transfer.
#pragma once

#include "control/transfer.h"
#include "lwm2m/coap/block.h"

#define TRANSFER_ETAG_MAX 8u  // RFC 7252 table 4
#define TRANSFER_ECHO_MAX 40u // RFC 9175 table 2

struct ctl_transfer {
	struct ctl *ctl;
	struct ctl_op *op;
	struct ctl_transfer_request request; // owns what it points to
	ctl_transfer_cb_t cb;
	void *arg;
	uint32_t timeout_ms;
	// The body.
	uint32_t sent; // bytes that the device has taken
	uint8_t szx;
	bool blocks;     // it goes block-wise
	bool restarted;  // either way, after what came before was lost
	uint8_t attempt; // at the body; tells their blocks apart (RFC 9175 section 3)
	// The answer, once its first block is here.
	bool fetching;
	uint8_t code;
	uint8_t answer_szx;
	uint8_t *options;
	uint32_t options_len;
	uint8_t *answer;
	uint32_t answer_len;
	uint32_t answer_cap;
	uint8_t etag[TRANSFER_ETAG_MAX];
	uint8_t etag_len; // 0: none
	// What the device wants to hear again; echoed: it has been, in the exchange under way.
	uint8_t echo[TRANSFER_ECHO_MAX];
	uint8_t echo_len;
	bool echoed;
};

// What is to be sent now. 0 when it does not fit.
#define TRANSFER_MESSAGE_MAX 1272u // DP_REQUEST_MAX without the worker's token
size_t transfer_write(const struct ctl_transfer *transfer,
		      uint8_t coap[static TRANSFER_MESSAGE_MAX]);

enum transfer_step {
	TRANSFER_SEND, // there is more to ask
	TRANSFER_END,  // outcome says how
};

// What an answer leads to.
enum transfer_step transfer_take(struct ctl_transfer *transfer, const struct coap_msg *msg,
				 struct ctl_transfer_outcome *outcome);
// The same for the first block of an answer.
enum transfer_step transfer_take_first(struct ctl_transfer *transfer, const struct coap_msg *msg,
				       struct ctl_transfer_outcome *outcome);
