// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The requests a device sends, made from templates that are the same for all: what differs is
// written over, and the checksum of the whole is known without reading it. Made again from the same
// arguments, a request has the same bytes: that is how it is retransmitted.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/load/device.h"
#include "bench/swarm/load/scenario.h"
#include "lwm2m/coap/msg.h"

#define REQUEST_MAX        320 // bytes
#define REQUEST_TOKEN_LEN  8
#define REQUEST_PREFIX_MAX 20 // encoded options of a location's first segments
#define REQUEST_TAIL_AT    (4 + REQUEST_TOKEN_LEN)

enum request_kind {
	REQUEST_REGISTER,
	REQUEST_UPDATE,
	REQUEST_DEREGISTER,
	REQUEST_SEND,   // see watch.h
	REQUEST_NOTIFY, // its answer is the empty ACK
	REQUEST_PING,   // and that of this one is RST (RFC 7252 section 4.3)
};

struct request_templates {
	uint8_t regist[REQUEST_MAX];
	uint16_t register_len;
	uint16_t digits_at; // of the endpoint's number
	uint8_t digits;
	uint64_t register_sum; // of regist, in which token, mid and digits are zero bytes

	uint8_t head[32];     // header, token, prefix of all locations
	uint8_t head_len;     // 0 until the first location is known
	uint32_t head_sum[3]; // by enum request_kind
};

// Digits of a device's number in its endpoint.
int request_digits(const struct scenario *sc);

// False when the endpoint name makes the request too long.
bool request_templates_init(struct request_templates *t, const struct scenario *sc);

// Gives the device the location that the Location-Path options of msg say. The first one ever seen
// decides all segments but the last. False when there is none, or it does not fit: longer than
// DEVICE_LOCATION_MAX, or with other first segments than those of the other devices.
bool request_set_location(struct request_templates *t, struct device *dev,
			  const struct coap_msg *msg);

// Register, Update and De-register. Writes at most REQUEST_MAX bytes (and may scribble 32 behind
// the end) and returns how many; *sum is their sum (sum.h).
size_t request_write(const struct request_templates *t, enum request_kind kind,
		     const struct device *dev, uint32_t index, uint16_t mid, uint64_t token,
		     uint8_t *out, uint32_t *sum);

// The same with a lifetime that is this device's own, of at most 999999999 s. At most REQUEST_MAX
// bytes; 0 when the endpoint name makes the request too long.
size_t request_write_register(const struct scenario *sc, uint32_t index, uint32_t lifetime_s,
			      uint16_t mid, uint64_t token, uint8_t *out);
size_t request_write_update(const struct request_templates *t, const struct device *dev,
			    uint32_t lifetime_s, uint16_t mid, uint64_t token, uint8_t *out);

// At most REQUEST_MAX bytes each.
size_t request_write_ping(uint16_t mid, uint8_t *out);
// A ClientHello (DTLS 1.2, TLS_PSK_WITH_AES_128_CCM_8, Connection ID) without a cookie.
size_t request_write_hello(const uint32_t random[static 8], uint8_t *out);
