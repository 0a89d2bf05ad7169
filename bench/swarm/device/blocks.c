// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/served.h"

#define BODY_LIFETIME_US COAP_EXCHANGE_LIFETIME_US // RFC 7959 section 2.4 leaves it to us

static bool find_block(const struct coap_msg *msg, uint16_t number, uint32_t *value)
{
	struct coap_opt opt;
	return coap_msg_find_opt(msg, number, &opt) && coap_opt_uint(&opt, value) &&
	       (*value & 7) < 7;
}

static bool refuse(struct request *req, uint8_t code, uint32_t block1)
{
	req->code = code;
	req->block1 = block1;
	req->has_block1 = true;
	return false;
}

static void forget(struct served_body *body)
{
	free(body->bytes);
	*body = (struct served_body){0};
}

static bool append(struct served_body *body, const struct request *req)
{
	uint8_t *grown = realloc(body->bytes, body->len + req->len + 1);
	if (grown == NULL)
		return false;
	body->bytes = grown;
	if (req->len > 0)
		memcpy(grown + body->len, req->payload, req->len);
	body->len += req->len;
	return true;
}

static bool collect_block(struct device *dev, struct device_env *env, struct request *req,
			  uint32_t block)
{
	struct served_body *body = &dev->served->body;
	uint8_t ours = device_config_szx(env->config), szx = block & 7;
	uint64_t key = request_key(req->msg);
	size_t offset = (size_t)(block >> 4) << (szx + 4);
	if (offset == 0) {
		forget(body);
		if (szx > ours && env->config->refuse_large)
			return refuse(req, COAP_REQUEST_ENTITY_TOO_LARGE, ours);
		body->key = key;
	}
	if (body->key != key || body->len != offset ||
	    (offset > 0 && body->until_us <= env->now_us))
		return refuse(req, COAP_REQUEST_ENTITY_INCOMPLETE, block);
	if (body->len + req->len > env->config->body_max) {
		forget(body);
		return refuse(req, COAP_REQUEST_ENTITY_TOO_LARGE, block & ~8u);
	}
	if (!append(body, req))
		return refuse(req, COAP_INTERNAL_SERVER_ERROR, block);
	body->until_us = env->now_us + BODY_LIFETIME_US;
	req->payload = body->bytes;
	req->len = body->len;
	req->has_block1 = true;
	req->block1 = (block & ~7u) | (szx > ours ? ours : szx);
	req->code = COAP_CONTINUE;
	if ((block & 8) == 0)
		body->key = 0; // complete; its bytes stay until the next begins
	return (block & 8) == 0;
}

bool blocks_collect(struct device *dev, struct device_env *env, struct request *req)
{
	uint32_t block = 0;
	if (find_block(req->msg, COAP_OPT_BLOCK1, &block))
		return collect_block(dev, env, req, block);
	if (req->len > env->config->body_max ||
	    (env->config->refuse_large && req->len > env->config->block_size))
		return refuse(req, COAP_REQUEST_ENTITY_TOO_LARGE, device_config_szx(env->config));
	return true;
}

// Without the payload, which a client leaves out when it asks on: RFC 7959 section 3.3.
static uint64_t representation_key(uint64_t key)
{
	return key | 1; // 0: nothing is kept
}

bool blocks_continue(struct device *dev, struct device_env *env, struct request *req)
{
	const struct served_representation *rep = &dev->served->representation;
	uint32_t block = 0;
	if (!find_block(req->msg, COAP_OPT_BLOCK2, &block) || block >> 4 == 0 ||
	    rep->key != representation_key(request_key(req->msg)))
		return false;
	memcpy(req->body, rep->bytes, rep->len);
	req->body_len = rep->len;
	req->body_format = rep->format;
	req->has_body = true;
	req->code = rep->code;
	return true;
}

static void keep(struct device *dev, const struct request *req, uint64_t key)
{
	struct served_representation *rep = &dev->served->representation;
	uint8_t *bytes = malloc(req->body_len);
	if (bytes == NULL)
		return;
	memcpy(bytes, req->body, req->body_len);
	free(rep->bytes);
	*rep = (struct served_representation){
		.key = representation_key(key),
		.bytes = bytes,
		.len = req->body_len,
		.etag = rep->etag + 1,
		.format = req->body_format,
		.code = req->code,
	};
}

static void write_location(const struct request *req, struct coap_writer *w)
{
	char segment[6];
	for (unsigned i = 0; req->has_location && i < 2; i++) {
		snprintf(segment, sizeof(segment), "%u", req->location[i]);
		coap_write_opt_str(w, COAP_OPT_LOCATION_PATH, segment);
	}
}

void blocks_write(struct device *dev, struct device_env *env, const struct request *req,
		  uint64_t key, struct coap_writer *w)
{
	uint8_t szx = device_config_szx(env->config);
	uint32_t block = 0;
	bool asked = find_block(req->msg, COAP_OPT_BLOCK2, &block);
	if (asked && (block & 7) < szx)
		szx = block & 7;
	size_t size = (size_t)16 << szx;
	size_t offset = (size_t)(block >> 4) << ((block & 7) + 4);
	bool sliced = req->has_body && (asked || req->body_len > size);
	if (sliced && offset == 0 && req->body_len > size)
		keep(dev, req, key);
	if (sliced && offset > 0 && offset >= req->body_len) {
		w->buf[1] = COAP_BAD_REQUEST; // RFC 7959 section 2.4: beyond the end
		return;
	}
	bool more = sliced && offset + size < req->body_len;
	if (sliced && (more || offset > 0)) {
		uint32_t etag = __builtin_bswap32(dev->served->representation.etag);
		coap_write_opt(w, COAP_OPT_ETAG, &etag, sizeof(etag));
	}
	if (req->answer_observe)
		coap_write_opt_uint(w, COAP_OPT_OBSERVE, req->sequence & 0xffffff);
	write_location(req, w);
	if (req->has_body)
		coap_write_opt_uint(w, COAP_OPT_CONTENT_FORMAT, req->body_format);
	if (sliced)
		coap_write_opt_uint(w, COAP_OPT_BLOCK2,
				    (uint32_t)(offset >> (szx + 4)) << 4 | (more ? 8 : 0) | szx);
	if (req->has_block1)
		coap_write_opt_uint(w, COAP_OPT_BLOCK1, req->block1);
	if (sliced && offset == 0)
		coap_write_opt_uint(w, COAP_OPT_SIZE2, (uint32_t)req->body_len);
	if (req->code == COAP_REQUEST_ENTITY_TOO_LARGE)
		coap_write_opt_uint(w, COAP_OPT_SIZE1, env->config->body_max);
	if (req->has_body)
		coap_write_payload(w, req->body + offset, more ? size : req->body_len - offset);
}
