// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The value of the options Block1 and Block2, RFC 7959 section 2.2. Pure.
#pragma once

#include "lwm2m/coap/msg.h"

#define COAP_BLOCK_SZX_MAX 6u // 1024 bytes

struct coap_block {
	uint32_t num; // 20 bits
	bool more;
	uint8_t szx; // 0 to 6
};

static inline uint32_t coap_block_size(uint8_t szx)
{
	return 16u << szx;
}

// number: COAP_OPT_BLOCK1 or COAP_OPT_BLOCK2. False when msg does not carry it; *bad, if not NULL,
// then says whether that is because it is malformed.
bool coap_block_find(const struct coap_msg *msg, uint16_t number, struct coap_block *block,
		     bool *bad);

void coap_write_block(struct coap_writer *w, uint16_t number, const struct coap_block *block);
