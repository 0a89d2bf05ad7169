// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What kind of client a simulated device is. Shared by all devices of a fleet; constant while they
// live.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DEVICE_FORMATS_MAX 12

struct device_config {
	const char *endpoint; // the name, or with numbered the first part of it
	const char *root;     // alternate root without closing slash, "" for "/"
	uint32_t lifetime_s;
	uint32_t interval_s;  // between Updates
	uint32_t awake_s;     // queue mode: reachable for so long after the last message
	uint32_t separate_ms; // answers come so long after an empty ACK; 0: piggybacked
	uint32_t body_max;    // bytes of a block-wise payload, more is answered 4.13
	uint16_t block_size;  // 16 to 1024: larger bodies go and come in blocks
	uint16_t formats[DEVICE_FORMATS_MAX]; // announced in ct= and accepted, besides 0, 40, 42
	uint8_t formats_count;
	uint16_t default_format; // of an answer when the request has no Accept
	uint8_t version;         // 10 or 11
	bool numbered;           // device n is called ENDPOINT-n, n in at least four digits
	bool queue_mode;
	bool confirmable;  // notifications are CON
	bool test_object;  // has object 3442
	bool moving;       // the temperature changes with every request
	bool refuse_large; // a body that should have come in smaller blocks is 4.13, not negotiated
	bool strict;       // 4.04 to an Update is a wrong answer, not a reason to register again
};

// What most clients are like: 1.1, lifetime 300 s, TLV and SenML CBOR, everything in one block.
extern const struct device_config device_config_default;

// 0 to 6 as a Block option says it, RFC 7959 section 2.2.
static inline uint8_t device_config_szx(const struct device_config *config)
{
	uint8_t szx = 0;
	while (szx < 6 && (32u << szx) <= config->block_size)
		szx++;
	return szx;
}
