// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// An LwM2M operation on a device (core 1.1.1 sections 6.3 and 6.4), from what is asked to what the
// REST API says of the answer: the CoAP request is made from it when it is sent (below the device's
// alternate path, block-wise where the body is large), the answer is put together and decoded.
//
// Operations of one device are carried out one at a time, in order. Loop thread only.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/downlink.h"
#include "control/transfer.h"
#include "lwm2m/core/model.h"
#include "lwm2m/core/path.h"

#define CTL_PATHS_MAX  32u     // of a composite operation
#define CTL_FORMAT_ANY 0xffffu // no Accept option: the device chooses

enum ctl_operation_kind {
	CTL_READ,
	CTL_DISCOVER,
	CTL_WRITE_REPLACE, // PUT
	CTL_WRITE_PARTIAL, // POST
	CTL_WRITE_ATTRIBUTES,
	CTL_EXECUTE,
	CTL_CREATE,
	CTL_DELETE_INSTANCE,
	CTL_OBSERVE,
	CTL_OBSERVE_CANCEL, // actively
	CTL_READ_COMPOSITE,
	CTL_WRITE_COMPOSITE,
	CTL_OBSERVE_COMPOSITE,
	CTL_OBSERVE_COMPOSITE_CANCEL,
	CTL_OPERATION_KINDS
};

// Borrows payload and query; see ctl_operation_pack for one that lasts.
struct ctl_operation {
	uint8_t kind;        // enum ctl_operation_kind
	uint8_t paths_count; // 1 unless composite
	uint16_t accept;     // of the answer; CTL_FORMAT_ANY
	uint16_t format;     // of the payload; composites: of the path list too
	uint64_t token;      // of the observation; 0 for the other kinds
	uint32_t payload_len;
	uint32_t query_len;
	const uint8_t *payload; // encoded
	const char *query;      // WRITE_ATTRIBUTES: "pmin=1&pmax=3"
	struct lwm2m_path paths[CTL_PATHS_MAX];
};

// How it ended, in words of HTTP: what the REST API answers, and what a queued operation's
// REQUEST_RESPONSE carries.
struct ctl_outcome {
	enum ctl_op_result result;
	uint8_t code;      // ANSWERED: of the device's answer
	bool observing;    // ANSWERED: it carried the Observe option
	uint32_t sequence; // its value then, RFC 7641 section 3.4
	unsigned int http; // 200, or why there is no answer (400, 500, 503, 504)
	json_t *json;      // http 200: the response object of the REST API; borrowed
	const char *text;  // otherwise: what went wrong; borrowed
};

struct ctl_running; // an operation under way

typedef void (*ctl_operation_cb_t)(const struct ctl_outcome *outcome, void *arg);

// Starts. timeout_ms: for each exchange (a block-wise transfer has many), and includes the time
// spent waiting for the device's turn. The callback comes exactly once unless it is cancelled,
// never before this returns. NULL when memory is out.
struct ctl_running *ctl_operation_run(struct ctl *ctl, struct ctl_reg *reg,
				      const struct ctl_operation *op, uint32_t timeout_ms,
				      ctl_operation_cb_t cb, void *arg);
void ctl_operation_cancel(struct ctl_running *running); // before its callback ran

// For a notification that ctl_transfer_is_partial: fetches the rest. op is the CTL_OBSERVE or
// CTL_OBSERVE_COMPOSITE that it belongs to; first is copied. As ctl_transfer_start.
struct ctl_transfer *ctl_operation_rest(struct ctl *ctl, struct ctl_reg *reg,
					const struct ctl_operation *op,
					const struct coap_msg *first, uint32_t timeout_ms,
					ctl_transfer_cb_t cb, void *arg);

// One flat block with everything borrowed inside, for the disk (queue mode). NULL when memory is
// out.
void *ctl_operation_pack(const struct ctl_operation *op, size_t *bytes);
// Checks and points into the block. 0 or -EBADMSG.
int ctl_operation_unpack(struct ctl_operation *op, const void *block, size_t bytes);

// The codes the enabler allows as answers (transport 1.1.1 tables 6.4.4-1 and 6.4.5-1), success
// first: what makes an answer "valid".
const uint8_t *ctl_operation_codes(enum ctl_operation_kind kind, size_t *count);

// What the resources of a device are; reg NULL: of a device that has gone.
const struct lwm2m_model *ctl_operation_model(const struct ctl *ctl, struct ctl_reg *reg);
