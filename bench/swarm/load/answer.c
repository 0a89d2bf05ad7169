// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/answer.h"

#define MAX_AGE_DEFAULT 60 // RFC 7252 section 5.10.5
#define MAX_AGE_LONGEST 60 // a test does not wait longer

static const uint8_t right_codes[] = {
	[REQUEST_REGISTER] = COAP_CREATED,
	[REQUEST_UPDATE] = COAP_CHANGED,
	[REQUEST_DEREGISTER] = COAP_DELETED,
	[REQUEST_SEND] = COAP_CHANGED,
};

static struct answer wrong(const char *why)
{
	return (struct answer){.verdict = ANSWER_WRONG, .why = why};
}

static struct answer unavailable(const struct coap_msg *msg)
{
	struct answer answer = {.verdict = ANSWER_UNAVAILABLE, .retry_after_s = MAX_AGE_DEFAULT};
	struct coap_opt opt;
	uint32_t age;

	if (coap_msg_find_opt(msg, COAP_OPT_MAX_AGE, &opt) && coap_opt_uint(&opt, &age))
		answer.retry_after_s = age < MAX_AGE_LONGEST ? age : MAX_AGE_LONGEST;
	return answer;
}

struct answer answer_judge(const struct coap_msg *msg, enum request_kind kind, uint16_t mid)
{
	struct coap_opt location;

	if (msg->type == COAP_RST)
		return wrong("Reset");
	if (msg->type == COAP_ACK && msg->mid != mid)
		return wrong("piggybacked, but with another message id");
	if (msg->code == COAP_SERVICE_UNAVAILABLE || msg->code == COAP_TOO_MANY_REQUESTS)
		return unavailable(msg);
	if (msg->code != right_codes[kind])
		return wrong(COAP_CODE_CLASS(msg->code) == 4   ? "code 4.xx"
			     : COAP_CODE_CLASS(msg->code) == 5 ? "code 5.xx"
							       : "another code of success");
	bool has_location = coap_msg_find_opt(msg, COAP_OPT_LOCATION_PATH, &location);
	if (has_location != (kind == REQUEST_REGISTER))
		return wrong(has_location ? "Location-Path where none belongs"
					  : "2.01 without Location-Path");
	if (msg->payload_len != 0)
		return wrong("payload where none belongs");
	return (struct answer){.verdict = ANSWER_RIGHT};
}

uint32_t answer_digest(const uint8_t *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u ^ len; // FNV-1a

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return (uint32_t)(hash ^ hash >> 32);
}
