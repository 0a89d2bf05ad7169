// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/served.h"

#include <stdlib.h>
#include <string.h>

struct served *served_get(struct device *dev)
{
	if (dev->served == NULL)
		dev->served = calloc(1, sizeof(*dev->served));
	return dev->served;
}

void served_fini(struct served *served)
{
	if (served == NULL)
		return;
	for (unsigned i = 0; i < SERVED_ANSWERS; i++)
		free(served->answers[i].bytes);
	for (unsigned i = 0; i < SERVED_CONFIRMS; i++)
		free(served->confirms[i].bytes);
	free(served->body.bytes);
	free(served->representation.bytes);
	free(served);
}

static const struct served_answer *find_answer(const struct served *served, uint16_t mid,
					       uint64_t now_us)
{
	for (unsigned i = 0; i < SERVED_ANSWERS; i++) {
		const struct served_answer *a = &served->answers[i];
		if (a->mid == mid && a->until_us > now_us)
			return a;
	}
	return NULL;
}

static void remember(struct served *served, const struct coap_msg *msg, const void *bytes,
		     size_t len, uint64_t now_us)
{
	struct served_answer *a = &served->answers[served->next_answer++ % SERVED_ANSWERS];
	bool con = msg->type == COAP_CON;
	free(a->bytes);
	*a = (struct served_answer){
		.mid = msg->mid,
		.until_us =
			now_us + (con ? COAP_EXCHANGE_LIFETIME_US : (uint64_t)COAP_NON_LIFETIME_US),
	};
	// A repeated NON is dropped, RFC 7252 section 4.5.
	if (!con || (a->bytes = malloc(len)) == NULL)
		return;
	memcpy(a->bytes, bytes, len);
	a->len = len;
}

static size_t write_answer(struct device *dev, struct device_env *env, const struct request *req,
			   enum coap_type type, uint16_t mid, uint8_t *buf, size_t cap)
{
	struct coap_writer w;
	coap_write_begin(&w, buf, cap, type, req->code, mid, req->msg->token, req->msg->token_len);
	blocks_write(dev, env, req, request_key(req->msg), &w);
	return coap_write_finish(&w);
}

// An answer that is not ready yet: an empty ACK now, the response as a message of its own later.
static void answer_separately(struct device *dev, struct device_env *env, const struct request *req)
{
	uint8_t buf[DEVICE_DATAGRAM_MAX];
	struct coap_writer w;
	uint16_t mid = (*env->next_mid)++;
	size_t len = write_answer(dev, env, req, COAP_CON, mid, buf, sizeof(buf));
	confirm_add(dev, env, buf, len, mid, env->now_us + env->config->separate_ms * 1000u, 0);
	coap_write_begin(&w, buf, sizeof(buf), COAP_ACK, COAP_EMPTY, req->msg->mid, NULL, 0);
	len = coap_write_finish(&w);
	remember(dev->served, req->msg, buf, len, env->now_us);
	device_transmit(dev, env, buf, len);
}

static void answer(struct device *dev, struct device_env *env, const struct request *req)
{
	uint8_t buf[DEVICE_DATAGRAM_MAX];
	bool con = req->msg->type == COAP_CON;
	if (con && env->config->separate_ms > 0) {
		answer_separately(dev, env, req);
		return;
	}
	size_t len = write_answer(dev, env, req, con ? COAP_ACK : COAP_NON,
				  con ? req->msg->mid : (*env->next_mid)++, buf, sizeof(buf));
	remember(dev->served, req->msg, buf, len, env->now_us);
	device_transmit(dev, env, buf, len);
}

static void serve(struct device *dev, struct device_env *env, struct request *req)
{
	if (request_parse(req, env->config) && !blocks_continue(dev, env, req) &&
	    blocks_collect(dev, env, req))
		operation_run(dev, env, req);
	answer(dev, env, req);
}

void served_on_request(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	const struct served_answer *again;
	struct request req = {.msg = msg, .payload = msg->payload, .len = msg->payload_len};
	if (served_get(dev) == NULL)
		return;
	again = find_answer(dev->served, msg->mid, env->now_us);
	if (again != NULL) {
		env->counters->duplicates++;
		if (again->len > 0)
			device_transmit(dev, env, again->bytes, again->len);
		return;
	}
	dev->requests++;
	env->counters->reads++;
	uint8_t *room = malloc(REQUEST_BODY_MAX + REQUEST_ARENA_MAX);
	if (room == NULL)
		return;
	req.body = room;
	req.arena = lwm2m_arena_begin(room + REQUEST_BODY_MAX, REQUEST_ARENA_MAX);
	serve(dev, env, &req);
	free(room);
}
