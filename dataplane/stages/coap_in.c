// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/admission.h"
#include "dataplane/bridge/location.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "dataplane/state/echo.h"
#include "lwm2m/coap/block.h"
#include "lwm2m/coap/msg.h"

#define FORMAT_SENML_JSON 110
#define FORMAT_SENML_CBOR 112

// What the options of a request add up to.
struct request {
	const uint8_t *id; // second path segment
	const uint8_t *ep; // value of the ep parameter
	const uint8_t *echo;
	uint32_t block1; // the options' values
	uint32_t block2;
	uint32_t size1;
	uint16_t id_len;
	uint16_t ep_len;
	uint16_t echo_len;
	uint8_t segments; // of the path
	bool is_rd;       // first segment "rd"
	bool is_dp;       // first segment "dp"
	bool is_well_known;
	bool is_core; // second segment "core"
	bool accepts_links;
	bool is_pack; // Content-Format of several values with their paths
	bool has_query;
	bool has_block1;
	bool has_block2;
	bool wants_size2;
	bool bad_option;
	bool proxy;
};

static bool segment_is(const struct coap_opt *opt, const char *text, size_t len)
{
	return opt->len == len && memcmp(opt->value, text, len) == 0;
}

static void read_path(struct request *req, const struct coap_opt *opt)
{
	if (req->segments == 0) {
		req->is_rd = segment_is(opt, "rd", 2);
		req->is_dp = segment_is(opt, "dp", 2);
		req->is_well_known = segment_is(opt, ".well-known", 11);
	} else if (req->segments == 1) {
		req->id = opt->value;
		req->id_len = opt->len;
		req->is_core = segment_is(opt, "core", 4);
	}
	if (req->segments < UINT8_MAX)
		req->segments++;
}

// RFC 7252 section 5.4: unknown critical options, known ones out of their bounds, and repetitions
// of one that must not repeat all count as unrecognised.
static void read_options(struct request *req, const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	uint16_t last = 0;
	struct coap_opt opt;
	uint32_t value;

	req->accepts_links = true;
	while (coap_opts_next(&it, &opt)) {
		bool repeated = opt.number == last;

		last = opt.number;
		if (!coap_opt_length_ok(&opt)) {
			req->bad_option |= COAP_OPT_IS_CRITICAL(opt.number);
			continue;
		}
		switch (opt.number) {
		case COAP_OPT_URI_PATH:
			read_path(req, &opt);
			break;
		case COAP_OPT_URI_QUERY:
			req->has_query = true;
			if (opt.len >= 3 && memcmp(opt.value, "ep=", 3) == 0) {
				req->ep = opt.value + 3;
				req->ep_len = opt.len - 3;
			}
			break;
		case COAP_OPT_CONTENT_FORMAT:
			// SenML JSON and SenML CBOR (LwM2M core 1.1.1 table 6.4.6-1).
			req->is_pack = coap_opt_uint(&opt, &value) &&
				       (value == FORMAT_SENML_JSON || value == FORMAT_SENML_CBOR);
			break;
		case COAP_OPT_ACCEPT:
			req->bad_option |= repeated;
			req->accepts_links = coap_opt_uint(&opt, &value) && value == 40;
			break;
		case COAP_OPT_BLOCK2:
			req->bad_option |= repeated || !coap_opt_uint(&opt, &req->block2);
			req->has_block2 = true;
			break;
		case COAP_OPT_BLOCK1:
			req->bad_option |= repeated || !coap_opt_uint(&opt, &req->block1);
			req->has_block1 = true;
			break;
		case COAP_OPT_ECHO:
			req->echo = opt.value;
			req->echo_len = (uint16_t)opt.len;
			break;
		case COAP_OPT_SIZE1:
			coap_opt_uint(&opt, &req->size1);
			break;
		case COAP_OPT_SIZE2:
			req->wants_size2 = true;
			break;
		case COAP_OPT_URI_HOST:
		case COAP_OPT_URI_PORT:
			req->bad_option |= repeated;
			break;
		case COAP_OPT_IF_MATCH:
		case COAP_OPT_IF_NONE_MATCH:
			break; // the resources here have no ETag and always exist or never do
		case COAP_OPT_PROXY_URI:
		case COAP_OPT_PROXY_SCHEME:
			req->proxy = true;
			break;
		default:
			req->bad_option |= COAP_OPT_IS_CRITICAL(opt.number);
		}
	}
}

// RFC 7959 section 2.2: block sizes go up to 1024; the seventh exponent is reserved.
static bool bad_size(const struct request *req)
{
	return (req->has_block1 && (req->block1 & 7) > COAP_BLOCK_SZX_MAX) ||
	       (req->has_block2 && (req->block2 & 7) > COAP_BLOCK_SZX_MAX);
}

static bool is_core(const struct request *req)
{
	return req->is_well_known && req->is_core && req->segments == 2;
}

// Blocks of requests only where requests have bodies, blocks of answers but the first only where
// they do.
static bool blocks_fit(uint8_t code, const struct request *req)
{
	bool has_body = code == COAP_POST &&
			((req->is_rd && req->segments <= 2) || (req->is_dp && req->segments == 1));

	return (!req->has_block1 || has_body) &&
	       (!req->has_block2 || req->block2 >> 4 == 0 || (code == COAP_GET && is_core(req)));
}

static void answer_local(struct dp_pkt *pkt, uint8_t code, const char *why)
{
	pkt->route = DP_ROUTE_LOCAL;
	pkt->answer = code;
	pkt->why = why;
}

// LwM2M core 1.1.1 section 6.2.1 and transport 1.1.1 section 5.2: over DTLS the name must be the
// credential's. Which of the two was wrong is not said.
static void check_endpoint(const struct dp_worker *w, struct dp_pkt *pkt, const struct request *req)
{
	uint64_t tag = dp_dtls_endpoint_of(w, &pkt->peer);

	if (req->ep ? dp_dtls_endpoint_tag(w, req->ep, req->ep_len) != tag : tag == 0)
		answer_local(pkt, COAP_FORBIDDEN, NULL);
	else
		pkt->vshard = dp_dtls_endpoint_vshard(tag);
}

static void route_request(const struct dp_worker *w, struct dp_pkt *pkt, const struct request *req)
{
	if (req->proxy) {
		answer_local(pkt, COAP_PROXYING_NOT_SUPPORTED, "not a forward proxy");
	} else if (req->bad_option) {
		answer_local(pkt, COAP_BAD_OPTION, "critical option not supported");
	} else if (bad_size(req)) {
		answer_local(pkt, COAP_BAD_REQUEST, "reserved block size");
	} else if (req->is_rd && req->segments == 1) {
		if (pkt->code != COAP_POST) {
			answer_local(pkt, COAP_METHOD_NOT_ALLOWED, NULL);
			return;
		}
		pkt->route = DP_ROUTE_REGISTER;
		pkt->vshard = req->ep ? dp_vshard_of_endpoint(req->ep, req->ep_len) : 0;
		if (pkt->peer.flags & DP_PEER_F_DTLS)
			check_endpoint(w, pkt, req);
	} else if (req->is_rd && req->segments == 2) {
		pkt->location = bridge_location_decode(req->id, req->id_len);
		pkt->vshard = (uint8_t)BRIDGE_LOCATION_VSHARD(pkt->location);
		if (pkt->code == COAP_POST)
			pkt->route = DP_ROUTE_UPDATE;
		else if (pkt->code == COAP_DELETE)
			pkt->route = DP_ROUTE_DEREGISTER;
		else
			answer_local(pkt, COAP_METHOD_NOT_ALLOWED, NULL);
	} else if (req->is_dp && req->segments == 1) {
		if (pkt->code != COAP_POST) {
			answer_local(pkt, COAP_METHOD_NOT_ALLOWED, NULL);
		} else if (!req->is_pack) {
			answer_local(pkt, COAP_UNSUPPORTED_CONTENT_FORMAT, NULL);
		} else {
			pkt->route = DP_ROUTE_SEND;
			pkt->vshard = (uint8_t)w->index; // owned by this worker, as good as any
		}
	} else if (is_core(req)) {
		if (pkt->code != COAP_GET)
			answer_local(pkt, COAP_METHOD_NOT_ALLOWED, NULL);
		else
			answer_local(pkt, req->accepts_links ? COAP_CONTENT : COAP_NOT_ACCEPTABLE,
				     NULL);
	} else {
		answer_local(pkt, COAP_NOT_FOUND, NULL);
	}
}

static void note_blocks(struct dp_pkt *pkt, const struct request *req)
{
	if (pkt->route == DP_ROUTE_LOCAL) {
		if (req->has_block2)
			pkt->flags |= DP_PKT_F_BLOCK2;
		if (req->wants_size2)
			pkt->flags |= DP_PKT_F_SIZE2;
		pkt->block = req->block2;
	} else if (req->has_block1) {
		pkt->flags |= DP_PKT_F_BLOCK1;
		pkt->block = req->block1;
		pkt->size1 = req->size1;
		pkt->whole_route = pkt->route;
		pkt->route = DP_ROUTE_BLOCK;
	}
}

static void drop(struct rte_mbuf *m, uint64_t *counter)
{
	(*counter)++;
	rte_pktmbuf_free(m);
}

// RFC 7252 section 4.2 and 4.3: a Confirmable message that cannot be processed is rejected with
// RST, anything else that cannot be is ignored; an unknown version always is (section 3).
static void reject(struct dp_worker *w, struct rte_mbuf *m, enum coap_err err)
{
	if (err == COAP_ERR_VERSION) {
		drop(m, &w->counters.drop_coap_version);
	} else if (err != COAP_ERR_SHORT && dp_pkt(m)->type == COAP_CON) {
		dp_pkt(m)->code = COAP_EMPTY; // nothing to answer 4.29
		if (!dp_admit_unknown(w, m))
			return;
		w->counters.format_resets++;
		dp_reply_reset(w, m);
	} else {
		drop(m, &w->counters.drop_coap_malformed);
	}
}

// True when the message goes on to the next stage.
static bool classify(struct dp_worker *w, struct rte_mbuf *m, const struct coap_msg *msg)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct request req = {0};

	if (msg->code == COAP_EMPTY) {
		if (msg->type == COAP_CON) { // RFC 7252 section 4.3: CoAP ping
			if (!dp_admit_unknown(w, m))
				return false;
			w->counters.pings++;
			dp_reply_reset(w, m);
			return false;
		}
		if (msg->type == COAP_NON) {
			drop(m, &w->counters.drop_coap_malformed);
			return false;
		}
		pkt->route = DP_ROUTE_ACK;
		return true;
	}
	if (COAP_CODE_CLASS(msg->code) != 0) {
		if (msg->type == COAP_RST) {
			drop(m, &w->counters.drop_coap_malformed);
			return false;
		}
		pkt->route = DP_ROUTE_RESPONSE;
		pkt->vshard = pkt->token[0];
		return true;
	}
	if (msg->type == COAP_ACK || msg->type == COAP_RST) { // a request can be neither
		drop(m, &w->counters.drop_coap_unexpected);
		return false;
	}
	read_options(&req, msg);
	req.bad_option |= !blocks_fit(msg->code, &req);
	if (req.bad_option && msg->type == COAP_NON) { // RFC 7252 section 5.4.1
		drop(m, &w->counters.drop_non_critical_option);
		return false;
	}
	if (req.has_query)
		pkt->flags |= DP_PKT_F_HAS_QUERY;
	if (req.echo && dp_echo_is_fresh(req.echo, req.echo_len, &pkt->peer,
					 w->now_us + w->wall_offset_us, w->hash_seed)) {
		pkt->flags |= DP_PKT_F_PROVEN;
		w->counters.echoes++;
	}
	route_request(w, pkt, &req);
	note_blocks(pkt, &req);
	return true;
}

// True when the message goes on to the next stage.
static bool parse(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	struct coap_msg msg;
	enum coap_err err = coap_msg_parse(&msg, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len);

	pkt->type = msg.type;
	pkt->code = msg.code;
	pkt->mid = msg.mid;
	pkt->token_len = msg.token_len;
	pkt->payload_len = (uint16_t)msg.payload_len;
	pkt->exchange_key = 0;
	pkt->answer = 0;
	pkt->message_len = m->data_len;
	pkt->known = false;
	pkt->flags = 0;
	if (err != COAP_OK) {
		reject(w, m, err);
		return false;
	}
	memset(pkt->token, 0, sizeof(pkt->token));
	memcpy(pkt->token, msg.token, msg.token_len);
	return classify(w, m, &msg);
}

// What the next stages look up, all at once: see stage_keepalive.
static void fetch(const struct dp_worker *w, struct rte_mbuf *const *pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		const struct dp_pkt *pkt = dp_pkt(pkts[i]);

		dp_sender_prefetch(&w->limits.senders, dp_sender_name(&pkt->peer, w->hash_seed));
		if (pkt->route == DP_ROUTE_UPDATE && w->owners[pkt->vshard] == w->index)
			rte_prefetch0(dp_session_slot(&w->sessions, pkt->location));
	}
}

uint16_t stage_coap_in(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];

		if (parse(w, m))
			pkts[kept++] = m;
	}
	fetch(w, pkts, kept);
	return kept;
}
