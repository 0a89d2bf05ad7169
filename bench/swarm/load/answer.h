// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Judges what comes back. Pure: no state, no time.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/load/request.h"
#include "lwm2m/coap/msg.h"

enum answer_verdict {
	ANSWER_RIGHT,
	ANSWER_WRONG,       // not what the request deserves
	ANSWER_UNAVAILABLE, // 5.03 or 4.29: ask again later (RFC 7252 section 5.9.3.4, RFC 8516)
};

struct answer {
	enum answer_verdict verdict;
	uint32_t retry_after_s; // ANSWER_UNAVAILABLE: Max-Age
	const char *why;        // ANSWER_WRONG
};

// msg is a response with the request's token, to a request of that kind and mid.
struct answer answer_judge(const struct coap_msg *msg, enum request_kind kind, uint16_t mid);

// The common case without parsing: the piggybacked 2.04 of an Update or a Send, or 2.02 of a
// De-register, and not a byte more.
static inline bool answer_is_plain(const uint8_t *bytes, size_t len, enum request_kind kind,
				   uint16_t mid)
{
	uint8_t code = kind == REQUEST_DEREGISTER ? COAP_DELETED : COAP_CHANGED;

	return len == 4 + REQUEST_TOKEN_LEN && kind != REQUEST_REGISTER &&
	       bytes[0] == (0x60 | REQUEST_TOKEN_LEN) && bytes[1] == code && bytes[2] == mid >> 8 &&
	       bytes[3] == (mid & 0xff);
}

// To compare two answers by: different bytes give different numbers, with a chance of 2^-32 not to.
uint32_t answer_digest(const uint8_t *bytes, size_t len);
