// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What answers lead to: the next block of the body, the next block of the answer, a new start, or
// the end.
#include <stdlib.h>
#include <string.h>

#include "control/ctl.h"
#include "control/transfer/state.h"

static enum transfer_step end_with(struct ctl_transfer_outcome *outcome, const struct coap_msg *msg,
				   const char *why)
{
	*outcome = (struct ctl_transfer_outcome){.response = *msg, .why = why};
	return TRANSFER_END;
}

// The device forgot what it had, or what it says changed meanwhile. Once, and only where asking
// twice does nothing twice.
static bool restart(struct ctl_transfer *transfer)
{
	if (transfer->restarted)
		return false;
	transfer->restarted = true;
	transfer->attempt++;
	transfer->sent = 0;
	transfer->fetching = false;
	transfer->answer_len = 0;
	return true;
}

static bool take_options(struct ctl_transfer *transfer, const struct coap_msg *msg)
{
	uint8_t *copy = malloc(msg->options_len > 0 ? msg->options_len : 1);

	if (!copy)
		return false;
	memcpy(copy, msg->options, msg->options_len);
	free(transfer->options);
	transfer->options = copy;
	transfer->options_len = msg->options_len;
	return true;
}

static void find_etag(const struct coap_msg *msg, struct coap_opt *etag)
{
	if (!coap_msg_find_opt(msg, COAP_OPT_ETAG, etag) || etag->len > TRANSFER_ETAG_MAX)
		etag->len = 0;
}

static bool same_etag(const struct ctl_transfer *transfer, const struct coap_msg *msg)
{
	struct coap_opt etag;

	find_etag(msg, &etag);
	return etag.len == transfer->etag_len &&
	       (etag.len == 0 || memcmp(etag.value, transfer->etag, etag.len) == 0);
}

// Adds one block of the answer. NULL, or why it cannot be.
static const char *append(struct ctl_transfer *transfer, const struct coap_msg *msg,
			  const struct coap_block *block)
{
	uint32_t len = transfer->answer_len + msg->payload_len;
	uint32_t size = coap_block_size(block->szx);

	if (block->more ? msg->payload_len != size : msg->payload_len > size)
		return "a block is not of the size that it says";
	if (len > transfer->ctl->cfg->lwm2m.body_max)
		return "body is larger than lwm2m.body_max";
	if (len > transfer->answer_cap) {
		uint32_t cap = len < 4096 ? 4096 : len * 2;
		uint8_t *answer = realloc(transfer->answer, cap);

		if (!answer)
			return "out of memory";
		transfer->answer = answer;
		transfer->answer_cap = cap;
	}
	if (msg->payload_len > 0)
		memcpy(transfer->answer + transfer->answer_len, msg->payload, msg->payload_len);
	transfer->answer_len = len;
	transfer->answer_szx = block->szx;
	return NULL;
}

// What the device says of the whole, RFC 7959 section 4: no use in fetching what is too large.
static bool is_too_large(const struct ctl_transfer *transfer, const struct coap_msg *msg)
{
	struct coap_opt opt;
	uint32_t size;

	return coap_msg_find_opt(msg, COAP_OPT_SIZE2, &opt) && coap_opt_uint(&opt, &size) &&
	       size > transfer->ctl->cfg->lwm2m.body_max;
}

enum transfer_step transfer_take_first(struct ctl_transfer *transfer, const struct coap_msg *msg,
				       struct ctl_transfer_outcome *outcome)
{
	struct coap_block block = {0};
	struct coap_opt etag;
	const char *why;
	bool bad;

	if (!coap_block_find(msg, COAP_OPT_BLOCK2, &block, &bad) && !bad)
		return end_with(outcome, msg, NULL);
	if (bad || block.num != 0)
		return end_with(outcome, msg, "Block2 of the first block is malformed");
	if (!block.more)
		return end_with(outcome, msg, NULL);
	if (is_too_large(transfer, msg))
		return end_with(outcome, msg, "body is larger than lwm2m.body_max");
	find_etag(msg, &etag);
	transfer->etag_len = (uint8_t)etag.len;
	if (etag.len > 0)
		memcpy(transfer->etag, etag.value, etag.len);
	transfer->code = msg->code;
	transfer->answer_len = 0;
	transfer->fetching = true;
	why = take_options(transfer, msg) ? append(transfer, msg, &block) : "out of memory";
	return why ? end_with(outcome, msg, why) : TRANSFER_SEND;
}

static enum transfer_step take_next(struct ctl_transfer *transfer, const struct coap_msg *msg,
				    struct ctl_transfer_outcome *outcome)
{
	bool repeatable =
		transfer->request.code == COAP_GET || transfer->request.code == COAP_FETCH;
	struct coap_block block;
	const char *why;
	struct coap_msg whole;

	if (msg->code != transfer->code || !same_etag(transfer, msg)) {
		if (repeatable && restart(transfer))
			return TRANSFER_SEND;
		return end_with(outcome, msg, "the device broke a block-wise answer off");
	}
	if (!coap_block_find(msg, COAP_OPT_BLOCK2, &block, NULL) ||
	    (uint64_t)block.num * coap_block_size(block.szx) != transfer->answer_len)
		return end_with(outcome, msg, "a block is not the one that was asked for");
	why = append(transfer, msg, &block);
	if (why)
		return end_with(outcome, msg, why);
	if (block.more)
		return TRANSFER_SEND;
	whole = (struct coap_msg){.code = transfer->code,
				  .options = transfer->options,
				  .options_len = transfer->options_len,
				  .payload = transfer->answer,
				  .payload_len = transfer->answer_len};
	return end_with(outcome, &whole, NULL);
}

// To a block of the body, or to all of it. A success before the last block means "go on", whatever
// its code: some devices say 2.04 for 2.31.
static enum transfer_step take_body_answer(struct ctl_transfer *transfer,
					   const struct coap_msg *msg,
					   struct ctl_transfer_outcome *outcome)
{
	uint32_t size = coap_block_size(transfer->szx);
	struct coap_block block = {0};
	bool has_block = coap_block_find(msg, COAP_OPT_BLOCK1, &block, NULL);

	// RFC 7959 section 2.9.3: a smaller size, from the start.
	if (msg->code == COAP_REQUEST_ENTITY_TOO_LARGE && has_block && block.szx < transfer->szx) {
		transfer->szx = block.szx;
		transfer->blocks = transfer->request.body_len > coap_block_size(block.szx);
		transfer->sent = 0;
		transfer->attempt++;
		return TRANSFER_SEND;
	}
	if (msg->code == COAP_REQUEST_ENTITY_INCOMPLETE && transfer->blocks && restart(transfer))
		return TRANSFER_SEND;
	if (!transfer->blocks || COAP_CODE_CLASS(msg->code) != 2 ||
	    transfer->request.body_len - transfer->sent <= size)
		return transfer_take_first(transfer, msg, outcome);
	if (has_block && (uint64_t)block.num * coap_block_size(block.szx) != transfer->sent &&
	    block.num != transfer->sent / size)
		return end_with(outcome, msg, "a block was acknowledged that was not sent");
	transfer->sent += size;
	if (has_block && block.szx < transfer->szx)
		transfer->szx = block.szx;
	return TRANSFER_SEND;
}

// RFC 9175 section 2.3.
static bool wants_echo(struct ctl_transfer *transfer, const struct coap_msg *msg)
{
	struct coap_opt opt;

	if (msg->code != COAP_UNAUTHORIZED || transfer->echoed ||
	    !coap_msg_find_opt(msg, COAP_OPT_ECHO, &opt) || opt.len == 0 ||
	    opt.len > TRANSFER_ECHO_MAX)
		return false;
	memcpy(transfer->echo, opt.value, opt.len);
	transfer->echo_len = (uint8_t)opt.len;
	return true;
}

enum transfer_step transfer_take(struct ctl_transfer *transfer, const struct coap_msg *msg,
				 struct ctl_transfer_outcome *outcome)
{
	transfer->echoed = wants_echo(transfer, msg);
	if (transfer->echoed)
		return TRANSFER_SEND;
	if (transfer->fetching)
		return take_next(transfer, msg, outcome);
	return take_body_answer(transfer, msg, outcome);
}
