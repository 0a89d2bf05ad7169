// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <assert.h>
#include <string.h>

#include "dataplane/blockwise.h"
#include "dataplane/pkt.h"
#include "dataplane/promise.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "lwm2m/coap/block.h"
#include "lwm2m/coap/exchange.h"

static void hand_on(struct dp_worker *w, struct rte_mbuf *m)
{
	switch ((enum dp_pkt_route)dp_pkt(m)->whole_route) {
	case DP_ROUTE_REGISTER:
		stage_register(w, m);
		break;
	case DP_ROUTE_UPDATE:
		stage_update(w, m);
		break;
	default:
		stage_send(w, m);
		break;
	}
}

// What makes blocks one request: who sends it, the method, the path with its query, and the
// Request-Tag (RFC 9175 section 3.3). Keyed, and the same for all blocks.
static uint64_t key_of(const struct dp_worker *w, const struct dp_pkt *pkt,
		       const struct coap_msg *msg)
{
	// An option of one byte takes three.
	uint8_t name[sizeof(uint64_t) + 1 + 3 * DP_PKT_DATA_ROOM];
	struct coap_opt_iter it = coap_opts_begin(msg);
	uint64_t exchange = dp_hash_peer_mid(&pkt->peer, 0, w->hash_seed);
	struct coap_opt opt;
	size_t len = 0;

	memcpy(name, &exchange, sizeof(exchange));
	len += sizeof(exchange);
	name[len++] = msg->code;
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_URI_PATH && opt.number != COAP_OPT_URI_QUERY &&
		    opt.number != COAP_OPT_REQUEST_TAG)
			continue;
		name[len++] = (uint8_t)opt.number;
		name[len++] = (uint8_t)(opt.len >> 8);
		name[len++] = (uint8_t)opt.len;
		memcpy(name + len, opt.value, opt.len);
		len += opt.len;
	}
	return dp_hash_endpoint(name, len, w->hash_seed).lo;
}

// Header and options as they would be had the request come in one piece, without its payload.
static size_t write_head(const struct coap_msg *msg, uint8_t *buf, size_t cap)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_writer writer;
	struct coap_opt opt;

	coap_write_begin(&writer, buf, cap, msg->type, msg->code, msg->mid, msg->token,
			 msg->token_len);
	while (coap_opts_next(&it, &opt))
		if (opt.number != COAP_OPT_BLOCK1 && opt.number != COAP_OPT_SIZE1)
			coap_write_opt(&writer, opt.number, opt.value, opt.len);
	return coap_write_finish(&writer);
}

// The only block there is: put right in place.
static void unwrap(struct dp_worker *w, struct rte_mbuf *m, const struct coap_msg *msg)
{
	uint8_t whole[DP_PKT_DATA_ROOM];
	size_t len = write_head(msg, whole, sizeof(whole));

	if (msg->payload_len > 0) {
		whole[len++] = 0xff;
		memcpy(whole + len, msg->payload, msg->payload_len);
		len += msg->payload_len;
	}
	memcpy(rte_pktmbuf_mtod(m, void *), whole, len); // no longer than it was
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	hand_on(w, m);
}

static_assert(DP_ASSEMBLY_HEAD_MAX > DP_PKT_DATA_ROOM, "a datagram's options, and the marker");

static void complete(struct dp_worker *w, struct rte_mbuf *m, const struct coap_msg *msg,
		     struct dp_transfer *transfer)
{
	uint8_t head[DP_ASSEMBLY_HEAD_MAX];
	uint8_t *body = dp_transfer_body(&w->assembly, transfer);
	size_t len = write_head(msg, head, sizeof(head) - 1);
	struct dp_pkt *pkt = dp_pkt(m);

	assert(len > 0);
	if (transfer->received > 0)
		head[len++] = 0xff;
	memcpy(body - len, head, len);
	pkt->flags |= DP_PKT_F_ASSEMBLED;
	pkt->message = body - len;
	pkt->message_len = (uint32_t)len + transfer->received;
	pkt->payload_len = (uint16_t)transfer->received;
	pkt->transfer = transfer;
	pkt->transfer_serial = transfer->serial;
	transfer->waits = true;
	w->counters.transfers++;
	hand_on(w, m);
}

static void refuse(struct dp_worker *w, struct rte_mbuf *m, uint8_t code, const char *why)
{
	dp_pkt(m)->flags &= (uint8_t)~DP_PKT_F_BLOCK1; // says nothing in an error
	dp_reply_verdict(w, m, code, why);
}

// RFC 7959 section 2.9.3: 4.13 says how much would do, and when it is the first block itself that
// is too large, of what size the next attempt should be.
static void refuse_size(struct dp_worker *w, struct rte_mbuf *m, const struct coap_block *block)
{
	uint32_t size1 = dp_pkt(m)->size1;
	struct coap_block smaller = *block;
	struct coap_writer writer;

	while (smaller.szx > 0 && coap_block_size(smaller.szx) > w->assembly.body_max)
		smaller.szx--;
	w->counters.client_errors++;
	dp_pkt(m)->flags &= (uint8_t)~DP_PKT_F_BLOCK1;
	dp_reply_begin(w, m, &writer, COAP_REQUEST_ENTITY_TOO_LARGE);
	if (block->num == 0 && smaller.szx < block->szx && size1 <= w->assembly.body_max)
		coap_write_block(&writer, COAP_OPT_BLOCK1, &smaller);
	coap_write_opt_uint(&writer, COAP_OPT_SIZE1, w->assembly.body_max);
	dp_reply_end(w, m, &writer, DP_DEDUP_STORED);
}

// RFC 7959 section 2.5: the transfer this block belongs to. NULL: there is none, and the device has
// been told.
static struct dp_transfer *transfer_of(struct dp_worker *w, struct rte_mbuf *m,
				       const struct coap_msg *msg, uint32_t offset)
{
	uint64_t key = key_of(w, dp_pkt(m), msg);
	struct dp_transfer *transfer;

	if (offset == 0) {
		transfer = dp_transfer_begin(&w->assembly, key,
					     dp_sender_name(&dp_pkt(m)->peer, w->hash_seed),
					     dp_pkt(m)->known);
		if (!transfer) {
			w->counters.transfers_refused++;
			dp_pkt(m)->flags &= (uint8_t)~DP_PKT_F_BLOCK1;
			dp_reply_unavailable(w, m, DP_RETRY_AFTER_S);
		}
		return transfer;
	}
	transfer = dp_transfer_find(&w->assembly, key);
	if (transfer && transfer->waits) { // for control's commit: another event it must not be
		w->counters.drop_duplicate_pending++;
		dp_reply_forget(w, m);
		return NULL;
	}
	if (transfer && offset <= transfer->received)
		return transfer;
	refuse(w, m, COAP_REQUEST_ENTITY_INCOMPLETE, NULL);
	return NULL;
}

static void take(struct dp_worker *w, struct rte_mbuf *m, const struct coap_msg *msg,
		 const struct coap_block *block)
{
	uint32_t offset = block->num * coap_block_size(block->szx);
	uint32_t end = offset + msg->payload_len;
	struct dp_transfer *transfer = transfer_of(w, m, msg, offset);
	struct coap_writer writer;

	if (!transfer)
		return;
	if (msg->payload_len > 0) // an empty last block has no payload to point to
		memcpy(dp_transfer_body(&w->assembly, transfer) + offset, msg->payload,
		       msg->payload_len);
	// A block that was there already changes nothing; the last one says where the body ends.
	if (!block->more || end > transfer->received)
		transfer->received = end;
	wheel_arm(&w->transfer_wheel, &transfer->timer,
		  wheel_tick(w->now_us + COAP_EXCHANGE_LIFETIME_US));
	if (!block->more) {
		complete(w, m, msg, transfer);
		return;
	}
	dp_reply_begin(w, m, &writer, COAP_CONTINUE);
	dp_reply_end(w, m, &writer, DP_DEDUP_STORED);
}

void stage_block(struct dp_worker *w, struct rte_mbuf *m)
{
	const struct dp_pkt *pkt = dp_pkt(m);
	const struct coap_block block = {pkt->block >> 4, (pkt->block & 8) != 0, pkt->block & 7};
	const uint32_t size = coap_block_size(block.szx);
	struct coap_msg msg;

	coap_msg_parse(&msg, rte_pktmbuf_mtod(m, const uint8_t *),
		       m->data_len); // ingress checked it
	if (block.more ? msg.payload_len != size : msg.payload_len > size)
		refuse(w, m, COAP_BAD_REQUEST, "payload is not of the block's size");
	else if (pkt->size1 > w->assembly.body_max ||
		 (uint64_t)block.num * size + msg.payload_len > w->assembly.body_max)
		refuse_size(w, m, &block);
	else if (block.num == 0 && !block.more)
		unwrap(w, m, &msg);
	else
		take(w, m, &msg, &block);
}
