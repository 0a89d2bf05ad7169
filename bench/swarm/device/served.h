// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device needs once somebody asks it something: the answers it gave (to recognise
// repetitions), block-wise transfers under way, messages of its own that wait for an ACK,
// observations and attributes. Allocated with the first request.
#pragma once

#include "bench/swarm/device/attributes.h"
#include "bench/swarm/device/observe.h"
#include "bench/swarm/device/request.h"

#define SERVED_ANSWERS  64 // remembered within EXCHANGE_LIFETIME
#define SERVED_CONFIRMS 24 // separate responses and notifications without ACK yet

struct served_answer {
	uint64_t until_us; // EXCHANGE_LIFETIME or NON_LIFETIME after the request came
	uint8_t *bytes;    // what a repetition gets; NULL for nothing
	size_t len;
	uint16_t mid;
};

// A body that comes in blocks.
struct served_body {
	uint64_t key;
	uint64_t until_us;
	uint8_t *bytes;
	size_t len;
};

// A body that goes in blocks: the rest is asked for later.
struct served_representation {
	uint64_t key;
	uint8_t *bytes;
	size_t len;
	uint32_t etag;
	uint16_t format;
	uint8_t code;
};

// A Confirmable message of the device's own that is not a request.
struct served_confirm {
	struct coap_exchange exchange;
	uint64_t start_us; // first transmission
	uint8_t *bytes;    // NULL: the place is free
	size_t len;
	uint16_t mid;
	uint8_t observation; // index + 1 of whose notification it is; 0 for a separate response
	bool started;
};

struct served {
	struct served_answer answers[SERVED_ANSWERS];
	struct served_body body;
	struct served_representation representation;
	struct served_confirm confirms[SERVED_CONFIRMS];
	struct observation observations[OBSERVATIONS_MAX];
	struct attribute_set attributes[ATTRIBUTE_SETS_MAX];
	uint32_t next_answer;
	uint32_t attributes_count;
	uint32_t sequence; // of notifications
};

// NULL without memory.
struct served *served_get(struct device *dev);
void served_fini(struct served *served);

void served_on_request(struct device *dev, struct device_env *env, const struct coap_msg *msg);

// blocks.c: collects Block1. False when the answer (2.31, 4.08, 4.13) is already clear.
bool blocks_collect(struct device *dev, struct device_env *env, struct request *req);
// True when the request asks for a further block of a body that is still there; then answered.
bool blocks_continue(struct device *dev, struct device_env *env, struct request *req);
// The options and the part of the body that this message has room for; the rest is asked for under
// key, the request_key() of what is answered.
void blocks_write(struct device *dev, struct device_env *env, const struct request *req,
		  uint64_t key, struct coap_writer *w);

// confirm.c: a CON message to be sent at start_us and until it is acknowledged. bytes are copied.
bool confirm_add(struct device *dev, struct device_env *env, const void *bytes, size_t len,
		 uint16_t mid, uint64_t start_us, uint8_t observation);
void confirm_on_time(struct device *dev, struct device_env *env);
bool confirm_on_empty(struct device *dev, struct device_env *env, const struct coap_msg *msg);
void confirm_forget(struct served *served, uint8_t observation);
uint64_t confirm_deadline(const struct served *served);
