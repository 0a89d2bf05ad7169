// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/block.h"

bool coap_block_find(const struct coap_msg *msg, uint16_t number, struct coap_block *block,
		     bool *bad)
{
	struct coap_opt opt;
	bool found = coap_msg_find_opt(msg, number, &opt);
	uint32_t value = 0;
	bool good = found && opt.len <= 3 && coap_opt_uint(&opt, &value) && (value & 7) != 7;

	if (bad)
		*bad = found && !good;
	if (good)
		*block = (struct coap_block){value >> 4, (value & 8) != 0, (uint8_t)(value & 7)};
	return good;
}

void coap_write_block(struct coap_writer *w, uint16_t number, const struct coap_block *block)
{
	coap_write_opt_uint(w, number, block->num << 4 | (block->more ? 8u : 0) | block->szx);
}
