// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/operation.h"
#include "lwm2m/coap/msg.h"

// What every operation may be answered with when it fails.
#define FAILURES                                                                      \
	COAP_BAD_REQUEST, COAP_UNAUTHORIZED, COAP_NOT_FOUND, COAP_METHOD_NOT_ALLOWED, \
		COAP_INTERNAL_SERVER_ERROR

static const uint8_t read[] = {COAP_CONTENT, FAILURES, COAP_NOT_ACCEPTABLE};
static const uint8_t discover[] = {COAP_CONTENT, FAILURES};
static const uint8_t write[] = {COAP_CHANGED, FAILURES, COAP_REQUEST_ENTITY_INCOMPLETE,
				COAP_REQUEST_ENTITY_TOO_LARGE, COAP_UNSUPPORTED_CONTENT_FORMAT};
static const uint8_t change[] = {COAP_CHANGED, FAILURES};
static const uint8_t create[] = {COAP_CREATED, FAILURES, COAP_UNSUPPORTED_CONTENT_FORMAT};
static const uint8_t delete[] = {COAP_DELETED, FAILURES};
static const uint8_t read_composite[] = {COAP_CONTENT, FAILURES, COAP_NOT_ACCEPTABLE,
					 COAP_UNSUPPORTED_CONTENT_FORMAT};
static const uint8_t write_composite[] = {COAP_CHANGED, FAILURES, COAP_NOT_ACCEPTABLE};
static const uint8_t observe_composite[] = {COAP_CONTENT, FAILURES,
					    COAP_UNSUPPORTED_CONTENT_FORMAT};

static const struct {
	const uint8_t *codes;
	size_t count;
} kinds[] = {
#define CODES(list)                \
	{                          \
		list, sizeof(list) \
	}
	[CTL_READ] = CODES(read),
	[CTL_DISCOVER] = CODES(discover),
	[CTL_WRITE_REPLACE] = CODES(write),
	[CTL_WRITE_PARTIAL] = CODES(write),
	[CTL_WRITE_ATTRIBUTES] = CODES(change),
	[CTL_EXECUTE] = CODES(change),
	[CTL_CREATE] = CODES(create),
	[CTL_DELETE_INSTANCE] = CODES(delete),
	[CTL_OBSERVE] = CODES(read),
	[CTL_OBSERVE_CANCEL] = CODES(read),
	[CTL_READ_COMPOSITE] = CODES(read_composite),
	[CTL_WRITE_COMPOSITE] = CODES(write_composite),
	[CTL_OBSERVE_COMPOSITE] = CODES(observe_composite),
	[CTL_OBSERVE_COMPOSITE_CANCEL] = CODES(observe_composite),
#undef CODES
};

const uint8_t *ctl_operation_codes(enum ctl_operation_kind kind, size_t *count)
{
	*count = kinds[kind].count;
	return kinds[kind].codes;
}
