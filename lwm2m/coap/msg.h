// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// CoAP messages, RFC 7252 section 3: a zero-copy parser and an in-place serialiser.
//
// Nothing here allocates, keeps state or knows time. A parsed message borrows the caller's
// datagram: it is valid as long as the bytes are. All functions are safe on any input and on any
// thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum coap_type {
	COAP_CON = 0, // Confirmable
	COAP_NON = 1, // Non-confirmable
	COAP_ACK = 2, // Acknowledgement
	COAP_RST = 3, // Reset
};

// c.dd as one byte, RFC 7252 section 12.1.
#define COAP_CODE(class_, detail) ((uint8_t)(((class_) << 5) | (detail)))
#define COAP_CODE_CLASS(code)     ((uint8_t)((code) >> 5))
#define COAP_CODE_DETAIL(code)    ((uint8_t)((code)&0x1f))

enum coap_code {
	COAP_EMPTY = COAP_CODE(0, 0),
	COAP_GET = COAP_CODE(0, 1),
	COAP_POST = COAP_CODE(0, 2),
	COAP_PUT = COAP_CODE(0, 3),
	COAP_DELETE = COAP_CODE(0, 4),
	COAP_FETCH = COAP_CODE(0, 5),  // RFC 8132
	COAP_PATCH = COAP_CODE(0, 6),  // RFC 8132
	COAP_IPATCH = COAP_CODE(0, 7), // RFC 8132
	COAP_CREATED = COAP_CODE(2, 1),
	COAP_DELETED = COAP_CODE(2, 2),
	COAP_VALID = COAP_CODE(2, 3),
	COAP_CHANGED = COAP_CODE(2, 4),
	COAP_CONTENT = COAP_CODE(2, 5),
	COAP_CONTINUE = COAP_CODE(2, 31), // RFC 7959
	COAP_BAD_REQUEST = COAP_CODE(4, 0),
	COAP_UNAUTHORIZED = COAP_CODE(4, 1),
	COAP_BAD_OPTION = COAP_CODE(4, 2),
	COAP_FORBIDDEN = COAP_CODE(4, 3),
	COAP_NOT_FOUND = COAP_CODE(4, 4),
	COAP_METHOD_NOT_ALLOWED = COAP_CODE(4, 5),
	COAP_NOT_ACCEPTABLE = COAP_CODE(4, 6),
	COAP_REQUEST_ENTITY_INCOMPLETE = COAP_CODE(4, 8), // RFC 7959
	COAP_CONFLICT = COAP_CODE(4, 9),                  // RFC 8132
	COAP_PRECONDITION_FAILED = COAP_CODE(4, 12),
	COAP_REQUEST_ENTITY_TOO_LARGE = COAP_CODE(4, 13),
	COAP_UNSUPPORTED_CONTENT_FORMAT = COAP_CODE(4, 15),
	COAP_TOO_MANY_REQUESTS = COAP_CODE(4, 29), // RFC 8516
	COAP_INTERNAL_SERVER_ERROR = COAP_CODE(5, 0),
	COAP_NOT_IMPLEMENTED = COAP_CODE(5, 1),
	COAP_BAD_GATEWAY = COAP_CODE(5, 2),
	COAP_SERVICE_UNAVAILABLE = COAP_CODE(5, 3),
	COAP_GATEWAY_TIMEOUT = COAP_CODE(5, 4),
	COAP_PROXYING_NOT_SUPPORTED = COAP_CODE(5, 5),
};

enum coap_option {
	COAP_OPT_IF_MATCH = 1,
	COAP_OPT_URI_HOST = 3,
	COAP_OPT_ETAG = 4,
	COAP_OPT_IF_NONE_MATCH = 5,
	COAP_OPT_OBSERVE = 6, // RFC 7641
	COAP_OPT_URI_PORT = 7,
	COAP_OPT_LOCATION_PATH = 8,
	COAP_OPT_OSCORE = 9, // RFC 8613
	COAP_OPT_URI_PATH = 11,
	COAP_OPT_CONTENT_FORMAT = 12,
	COAP_OPT_MAX_AGE = 14,
	COAP_OPT_URI_QUERY = 15,
	COAP_OPT_HOP_LIMIT = 16, // RFC 8768
	COAP_OPT_ACCEPT = 17,
	COAP_OPT_Q_BLOCK1 = 19, // RFC 9177
	COAP_OPT_LOCATION_QUERY = 20,
	COAP_OPT_BLOCK2 = 23,   // RFC 7959
	COAP_OPT_BLOCK1 = 27,   // RFC 7959
	COAP_OPT_SIZE2 = 28,    // RFC 7959
	COAP_OPT_Q_BLOCK2 = 31, // RFC 9177
	COAP_OPT_PROXY_URI = 35,
	COAP_OPT_PROXY_SCHEME = 39,
	COAP_OPT_SIZE1 = 60,
	COAP_OPT_ECHO = 252,        // RFC 9175
	COAP_OPT_NO_RESPONSE = 258, // RFC 7967
	COAP_OPT_REQUEST_TAG = 292, // RFC 9175
};

// An odd option number is critical, RFC 7252 section 5.4.1.
#define COAP_OPT_IS_CRITICAL(number) (((number)&1u) != 0)

// What a parser may find wrong. The distinction matters to the receiver: RFC 7252 section 3 wants
// an unknown version silently ignored, section 4.2 and 4.3 want any other format error in a
// Confirmable message rejected with RST and in any other message ignored.
#define COAP_ERRORS(X)                                                               \
	X(COAP_OK, "no error")                                                       \
	X(COAP_ERR_SHORT, "shorter than the four-byte header")                       \
	X(COAP_ERR_VERSION, "version is not 1")                                      \
	X(COAP_ERR_TOKEN_LENGTH, "token length is 9 to 15")                          \
	X(COAP_ERR_TOKEN_TRUNCATED, "token is longer than the message")              \
	X(COAP_ERR_EMPTY_NOT_EMPTY, "code 0.00 with bytes after the message id")     \
	X(COAP_ERR_CODE_CLASS, "code of a reserved class (1, 6 or 7)")               \
	X(COAP_ERR_OPTION_DELTA, "option delta nibble 15 is not the payload marker") \
	X(COAP_ERR_OPTION_LENGTH, "option length nibble is 15")                      \
	X(COAP_ERR_OPTION_TRUNCATED, "option runs past the end of the message")      \
	X(COAP_ERR_OPTION_NUMBER, "option number exceeds 65535")                     \
	X(COAP_ERR_PAYLOAD_EMPTY, "payload marker without payload")

enum coap_err {
#define X(name, text) name,
	COAP_ERRORS(X)
#undef X
		COAP_ERR_COUNT
};

const char *coap_err_text(enum coap_err err);

// "2.05" and the like, for people. Returns buf.
const char *coap_code_text(uint8_t code, char buf[static 5]);

struct coap_msg {
	const uint8_t *token;
	const uint8_t *payload; // first byte after the marker, NULL when there is none
	const uint8_t *options; // first option's first byte; options_len bytes follow
	uint32_t options_len;
	uint32_t payload_len;
	uint16_t mid;      // host byte order
	uint8_t type;      // enum coap_type
	uint8_t token_len; // 0 to 8
	uint8_t code;
};

// Checks all of RFC 7252 section 3 and fills msg. Whatever the verdict, every header field that the
// bytes allow (len >= 4: type, code, mid) is set, so that the caller can answer a Confirmable
// message with RST. On error everything else is zero.
enum coap_err coap_msg_parse(struct coap_msg *msg, const uint8_t *buf, size_t len);

struct coap_opt {
	const uint8_t *value;
	uint32_t len; // an extended length can say up to 65804
	uint16_t number;
};

// Walks encoded options. Those of a message that coap_msg_parse accepted end at p == end; on other
// bytes the walk stops before the first malformed option.
struct coap_opt_iter {
	const uint8_t *p;
	const uint8_t *end;
	uint32_t number;
};

static inline struct coap_opt_iter coap_opts_begin(const struct coap_msg *msg)
{
	return (struct coap_opt_iter){msg->options, msg->options + msg->options_len, 0};
}

// False at the end. Options come in ascending order of number.
bool coap_opts_next(struct coap_opt_iter *it, struct coap_opt *opt);

// The first option of that number; false when the message has none.
bool coap_msg_find_opt(const struct coap_msg *msg, uint16_t number, struct coap_opt *opt);

// An option of format uint, RFC 7252 section 3.2. False when it is longer than four bytes.
bool coap_opt_uint(const struct coap_opt *opt, uint32_t *value);

// True when the option's length is within the bounds of its definition (RFC 7252 table 4, RFC 7641,
// 7959, 9175). An option out of its bounds is treated like an unrecognised one (section 5.4.3).
bool coap_opt_length_ok(const struct coap_opt *opt);

// Serialiser. Writes into the caller's buffer; the first failure (no room, options out of order, an
// over-long token or value) sticks and makes coap_write_finish return 0.
struct coap_writer {
	uint8_t *buf;
	size_t cap;
	size_t len;
	uint32_t last_number;
	bool failed;
	bool has_payload;
};

void coap_write_begin(struct coap_writer *w, void *buf, size_t cap, enum coap_type type,
		      uint8_t code, uint16_t mid, const void *token, size_t token_len);
void coap_write_opt(struct coap_writer *w, uint16_t number, const void *value, size_t len);
void coap_write_opt_str(struct coap_writer *w, uint16_t number, const char *value);
void coap_write_opt_uint(struct coap_writer *w, uint16_t number, uint32_t value); // shortest form
// Appends options already encoded (as in struct coap_msg.options); they must be the message's
// first.
void coap_write_opts_raw(struct coap_writer *w, const void *options, size_t len);
void coap_write_payload(struct coap_writer *w, const void *payload,
			size_t len); // no marker if len 0
// Bytes written, or 0 after any failure.
size_t coap_write_finish(const struct coap_writer *w);
