// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/uplink.h"

#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/registration.h"

#define RESTARTS_MAX 3u // of one block-wise request, after 4.08 or 4.13

static size_t block_of(uint8_t szx)
{
	return (size_t)16 << szx;
}

static bool in_blocks(const struct uplink *up)
{
	return up->body_len > block_of(up->szx);
}

static bool is_last_block(const struct uplink *up)
{
	return up->offset + block_of(up->szx) >= up->body_len;
}

static void write_location(struct coap_writer *w, const struct device *dev)
{
	for (const char *p = dev->location; p < dev->location + dev->location_len;
	     p += strlen(p) + 1)
		coap_write_opt_str(w, COAP_OPT_URI_PATH, p);
}

// "/a/b" as Uri-Path options.
static void write_path(struct coap_writer *w, const char *path, size_t len)
{
	const char *end = path + len;
	while (path < end) {
		path += *path == '/';
		const char *slash = memchr(path, '/', (size_t)(end - path));
		size_t n = (size_t)((slash != NULL ? slash : end) - path);
		coap_write_opt(w, COAP_OPT_URI_PATH, path, n);
		path += n;
	}
}

static void write_target(struct coap_writer *w, const struct device *dev)
{
	const struct uplink *up = &dev->uplink;
	if (up->kind == UPLINK_REGISTER)
		coap_write_opt_str(w, COAP_OPT_URI_PATH, "rd");
	else if (up->kind == UPLINK_SEND)
		coap_write_opt_str(w, COAP_OPT_URI_PATH, "dp");
	else if (up->kind == UPLINK_GET)
		write_path(w, (const char *)up->body, up->body_len);
	else
		write_location(w, dev);
}

// The answer to one of many tokens that look alike would be taken for another's; the message id
// makes them differ, and the index tells a fleet whose they are.
static void make_token(const struct device *dev, uint8_t token[static 6])
{
	token[0] = (uint8_t)(dev->index >> 24);
	token[1] = (uint8_t)(dev->index >> 16);
	token[2] = (uint8_t)(dev->index >> 8);
	token[3] = (uint8_t)dev->index;
	token[4] = (uint8_t)(dev->uplink.mid >> 8);
	token[5] = (uint8_t)dev->uplink.mid;
}

static uint8_t method(const struct uplink *up)
{
	return up->kind == UPLINK_DEREGISTER ? COAP_DELETE
	       : up->kind == UPLINK_GET      ? COAP_GET
					     : COAP_POST;
}

// The same state and message id give the same bytes: no datagram is kept for a retransmission.
static size_t write_request(const struct device *dev, const struct device_env *env, uint8_t *buf,
			    size_t cap)
{
	const struct uplink *up = &dev->uplink;
	bool body = up->body_len > 0 && up->kind != UPLINK_GET;
	uint8_t token[6];
	struct coap_writer w;
	make_token(dev, token);
	coap_write_begin(&w, buf, cap, COAP_CON, method(up), up->mid, token, sizeof(token));
	write_target(&w, dev);
	if (body)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, up->format);
	if (up->kind == UPLINK_REGISTER || up->kind == UPLINK_UPDATE)
		registration_write_query(&w, dev, env, up->tells_lt);
	if (up->block2 > 0)
		coap_write_opt_uint(&w, COAP_OPT_BLOCK2, up->block2 << 4 | up->szx2);
	if (body && in_blocks(up)) {
		coap_write_opt_uint(&w, COAP_OPT_BLOCK1,
				    (uint32_t)(up->offset >> (up->szx + 4)) << 4 |
					    (is_last_block(up) ? 0 : 8) | up->szx);
		if (up->offset == 0)
			coap_write_opt_uint(&w, COAP_OPT_SIZE1, (uint32_t)up->body_len);
	}
	if (up->echo_len > 0)
		coap_write_opt(&w, COAP_OPT_ECHO, up->echo, up->echo_len);
	if (body) {
		size_t left = up->body_len - up->offset;
		bool whole = !in_blocks(up) || is_last_block(up);
		coap_write_payload(&w, up->body + up->offset, whole ? left : block_of(up->szx));
	}
	return coap_write_finish(&w);
}

static void transmit(struct device *dev, struct device_env *env)
{
	uint8_t buf[DEVICE_DATAGRAM_MAX];
	size_t len = write_request(dev, env, buf, sizeof(buf));
	device_transmit(dev, env, buf, len);
}

// The next message of the same request: another block, or the same once more in another way.
static void go_on(struct device *dev, struct device_env *env)
{
	dev->uplink.mid = (*env->next_mid)++;
	coap_exchange_start(&dev->uplink.exchange, &coap_params_default, env->now_us, env->random);
	transmit(dev, env);
}

void uplink_start(struct device *dev, struct device_env *env, enum uplink_kind kind,
		  uint16_t format, uint8_t *body, size_t len)
{
	struct uplink *up = &dev->uplink;
	struct uplink_wish *wishes = up->wishes;
	*up = (struct uplink){
		.wishes = wishes,
		.kind = (uint8_t)kind,
		.format = format,
		.body = body,
		.body_len = len,
		.szx = device_config_szx(env->config),
		.sent_us = env->now_us,
		.tells_lt = kind == UPLINK_UPDATE && dev->tell_lt,
	};
	go_on(dev, env);
}

static void finish(struct device *dev)
{
	struct uplink *up = &dev->uplink;
	up->kind = UPLINK_NONE;
	free(up->body);
	free(up->answer);
	up->body = up->answer = NULL;
}

static void fail(struct device *dev, struct device_env *env)
{
	uint8_t kind = dev->uplink.kind;
	finish(dev);
	if (kind < UPLINK_SEND)
		registration_on_failure(dev, env, kind);
}

void uplink_on_time(struct device *dev, struct device_env *env)
{
	if (!uplink_busy(&dev->uplink))
		return;
	switch (coap_exchange_on_time(&dev->uplink.exchange, &coap_params_default, env->now_us)) {
	case COAP_EXCHANGE_RESEND:
		env->counters->retransmissions++;
		transmit(dev, env);
		break;
	case COAP_EXCHANGE_TIMEOUT:
		env->counters->missing++;
		device_note(env, "timeout");
		fail(dev, env);
		break;
	default:
		break;
	}
}

bool uplink_on_empty(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	struct uplink *up = &dev->uplink;
	if (!uplink_busy(up) || msg->mid != up->mid)
		return false;
	if (msg->type == COAP_RST) {
		env->counters->wrong++;
		device_note(env, "reset");
		fail(dev, env);
	} else {
		coap_exchange_on_ack(&up->exchange, &coap_params_default, env->now_us);
	}
	return true;
}

static bool find_uint(const struct coap_msg *msg, uint16_t number, uint32_t *value)
{
	struct coap_opt opt;
	return coap_msg_find_opt(msg, number, &opt) && coap_opt_uint(&opt, value);
}

// True when the answer only asks for the next message of the same request.
static bool take_block1(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	struct uplink *up = &dev->uplink;
	uint32_t block = 0;
	bool has = find_uint(msg, COAP_OPT_BLOCK1, &block);
	uint8_t szx = block & 7;
	if (msg->code == COAP_CONTINUE && has && in_blocks(up) && !is_last_block(up)) {
		up->offset += block_of(up->szx);
		// RFC 7959 section 2.5: a smaller size asked for counts from the next block on.
		if (szx < up->szx)
			up->szx = szx;
		return true;
	}
	if (msg->code == COAP_REQUEST_ENTITY_TOO_LARGE && has && szx < up->szx) {
		up->szx = szx;
		up->offset = 0;
		return up->restarts++ < RESTARTS_MAX;
	}
	if (msg->code == COAP_REQUEST_ENTITY_INCOMPLETE && up->offset > 0) {
		up->offset = 0;
		return up->restarts++ < RESTARTS_MAX;
	}
	return false;
}

static bool take_block2(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	struct uplink *up = &dev->uplink;
	uint32_t block = 0;
	if (up->kind != UPLINK_GET || !find_uint(msg, COAP_OPT_BLOCK2, &block))
		return false;
	uint8_t *grown = realloc(up->answer, up->answer_len + msg->payload_len + 1);
	if (grown == NULL || (size_t)(block >> 4) << ((block & 7) + 4) != up->answer_len)
		return false;
	up->answer = grown;
	if (msg->payload_len > 0)
		memcpy(grown + up->answer_len, msg->payload, msg->payload_len);
	up->answer_len += msg->payload_len;
	up->szx2 = block & 7;
	up->block2 = (block >> 4) + 1;
	return (block & 8) != 0;
}

static bool take_echo(struct device *dev, const struct coap_msg *msg)
{
	struct uplink *up = &dev->uplink;
	struct coap_opt opt;
	if (msg->code != COAP_UNAUTHORIZED || up->echo_len > 0 ||
	    !coap_msg_find_opt(msg, COAP_OPT_ECHO, &opt) || opt.len == 0 ||
	    opt.len > sizeof(up->echo))
		return false;
	memcpy(up->echo, opt.value, opt.len);
	up->echo_len = (uint8_t)opt.len;
	return true;
}

static void on_answer(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	struct uplink *up = &dev->uplink;
	char code[5];
	uint8_t kind = up->kind;
	size_t total = up->answer != NULL ? up->answer_len : msg->payload_len;
	histogram_add(env->latency, env->now_us - up->sent_us);
	finish(dev);
	if (kind < UPLINK_SEND) {
		registration_on_answer(dev, env, kind, msg);
	} else if (kind == UPLINK_SEND) {
		env->counters->sends += msg->code == COAP_CHANGED;
		env->counters->wrong += COAP_CODE_CLASS(msg->code) == 4;
		device_note(env, "sent %s", coap_code_text(msg->code, code));
	} else {
		device_note(env, "got %s %zu", coap_code_text(msg->code, code), total);
	}
}

bool uplink_on_response(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	struct uplink *up = &dev->uplink;
	uint8_t token[6];
	if (!uplink_busy(up))
		return false;
	make_token(dev, token);
	if (msg->token_len != sizeof(token) || memcmp(msg->token, token, sizeof(token)) != 0) {
		// The right message id with somebody else's token.
		if (msg->type == COAP_ACK && msg->mid == up->mid)
			env->counters->wrong++;
		return msg->type == COAP_ACK && msg->mid == up->mid;
	}
	coap_exchange_on_response(&up->exchange);
	if (take_block1(dev, env, msg) || take_block2(dev, env, msg) || take_echo(dev, msg))
		go_on(dev, env);
	else
		on_answer(dev, env, msg);
	return true;
}

bool uplink_wish(struct device *dev, enum uplink_kind kind, uint16_t format, const void *body,
		 size_t len)
{
	struct uplink_wish *wish = malloc(sizeof(*wish) + len);
	struct uplink_wish **end = &dev->uplink.wishes;
	if (wish == NULL)
		return false;
	*wish = (struct uplink_wish){.kind = (uint8_t)kind, .format = format, .len = len};
	memcpy(wish->body, body, len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = wish;
	return true;
}

void uplink_next_wish(struct device *dev, struct device_env *env)
{
	struct uplink_wish *wish = dev->uplink.wishes;
	if (wish == NULL || uplink_busy(&dev->uplink))
		return;
	dev->uplink.wishes = wish->next;
	uint8_t *body = malloc(wish->len + 1);
	if (body != NULL) {
		memcpy(body, wish->body, wish->len);
		uplink_start(dev, env, wish->kind, wish->format, body, wish->len);
	}
	free(wish);
}

void uplink_fini(struct uplink *up)
{
	free(up->body);
	free(up->answer);
	while (up->wishes != NULL) {
		struct uplink_wish *wish = up->wishes;
		up->wishes = wish->next;
		free(wish);
	}
}
