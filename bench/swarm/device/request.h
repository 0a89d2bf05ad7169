// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One request of the server while a device works on it, and the answer it is going to get.
#pragma once

#include "bench/swarm/device/device.h"
#include "lwm2m/coap/msg.h"
#include "lwm2m/codec/decode.h"
#include "lwm2m/core/path.h"

#define REQUEST_BODY_MAX  16384u // of an answer, in all its blocks
#define REQUEST_ARENA_MAX 65536u

struct request {
	const struct coap_msg *msg;
	const uint8_t *payload; // all of it, when it came in blocks
	size_t len;
	struct lwm2m_path path;
	bool has_format, has_accept, has_observe, has_query;
	uint16_t format; // Content-Format
	uint16_t accept;
	uint32_t observe;
	// The answer. body has room for REQUEST_BODY_MAX.
	uint8_t *body;
	size_t body_len;
	uint8_t code;
	bool has_body;
	uint16_t body_format;
	bool answer_observe;
	uint32_t sequence;
	bool has_location;
	uint16_t location[2];
	uint32_t block1; // the answer's option, valid if has_block1
	bool has_block1;
	struct lwm2m_arena arena;
};

// What the request asks, from its options. False when they are wrong; code then says how.
bool request_parse(struct request *req, const struct device_config *config);
// A hash of what request it is: method, path, query, Request-Tag.
uint64_t request_key(const struct coap_msg *msg);

// Does it: fills code and the other fields of the answer.
void operation_run(struct device *dev, struct device_env *env, struct request *req);

// The single operations; each returns the response code.
uint8_t operation_read(struct device *dev, struct device_env *env, struct request *req);
uint8_t operation_read_composite(struct device *dev, struct device_env *env, struct request *req);
uint8_t operation_discover(struct device *dev, struct device_env *env, struct request *req);
uint8_t operation_write(struct device *dev, struct device_env *env, struct request *req,
			bool replace);
uint8_t operation_write_composite(struct device *dev, struct device_env *env, struct request *req);
uint8_t operation_execute(struct device *dev, struct device_env *env, struct request *req);
uint8_t operation_create(struct device *dev, struct device_env *env, struct request *req);
uint8_t operation_delete(struct device *dev, struct device_env *env, struct request *req);

// 0 when the device has that content format, else 4.15.
bool operation_has_format(const struct device_config *config, uint16_t format);
// 4.04 or 4.01 for a path that may not be touched at all, 0 otherwise.
uint8_t operation_check_path(const struct device *dev, const struct device_env *env,
			     const struct lwm2m_path *path);
