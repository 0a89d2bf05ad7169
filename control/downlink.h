// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Requests to devices. One is under way per device, the others wait their turn in order (RFC 7252
// section 4.7, NSTART = 1). The callback is called exactly once for each request unless the
// operation is cancelled: with the response, or with how it failed. Loop thread only.
#pragma once

#include <stdint.h>

#include "control/registry.h"
#include "lwm2m/coap/msg.h"

struct ctl;
struct ctl_downlink;
struct ctl_op;

enum ctl_op_result {
	CTL_OP_ANSWERED,
	CTL_OP_TIMEOUT,     // the device did not answer in time (ours or the message layer's)
	CTL_OP_RESET,       // the device answered RST
	CTL_OP_GONE,        // the device is no longer registered
	CTL_OP_UNAVAILABLE, // the dataplane is away
	CTL_OP_INVALID,     // the request does not fit a datagram
};

struct ctl_op_outcome {
	enum ctl_op_result result;
	struct coap_msg response; // ANSWERED: borrows memory that is gone when the callback returns
};

typedef void (*ctl_op_cb_t)(struct ctl_op *op, const struct ctl_op_outcome *outcome, void *arg);

// Subscribes to the hub. Free once every operation has ended or was cancelled
// (ctl_downlink_on_detached ends them).
struct ctl_downlink *ctl_downlink_new(struct ctl *ctl);
void ctl_downlink_free(struct ctl_downlink *dl);

// coap: a CoAP message with empty token and mid 0 (coap_write_*), copied; coap_len 0, as of a
// message that did not fit, ends as INVALID. token: what the device gets as its token
// (BRIDGE_OBSERVE_TOKEN), 0 for the worker to choose. timeout_ms counts from now and includes the
// time spent waiting for the device's turn. The callback never runs before this returns. NULL when
// memory is out.
struct ctl_op *ctl_downlink_send(struct ctl_downlink *dl, struct ctl_reg *reg, uint64_t token,
				 const void *coap, size_t coap_len, uint32_t timeout_ms,
				 ctl_op_cb_t cb, void *arg);
// From within the callback, once it has the response: the operation goes on with another request
// (its next block), ahead of whatever else waits for the device, and the callback will be called
// again. 0 or -ENOMEM, and then the operation ends as it would have.
int ctl_op_again(struct ctl_op *op, uint64_t token, const void *coap, size_t coap_len,
		 uint32_t timeout_ms) __attribute__((warn_unused_result));
void ctl_op_cancel(struct ctl_op *op); // not from within its own callback

// From the link. result: enum bridge_result.
void ctl_downlink_on_response(struct ctl_downlink *dl, uint64_t location, uint64_t request_id,
			      uint32_t result, const uint8_t *coap, size_t coap_len);
void ctl_downlink_on_ready(struct ctl_downlink *dl);
void ctl_downlink_on_detached(struct ctl_downlink *dl);
