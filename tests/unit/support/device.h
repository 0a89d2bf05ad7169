// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device sends, as datagrams for a test's gateway, and the exchanges it makes most often.
#pragma once

#include "tests/unit/support/gateway.h"

#define DEVICE_TOKEN "\x11\x22\x33"

// A message from device number, with the token above if it is a request. Path segments and queries
// are separated by '/' and '&', in order of option number; NULL: none.
struct datagram device_message(uint32_t number, enum coap_type type, uint8_t code, uint16_t mid,
			       const char *path, const char *query);
// The same with one more option (after the path if its number is higher) and a payload of link
// format.
struct device_extra {
	const char *path;
	const char *query;
	uint16_t option; // 0: none
	const void *value;
	size_t value_len;
	const char *payload; // with Content-Format 40
};
struct datagram device_message_with(uint32_t number, enum coap_type type, uint8_t code,
				    uint16_t mid, const struct device_extra *extra);
// An empty message, or a response with that token.
struct datagram device_empty(uint32_t number, enum coap_type type, uint16_t mid);
struct datagram device_response(uint32_t number, enum coap_type type, uint8_t code, uint16_t mid,
				const uint8_t *token, size_t token_len, const char *payload);

struct datagram device_register(uint32_t number, uint16_t mid, const char *endpoint,
				uint32_t lifetime_s);
struct datagram device_update(uint32_t number, uint16_t mid, uint64_t location, const char *query);
struct datagram device_deregister(uint32_t number, uint16_t mid, uint64_t location);

// Sends by worker, runs, and gives the one answer; len 0 when there is none. Of its msg only
// numbers are valid: the pointers do not follow the copy.
struct datagram device_ask(struct gateway *gw, uint16_t worker, const struct datagram *d);
// Registers and has control commit; the location. It must succeed.
uint64_t device_registered(struct gateway *gw, uint16_t worker, uint32_t number, uint16_t mid,
			   const char *endpoint, uint32_t lifetime_s);
// From Location-Path; 0 when the answer has none.
uint64_t device_location(const struct datagram *answer);
