// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device remembers of being observed, and the messages with a value in them: the answer to
// an Observe of its temperature, notifications, Sends. Only fleets that are observed have these.
// Made again from the same arguments, a message has the same bytes. Pure.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/load/request.h"
#include "lwm2m/coap/msg.h"

#define WATCH_MESSAGE_MAX 72 // bytes

// How the value is written, after what the gateway accepts and what it observes.
enum watch_form {
	WATCH_SENML,        // SenML CBOR, whatever the path
	WATCH_TLV,          // of the resource, or of its instance, which is the same
	WATCH_TLV_INSTANCE, // of the object
	WATCH_TEXT,         // of the resource
};

struct watch {
	uint8_t token[8];
	uint16_t number;   // of the last notification
	uint8_t token_len; // 0: not observed
	uint8_t form;      // enum watch_form
};

static_assert(sizeof(struct watch) == 12, "ten million devices have one each");

// The gateway asks to observe: msg is a request with an Observe option. Returns the code of the
// answer; after 2.05 the device is observed, or with Observe 1 no more.
uint8_t watch_asked(struct watch *watch, const struct coap_msg *msg);
// The gateway asks once. Returns the code of the answer, and in once what watch_answer needs for
// it.
uint8_t watch_read(const struct watch *watch, const struct coap_msg *msg, struct watch *once);

// A temperature for the device's message of that number.
double watch_value(uint32_t index, uint16_t number);

// At most WATCH_MESSAGE_MAX bytes each; value is from 0 to 2^32, in thousandths when it is written
// as text. The answer to msg, with 2.05:
size_t watch_answer(const struct watch *watch, double value, const struct coap_msg *msg,
		    uint8_t *out);
size_t watch_notification(const struct watch *watch, double value, enum coap_type type,
			  uint16_t mid, uint8_t *out);
// POST /dp
size_t watch_send(double value, uint16_t mid, uint64_t token, uint8_t *out);
