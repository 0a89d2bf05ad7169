// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/transfer.h"

#include <stdlib.h>
#include <string.h>

#include "control/ctl.h"
#include "control/transfer/state.h"

// Beside options and body: header, payload marker, Block1, Size1, Echo and Request-Tag at their
// largest.
#define FRAME_MAX 72u

static void transfer_free(struct ctl_transfer *transfer)
{
	free(transfer->options);
	free(transfer->answer);
	free(transfer);
}

static void finish(struct ctl_transfer *transfer, const struct ctl_transfer_outcome *outcome)
{
	transfer->cb(outcome, transfer->arg);
	transfer_free(transfer);
}

static uint64_t token_of(const struct ctl_transfer *transfer)
{
	return transfer->fetching ? 0 : transfer->request.token;
}

static void on_answer(struct ctl_op *op, const struct ctl_op_outcome *answer, void *arg)
{
	struct ctl_transfer_outcome outcome = {.result = answer->result};
	struct ctl_transfer *transfer = arg;
	uint8_t coap[TRANSFER_MESSAGE_MAX];

	if (answer->result == CTL_OP_ANSWERED &&
	    transfer_take(transfer, &answer->response, &outcome) == TRANSFER_SEND) {
		if (ctl_op_again(op, token_of(transfer), coap, transfer_write(transfer, coap),
				 transfer->timeout_ms) == 0)
			return;
		outcome = (struct ctl_transfer_outcome){.response = answer->response,
							.why = "out of memory"};
	}
	finish(transfer, &outcome);
}

// With copies of the options and the body behind it.
static struct ctl_transfer *transfer_new(struct ctl *ctl,
					 const struct ctl_transfer_request *request,
					 uint32_t timeout_ms, ctl_transfer_cb_t cb, void *arg)
{
	struct ctl_transfer *transfer =
		calloc(1, sizeof(*transfer) + request->options_len + request->body_len);
	uint8_t *copy = (uint8_t *)(transfer + 1);

	if (!transfer)
		return NULL;
	transfer->ctl = ctl;
	transfer->cb = cb;
	transfer->arg = arg;
	transfer->timeout_ms = timeout_ms;
	transfer->request = *request;
	transfer->request.options = copy;
	transfer->request.body = copy + request->options_len;
	if (request->options_len > 0)
		memcpy(copy, request->options, request->options_len);
	if (request->body_len > 0)
		memcpy(copy + request->options_len, request->body, request->body_len);
	// An alternate path may leave less than 1024 bytes for a block.
	transfer->szx = COAP_BLOCK_SZX_MAX;
	while (transfer->szx > 0 && request->options_len + coap_block_size(transfer->szx) >
					    TRANSFER_MESSAGE_MAX - FRAME_MAX)
		transfer->szx--;
	transfer->blocks = request->body_len > coap_block_size(transfer->szx);
	return transfer;
}

static struct ctl_transfer *transfer_send(struct ctl_transfer *transfer, struct ctl_reg *reg)
{
	uint8_t coap[TRANSFER_MESSAGE_MAX];

	transfer->op = ctl_downlink_send(transfer->ctl->downlink, reg, token_of(transfer), coap,
					 transfer_write(transfer, coap), transfer->timeout_ms,
					 on_answer, transfer);
	if (transfer->op)
		return transfer;
	transfer_free(transfer);
	return NULL;
}

struct ctl_transfer *ctl_transfer_start(struct ctl *ctl, struct ctl_reg *reg,
					const struct ctl_transfer_request *request,
					uint32_t timeout_ms, ctl_transfer_cb_t cb, void *arg)
{
	struct ctl_transfer *transfer = transfer_new(ctl, request, timeout_ms, cb, arg);

	return transfer ? transfer_send(transfer, reg) : NULL;
}

struct ctl_transfer *ctl_transfer_rest(struct ctl *ctl, struct ctl_reg *reg,
				       const struct ctl_transfer_request *request,
				       const struct coap_msg *first, uint32_t timeout_ms,
				       ctl_transfer_cb_t cb, void *arg)
{
	struct ctl_transfer *transfer = transfer_new(ctl, request, timeout_ms, cb, arg);
	struct ctl_transfer_outcome outcome;

	if (!transfer)
		return NULL;
	transfer->request.token = 0;
	transfer->request.observe = false;
	// A first block that is of no use is asked for again: that ends in an answer, or in an
	// error that the callback is told.
	if (transfer_take_first(transfer, first, &outcome) != TRANSFER_SEND)
		transfer->fetching = false;
	return transfer_send(transfer, reg);
}

bool ctl_transfer_is_partial(const struct coap_msg *response)
{
	struct coap_block block;

	return coap_block_find(response, COAP_OPT_BLOCK2, &block, NULL) && block.more;
}

void ctl_transfer_cancel(struct ctl_transfer *transfer)
{
	ctl_op_cancel(transfer->op);
	transfer_free(transfer);
}
