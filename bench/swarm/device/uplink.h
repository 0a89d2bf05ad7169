// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device asks the server: one request at a time (NSTART 1), sent again until it is answered,
// its body in blocks where it is larger than one, the answer's too (RFC 7959), and with the Echo
// option where the server wants it (RFC 9175). Part of struct device.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwm2m/coap/exchange.h"
#include "lwm2m/coap/msg.h"

struct device;
struct device_env;

enum uplink_kind {
	UPLINK_NONE,
	UPLINK_REGISTER,
	UPLINK_UPDATE,
	UPLINK_DEREGISTER,
	UPLINK_SEND,
	UPLINK_GET,
};

// A Send or GET that waits for its turn.
struct uplink_wish {
	struct uplink_wish *next;
	uint8_t kind;
	uint16_t format;
	size_t len; // of the body, or the path
	uint8_t body[];
};

struct uplink {
	struct coap_exchange exchange;
	uint64_t sent_us; // first transmission of the first block
	struct uplink_wish *wishes;
	uint8_t *body;   // of the request under way; NULL without
	uint8_t *answer; // what has come of a block-wise answer
	size_t body_len;
	size_t answer_len;
	size_t offset;   // of the block under way
	uint32_t block2; // number of the answer's block to ask for, 0 at first
	uint16_t mid;
	uint16_t format; // of body
	uint8_t kind;    // enum uplink_kind
	uint8_t szx;     // of the body's blocks
	uint8_t szx2;    // of the answer's
	uint8_t restarts;
	uint8_t echo_len;
	uint8_t echo[40];
	bool tells_lt; // what the Update under way carries
};

static inline bool uplink_busy(const struct uplink *up)
{
	return up->kind != UPLINK_NONE;
}

// Starts a request. body is the uplink's from then on (malloc, may be NULL).
void uplink_start(struct device *dev, struct device_env *env, enum uplink_kind kind,
		  uint16_t format, uint8_t *body, size_t len);
void uplink_on_time(struct device *dev, struct device_env *env);
// True when the message was for the request under way.
bool uplink_on_empty(struct device *dev, struct device_env *env, const struct coap_msg *msg);
bool uplink_on_response(struct device *dev, struct device_env *env, const struct coap_msg *msg);
// A copy of body waits until nothing else is under way. False without memory.
bool uplink_wish(struct device *dev, enum uplink_kind kind, uint16_t format, const void *body,
		 size_t len);
void uplink_next_wish(struct device *dev, struct device_env *env);
void uplink_fini(struct uplink *up);
