// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

#include "bench/swarm/load/answer.h"
#include "bench/swarm/load/sum.h"
#include "bench/swarm/load/swarm_local.h"

#define GIVE_UP_S 93 // MAX_TRANSMIT_WAIT, RFC 7252 section 4.8.2

struct message {
	const uint8_t *bytes;
	size_t len;
	uint32_t device; // it came to
};

// The network doubles a datagram, behind the device's back: whatever the answer, nobody waits for
// it.
static void send_once_more(struct swarm *swarm, const struct slot *slot)
{
	struct rte_mbuf *m = swarm_message(swarm);

	if (!m)
		return;
	uint8_t *out = rte_pktmbuf_mtod(m, uint8_t *);
	m->data_len = (uint16_t)live_write(swarm->live, slot, out);
	m->pkt_len = m->data_len;
	swarm->counters.duplicates++;
	swarm_queue(swarm, m, slot->device, sum_fold(sum_bytes(out, m->data_len)));
}

static void finish(struct swarm *swarm, struct slot *slot)
{
	if (swarm_lives(swarm)) {
		live_acknowledged(swarm->live, slot, &swarm->watches[slot->place]);
		swarm_live_end(swarm, slot, LIVE_ACKNOWLEDGED, NULL);
		if (slot->repeat)
			send_once_more(swarm, slot);
	}
	swarm->counters.exchanges++;
	swarm->progress_tsc = swarm->now_tsc;
	if (slot->kind == REQUEST_DEREGISTER)
		swarm->devices[slot->place].tail_len = 0;
	window_give(&swarm->window, slot);
}

static void wrong(struct swarm *swarm, struct slot *slot, const char *why)
{
	swarm_wrong(swarm, slot->device, why);
	if (swarm_lives(swarm))
		swarm_live_end(swarm, slot, LIVE_WRONG, why);
	window_give(&swarm->window, slot);
}

// The right answer, for the first time or, after a repeated request, the second.
static void on_right(struct swarm *swarm, struct slot *slot, const struct message *in)
{
	if (slot->state == SLOT_REPEATED) {
		if (answer_digest(in->bytes, in->len) != slot->answer) {
			wrong(swarm, slot, "a repeated request was answered in other bytes");
			return;
		}
		swarm->counters.duplicates++;
		finish(swarm, slot);
		return;
	}
	histogram_add(&swarm->latency,
		      (swarm->now_tsc - slot->start_tsc) * swarm->ns_per_tsc >> 20);
	if (likely(!slot->repeat) || swarm_lives(swarm)) {
		finish(swarm, slot);
		return;
	}
	slot->answer = answer_digest(in->bytes, in->len);
	slot->state = SLOT_REPEATED;
	slot->tries = 0;
	swarm_send(swarm, slot);
}

static void rest(struct swarm *swarm, struct slot *slot, uint32_t seconds)
{
	uint64_t wait_tsc = seconds * swarm->tsc_hz;
	uint64_t longest_tsc = swarm->phase->rest_ms * swarm->tsc_hz / 1000;

	swarm->counters.unavailable++;
	if (swarm_lives(swarm))
		swarm_live_end(swarm, slot, LIVE_REFUSED, NULL);
	if (longest_tsc > 0 && wait_tsc > longest_tsc)
		wait_tsc = longest_tsc;
	slot->state = SLOT_RESTING;
	slot->due_tsc = swarm->now_tsc + wait_tsc;
}

// RFC 7641 section 3.6: RST ends the observation that the notification was sent for.
static void unobserve(struct swarm *swarm, struct slot *slot)
{
	struct watch *watch = &swarm->watches[slot->place];

	if (live_is_current(swarm->live, slot, watch)) {
		watch->token_len = 0;
		swarm->watched--;
	}
	swarm_live_end(swarm, slot, LIVE_REFUSED, NULL);
	window_give(&swarm->window, slot);
}

// Empty ACK, or RST: message id and sender are all there is to know the request by.
static void on_empty(struct swarm *swarm, const struct message *in, const struct coap_msg *msg)
{
	uint32_t at = swarm->devices[swarm_place(swarm, in->device)].slot & swarm->window.mask;
	struct slot *slot = &swarm->window.slots[at];

	bool notified = slot->kind == REQUEST_NOTIFY;
	if ((slot->state != SLOT_WAITING && (slot->state != SLOT_REPEATED || !notified)) ||
	    slot->device != in->device || slot->mid != msg->mid) {
		// A Non-confirmable notification has no slot; it may be refused all the same.
		if (msg->type == COAP_RST && swarm->phase->non)
			swarm_wrong(swarm, in->device, "Reset");
		else
			swarm->counters.strays++;
	} else if ((msg->type == COAP_ACK && notified) ||
		   (msg->type == COAP_RST && slot->kind == REQUEST_PING)) {
		on_right(swarm, slot, in);
	} else if (msg->type == COAP_ACK) {
		slot->state = SLOT_ACKED;
		slot->due_tsc = swarm->now_tsc + GIVE_UP_S * swarm->tsc_hz;
	} else if (msg->type == COAP_RST && swarm_lives(swarm) &&
		   live_may_be_reset(swarm->live, slot,
				     &swarm->watches[swarm_place(swarm, in->device)])) {
		unobserve(swarm, slot);
	} else if (msg->type == COAP_RST) {
		wrong(swarm, slot, "Reset");
	} else {
		swarm->counters.strays++;
	}
}

// Says something of our own: an empty ACK to a separate response, 4.xx to what is asked.
static void reply(struct swarm *swarm, const struct message *in, const struct coap_msg *msg,
		  enum coap_type type, uint8_t code)
{
	struct rte_mbuf *m = swarm_message(swarm);
	uint8_t token_len = code == COAP_EMPTY ? 0 : msg->token_len;

	if (!m)
		return; // as if lost: the gateway repeats what it wants acknowledged
	uint8_t *out = (uint8_t *)rte_pktmbuf_append(m, (uint16_t)(4 + token_len));
	out[0] = (uint8_t)(0x40 | type << 4 | token_len);
	out[1] = code;
	out[2] = (uint8_t)(msg->mid >> 8);
	out[3] = (uint8_t)msg->mid;
	memcpy(out + 4, msg->token, token_len);
	swarm_queue(swarm, m, in->device, sum_fold(sum_bytes(out, m->data_len)));
}

static void reply_value(struct swarm *swarm, const struct message *in, const struct coap_msg *msg,
			const struct watch *watch)
{
	struct rte_mbuf *m = swarm_message(swarm);

	if (!m)
		return; // as if lost
	uint8_t *out = rte_pktmbuf_mtod(m, uint8_t *);
	// A living device counts its messages, and this one is not among them.
	double value = swarm_lives(swarm) ? 0 : watch_value(in->device, watch->number);
	m->data_len = (uint16_t)watch_answer(watch, value, msg, out);
	m->pkt_len = m->data_len;
	swarm_queue(swarm, m, in->device, sum_fold(sum_bytes(out, m->data_len)));
}

static enum coap_type type_of_answer(const struct coap_msg *msg)
{
	return msg->type == COAP_CON ? COAP_ACK : COAP_NON;
}

// The gateway wants to observe the device, or no more.
static void on_observe(struct swarm *swarm, const struct message *in, const struct coap_msg *msg)
{
	struct watch *watch = &swarm->watches[swarm_place(swarm, in->device)];
	bool was = watch->token_len > 0;
	uint8_t code = watch_asked(watch, msg);

	swarm->watched += (uint32_t)(watch->token_len > 0) - (uint32_t)was;
	if (code != COAP_CONTENT) {
		swarm->counters.asked++;
		reply(swarm, in, msg, type_of_answer(msg), code);
		return;
	}
	swarm->counters.observed++;
	if (swarm_lives(swarm))
		live_observed(swarm->live, in->device);
	reply_value(swarm, in, msg, watch);
}

// Any other request: only devices that can be observed have something to read.
static void on_request(struct swarm *swarm, const struct message *in, const struct coap_msg *msg)
{
	uint8_t code = COAP_NOT_FOUND;
	struct watch once;

	if (swarm->watches)
		code = watch_read(&swarm->watches[swarm_place(swarm, in->device)], msg, &once);
	if (code == COAP_CONTENT) {
		swarm->counters.read++;
		reply_value(swarm, in, msg, &once);
		return;
	}
	swarm->counters.asked++;
	reply(swarm, in, msg, type_of_answer(msg), code);
}

static bool wants_observe(const struct swarm *swarm, const struct coap_msg *msg)
{
	struct coap_opt opt;

	return swarm->watches && coap_msg_find_opt(msg, COAP_OPT_OBSERVE, &opt);
}

// To a De-register that was sent before, 4.04 is as good as 2.02: the first one was heard, and the
// answer to it was lost.
static bool has_left(const struct swarm *swarm, const struct slot *slot, const struct coap_msg *msg)
{
	return swarm_lives(swarm) && slot->kind == REQUEST_DEREGISTER && slot->tries > 0 &&
	       msg->code == COAP_NOT_FOUND;
}

static void on_response(struct swarm *swarm, struct slot *slot, const struct message *in,
			const struct coap_msg *msg)
{
	struct answer answer = answer_judge(msg, (enum request_kind)slot->kind, slot->mid);
	struct device *dev = &swarm->devices[slot->place];

	swarm->counters.separate += msg->type != COAP_ACK;
	if (answer.verdict == ANSWER_UNAVAILABLE) {
		rest(swarm, slot, answer.retry_after_s);
		return;
	}
	if (has_left(swarm, slot, msg)) {
		swarm->counters.lost++;
		swarm_live_end(swarm, slot, LIVE_LOST, NULL);
		window_give(&swarm->window, slot);
		return;
	}
	if (answer.verdict == ANSWER_RIGHT && slot->kind == REQUEST_REGISTER &&
	    !request_set_location(&swarm->templates, dev, msg))
		answer = (struct answer){ANSWER_WRONG, 0, "Location-Path this fleet cannot keep"};
	if (answer.verdict == ANSWER_WRONG) {
		wrong(swarm, slot, answer.why);
		return;
	}
	if (slot->kind == REQUEST_REGISTER && slot->state != SLOT_REPEATED)
		dev->registrations++;
	on_right(swarm, slot, in);
}

// Everything but the common answer.
static void on_message(struct swarm *swarm, struct slot *slot, const struct message *in)
{
	struct coap_msg msg;

	if (coap_msg_parse(&msg, in->bytes, in->len) != COAP_OK) {
		swarm_wrong(swarm, in->device, "not a CoAP message");
		return;
	}
	if (msg.code == COAP_EMPTY && msg.type == COAP_CON) { // a ping (RFC 7252 section 4.3)
		reply(swarm, in, &msg, COAP_RST, COAP_EMPTY);
		return;
	}
	if (msg.code == COAP_EMPTY) {
		on_empty(swarm, in, &msg);
		return;
	}
	if (COAP_CODE_CLASS(msg.code) == 0 && wants_observe(swarm, &msg)) {
		on_observe(swarm, in, &msg);
		return;
	}
	if (COAP_CODE_CLASS(msg.code) == 0) {
		on_request(swarm, in, &msg);
		return;
	}
	if (msg.type == COAP_CON)
		reply(swarm, in, &msg, COAP_ACK, COAP_EMPTY);
	if (!slot || slot->state == SLOT_RESTING)
		swarm->counters.strays++;
	else
		on_response(swarm, slot, in, &msg);
}

static struct slot *slot_of(struct swarm *swarm, const struct message *in)
{
	uint64_t token;

	// A request's token is the gateway's own, unless it is one of ours that came back.
	if (in->len < 4 + REQUEST_TOKEN_LEN ||
	    (COAP_CODE_CLASS(in->bytes[1]) == 0 && !swarm->bounce) ||
	    (in->bytes[0] & 0x0f) != REQUEST_TOKEN_LEN)
		return NULL;
	memcpy(&token, in->bytes + 4, sizeof(token));
	return window_find(&swarm->window, token);
}

// What a forger never sees: a HelloVerifyRequest (RFC 6347 section 4.2.1) or something else.
static void on_cookie(struct swarm *swarm, const struct message *in)
{
	if (in->len > 13 && in->bytes[0] == 22 && in->bytes[13] == 3)
		swarm->counters.exchanges++;
	else
		swarm->counters.strays++;
}

static void receive(struct swarm *swarm, const struct message *in)
{
	struct slot *slot = slot_of(swarm, in);

	if (unlikely(swarm->phase->kind == PHASE_HELLO)) {
		on_cookie(swarm, in);
		return;
	}
	if (swarm->bounce) {
		if (slot)
			on_right(swarm, slot, in);
		else
			swarm->counters.strays++;
		return;
	}
	if (unlikely(slot && slot->device != in->device)) {
		swarm_wrong(swarm, in->device, "the answer to another device's request");
		return;
	}
	if (likely(slot && slot->state != SLOT_RESTING &&
		   answer_is_plain(in->bytes, in->len, (enum request_kind)slot->kind, slot->mid)))
		on_right(swarm, slot, in);
	else
		on_message(swarm, slot, in);
}

unsigned swarm_receive(struct swarm *swarm)
{
	struct rte_mbuf *pkts[PORT_BURST];
	uint16_t n = swarm->port->ops->rx(swarm->port, pkts);

	for (uint16_t i = 0; i < n; i++) {
		struct message in = {
			.bytes = rte_pktmbuf_mtod(pkts[i], const uint8_t *),
			.len = pkts[i]->data_len,
			.device = *port_device(pkts[i]),
		};
		receive(swarm, &in);
	}
	if (n > 0)
		rte_pktmbuf_free_bulk(pkts, n);
	return n;
}
