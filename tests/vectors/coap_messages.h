// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// CoAP datagrams and the verdict each deserves: the exchanges of RFC 7252 appendix A, then one
// datagram per rule of section 3. Used by the parser's unit tests and as seeds of its fuzzer.
#pragma once

#include "lwm2m/coap/msg.h"

struct coap_vector {
	const char *name;
	const char *bytes;
	uint16_t len;
	enum coap_err verdict;
};

#define V(name, verdict, bytes)                         \
	{                                               \
		name, bytes, sizeof(bytes) - 1, verdict \
	}

static const struct coap_vector coap_vectors[] = {
	V("rfc7252 fig 16 request", COAP_OK, "\x40\x01\x7d\x34\xbbtemperature"),
	V("rfc7252 fig 16 piggybacked", COAP_OK,
	  "\x60\x45\x7d\x34\xff"
	  "22.3 C"),
	V("rfc7252 fig 17 request", COAP_OK, "\x41\x01\x7d\x35\x20\xbbtemperature"),
	V("rfc7252 fig 17 piggybacked", COAP_OK,
	  "\x61\x45\x7d\x35\x20\xff"
	  "22.3 C"),
	V("rfc7252 fig 18 request", COAP_OK, "\x41\x01\x7d\x36\x31\xbbtemperature"),
	V("rfc7252 fig 20 empty ack", COAP_OK, "\x60\x00\x7d\x38"),
	V("rfc7252 fig 20 separate", COAP_OK,
	  "\x41\x45\xad\x7b\x53\xff"
	  "22.3 C"),
	V("rfc7252 fig 21 reset", COAP_OK, "\x70\x00\xad\x7c"),
	V("rfc7252 fig 22 non request", COAP_OK, "\x51\x01\x7d\x40\x75\xbbtemperature"),
	V("rfc7252 fig 22 non response", COAP_OK,
	  "\x51\x45\xad\x7c\x75\xff"
	  "22.3 C"),
	V("ping", COAP_OK, "\x40\x00\x00\x01"),
	V("token of 8", COAP_OK,
	  "\x48\x01\x00\x01"
	  "12345678"),
	V("option number 0", COAP_OK, "\x40\x01\x00\x01\x00"),
	V("delta 12, length 12", COAP_OK,
	  "\x40\x01\x00\x01\xcc"
	  "123456789012"),
	V("delta 13 + 0, length 13 + 0", COAP_OK,
	  "\x40\x01\x00\x01\xdd\x00\x00"
	  "1234567890123"),
	V("delta 13 + 255", COAP_OK, "\x40\x01\x00\x01\xd0\xff"),
	V("delta 269 + 0", COAP_OK, "\x40\x01\x00\x01\xe0\x00\x00"),
	V("delta 269 + 65266, number 65535", COAP_OK, "\x40\x01\x00\x01\xe0\xfe\xf2"),
	V("one byte of payload", COAP_OK, "\x40\x45\x00\x01\xff\x00"),
	V("payload that starts with a marker", COAP_OK, "\x40\x45\x00\x01\xff\xff"),
	V("class 3 is not reserved", COAP_OK, "\x40\x61\x00\x01"),
	V("unassigned method", COAP_OK, "\x40\x1f\x00\x01"),
	V("nothing", COAP_ERR_SHORT, ""),
	V("three bytes", COAP_ERR_SHORT, "\x40\x01\x00"),
	V("version 0", COAP_ERR_VERSION, "\x00\x01\x00\x01"),
	V("version 2", COAP_ERR_VERSION, "\x80\x01\x00\x01"),
	V("version 3", COAP_ERR_VERSION, "\xc0\x01\x00\x01"),
	V("token of 9", COAP_ERR_TOKEN_LENGTH,
	  "\x49\x01\x00\x01"
	  "123456789"),
	V("token length 15", COAP_ERR_TOKEN_LENGTH,
	  "\x4f\x01\x00\x01"
	  "123456789012345"),
	V("token length 9 of an empty message", COAP_ERR_TOKEN_LENGTH, "\x49\x00\x00\x01"),
	V("token cut", COAP_ERR_TOKEN_TRUNCATED,
	  "\x42\x01\x00\x01"
	  "1"),
	V("token missing", COAP_ERR_TOKEN_TRUNCATED, "\x41\x01\x00\x01"),
	V("empty with token", COAP_ERR_EMPTY_NOT_EMPTY,
	  "\x41\x00\x00\x01"
	  "1"),
	V("empty with option", COAP_ERR_EMPTY_NOT_EMPTY, "\x40\x00\x00\x01\x10"),
	V("reset with payload", COAP_ERR_EMPTY_NOT_EMPTY,
	  "\x70\x00\x00\x01\xff"
	  "1"),
	V("class 1", COAP_ERR_CODE_CLASS, "\x40\x20\x00\x01"),
	V("class 6", COAP_ERR_CODE_CLASS, "\x40\xc1\x00\x01"),
	V("class 7", COAP_ERR_CODE_CLASS, "\x40\xff\x00\x01"),
	V("delta 15", COAP_ERR_OPTION_DELTA, "\x40\x01\x00\x01\xf0"),
	V("delta 15, length 14", COAP_ERR_OPTION_DELTA, "\x40\x01\x00\x01\xfe\x00\x00"),
	V("length 15", COAP_ERR_OPTION_LENGTH,
	  "\x40\x01\x00\x01\x1f"
	  "123456789012345"),
	V("length 15 after delta 14", COAP_ERR_OPTION_LENGTH, "\x40\x01\x00\x01\xef\x00\x00"),
	V("value cut", COAP_ERR_OPTION_TRUNCATED,
	  "\x40\x01\x00\x01\xb2"
	  "r"),
	V("delta extension cut", COAP_ERR_OPTION_TRUNCATED, "\x40\x01\x00\x01\xd0"),
	V("delta extension cut in two", COAP_ERR_OPTION_TRUNCATED, "\x40\x01\x00\x01\xe0\x00"),
	V("length extension cut", COAP_ERR_OPTION_TRUNCATED, "\x40\x01\x00\x01\x0d"),
	V("length extension cut in two", COAP_ERR_OPTION_TRUNCATED, "\x40\x01\x00\x01\x0e\x00"),
	V("length 269 of nothing", COAP_ERR_OPTION_TRUNCATED, "\x40\x01\x00\x01\x0e\x00\x00"),
	V("length 65804 of nothing", COAP_ERR_OPTION_TRUNCATED, "\x40\x01\x00\x01\x0e\xff\xff"),
	V("number 65536 at once", COAP_ERR_OPTION_NUMBER, "\x40\x01\x00\x01\xe0\xfe\xf3"),
	V("number 65536 in two", COAP_ERR_OPTION_NUMBER, "\x40\x01\x00\x01\xe0\xfe\xf2\x10"),
	V("marker alone", COAP_ERR_PAYLOAD_EMPTY, "\x40\x01\x00\x01\xff"),
	V("marker alone after option", COAP_ERR_PAYLOAD_EMPTY,
	  "\x40\x01\x00\x01\xb2"
	  "rd\xff"),
	V("wakaama register", COAP_OK,
	  "\x44\x02\x99\x2f\x2f\x99\x3a\xc8\xb2rd\x11\x28\x39lwm2m=1.1\x06"
	  "ep=wk1\x03"
	  "b=U\x05"
	  "lt=30\xff</>;rt=\"oma.lwm2m\";ct=110,</1>;ver=1.1,</1/0>,</3/0>"),
	V("leshan update", COAP_OK,
	  "\x48\x02\xfd\x43\x3c\x5e\xd3\x6a\xf9\xc1\xad\x09\xb2rd\x0a"
	  "AywifPqG7n\x45lt=60"),
};

#undef V
