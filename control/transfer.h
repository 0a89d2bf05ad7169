// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A request to a device with a body of any size, and its whole answer: one exchange where both fit
// a datagram, a block-wise transfer (RFC 7959) otherwise. Nothing else is sent to the device before
// it ends. A device that wants to know that the request is fresh (Echo, RFC 9175 section 2.3) gets
// it again. Loop thread only.
#pragma once

#include "control/downlink.h"

// Everything is copied.
struct ctl_transfer_request {
	uint64_t token; // of an observation; 0 otherwise
	uint8_t code;   // enum coap_code
	bool too_long;  // could not be written: ends as INVALID
	bool observe;   // with the Observe option, of this value:
	uint8_t observe_value;
	const uint8_t *options; // encoded, without Observe, none beyond Accept
	uint32_t options_len;
	const uint8_t *body;
	uint32_t body_len;
};

struct ctl_transfer_outcome {
	enum ctl_op_result result;
	struct coap_msg response; // ANSWERED: options of the first block, payload of all; borrowed
	const char *why; // ANSWERED: not NULL when the answer could not be put together; static
};

struct ctl_transfer;

typedef void (*ctl_transfer_cb_t)(const struct ctl_transfer_outcome *outcome, void *arg);

// timeout_ms: for each exchange. The callback comes exactly once unless it is cancelled, never
// before this returns. NULL when memory is out.
struct ctl_transfer *ctl_transfer_start(struct ctl *ctl, struct ctl_reg *reg,
					const struct ctl_transfer_request *request,
					uint32_t timeout_ms, ctl_transfer_cb_t cb, void *arg);

// Fetches what follows the first block of an answer that came of its own accord: a notification
// with ctl_transfer_is_partial (RFC 7959 section 3.4). request is what was observed; its token and
// Observe option are left out. first is copied.
struct ctl_transfer *ctl_transfer_rest(struct ctl *ctl, struct ctl_reg *reg,
				       const struct ctl_transfer_request *request,
				       const struct coap_msg *first, uint32_t timeout_ms,
				       ctl_transfer_cb_t cb, void *arg);
// True when more blocks of it are to come.
bool ctl_transfer_is_partial(const struct coap_msg *response);

void ctl_transfer_cancel(struct ctl_transfer *transfer); // before its callback ran
