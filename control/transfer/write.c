// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/transfer/state.h"

// The options that say what is asked. A request for a later block has no Observe option (RFC 7959
// section 3.4) and, without a payload, no Content-Format.
static void write_options(struct coap_writer *w, const struct ctl_transfer *transfer,
			  bool has_payload)
{
	const struct ctl_transfer_request *request = &transfer->request;
	const struct coap_msg msg = {.options = request->options,
				     .options_len = request->options_len};
	struct coap_opt_iter it = coap_opts_begin(&msg);
	struct coap_opt opt;

	if (request->observe && !transfer->fetching)
		coap_write_opt_uint(w, COAP_OPT_OBSERVE, request->observe_value);
	while (coap_opts_next(&it, &opt))
		if (has_payload || opt.number != COAP_OPT_CONTENT_FORMAT)
			coap_write_opt(w, opt.number, opt.value, opt.len);
}

static void write_echo(struct coap_writer *w, const struct ctl_transfer *transfer)
{
	if (transfer->echoed)
		coap_write_opt(w, COAP_OPT_ECHO, transfer->echo, transfer->echo_len);
}

// A request for the next block of the answer. A FETCH without its body would ask for something
// else (RFC 8132 section 2.1); of other methods the device remembers the body.
static void write_fetch(struct coap_writer *w, const struct ctl_transfer *transfer)
{
	const struct ctl_transfer_request *request = &transfer->request;
	bool with_body = request->code == COAP_FETCH && !transfer->blocks;
	struct coap_block block = {
		.num = transfer->answer_len / coap_block_size(transfer->answer_szx),
		.szx = transfer->answer_szx,
	};

	write_options(w, transfer, with_body);
	coap_write_block(w, COAP_OPT_BLOCK2, &block);
	write_echo(w, transfer);
	if (with_body)
		coap_write_payload(w, request->body, request->body_len);
}

static void write_block1(struct coap_writer *w, const struct ctl_transfer *transfer)
{
	const struct ctl_transfer_request *request = &transfer->request;
	uint32_t size = coap_block_size(transfer->szx), left = request->body_len - transfer->sent;
	struct coap_block block = {
		.num = transfer->sent / size, .more = left > size, .szx = transfer->szx};

	write_options(w, transfer, true);
	coap_write_block(w, COAP_OPT_BLOCK1, &block);
	if (transfer->sent == 0)
		coap_write_opt_uint(w, COAP_OPT_SIZE1, request->body_len);
	write_echo(w, transfer);
	if (transfer->attempt > 0)
		coap_write_opt(w, COAP_OPT_REQUEST_TAG, &transfer->attempt, 1);
	coap_write_payload(w, request->body + transfer->sent, left < size ? left : size);
}

size_t transfer_write(const struct ctl_transfer *transfer,
		      uint8_t coap[static TRANSFER_MESSAGE_MAX])
{
	const struct ctl_transfer_request *request = &transfer->request;
	struct coap_writer w;

	if (request->too_long)
		return 0;
	coap_write_begin(&w, coap, TRANSFER_MESSAGE_MAX, COAP_CON, request->code, 0, NULL, 0);
	if (transfer->fetching) {
		write_fetch(&w, transfer);
	} else if (transfer->blocks) {
		write_block1(&w, transfer);
	} else {
		write_options(&w, transfer, true);
		write_echo(&w, transfer);
		coap_write_payload(&w, request->body, request->body_len);
	}
	return coap_write_finish(&w);
}
