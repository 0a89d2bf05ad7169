// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The byte or bytes in front of an option's value, RFC 7252 section 3.1. Private to lwm2m/coap: the
// parser and the iterator share it, and it is inline because it is most of what both of them do.
#pragma once

#include "lwm2m/bytes.h"
#include "lwm2m/coap/msg.h"

// Reads what follows `head`: the extended delta and length. A truncated one shows in in->bad.
static inline __attribute__((always_inline)) enum coap_err
option_header_read(struct bytes *in, uint8_t head, uint32_t *delta, uint32_t *len)
{
	*delta = head >> 4;
	*len = head & 0x0f;
	if (__builtin_expect(*delta <= 12 && *len <= 12, 1))
		return COAP_OK;
	if (*delta == 15)
		return COAP_ERR_OPTION_DELTA;
	if (*len == 15)
		return COAP_ERR_OPTION_LENGTH;
	if (*delta == 13)
		*delta = 13u + bytes_u8(in);
	else if (*delta == 14)
		*delta = 269u + bytes_u16(in);
	if (*len == 13)
		*len = 13u + bytes_u8(in);
	else if (*len == 14)
		*len = 269u + bytes_u16(in);
	return COAP_OK;
}
