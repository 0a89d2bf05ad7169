// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A simulated device on a bench: what it sends and what it tells is kept, requests are put to it,
// its own requests answered. Time moves only when a test says so.
#pragma once

#include "bench/swarm/device/device.h"

#define SECOND   1000000u
#define RIG_SENT 64

struct rig {
	struct device_config config;
	struct swarm_counters counters;
	struct histogram latency;
	uint16_t next_mid; // of the device
	uint16_t mid;      // of the requests put to it
	struct device_env env;
	struct device dev;
	uint8_t sent[RIG_SENT][DEVICE_DATAGRAM_MAX];
	size_t sent_len[RIG_SENT];
	unsigned sent_count; // since rig_forget
	struct coap_msg msg; // the last datagram, parsed
	char events[4096];   // a line each, since rig_forget
};

// setup and teardown of cmocka; *state is a struct rig with a registered device whose location is
// /rd/abc. rig_setup_new leaves it unregistered.
int rig_setup_new(void **state);
int rig_setup(void **state);
int rig_teardown(void **state);

// Starts again with what the test changed in rig->config, registered.
void rig_restart(struct rig *rig);
void rig_forget(struct rig *rig);
void rig_wait(struct rig *rig, uint64_t us);
// Until the device wants to be called.
void rig_wait_deadline(struct rig *rig);
// Answers the device's last request; option 0 for none.
void rig_answer(struct rig *rig, uint8_t code, uint16_t option, const void *value, size_t len);
void rig_become_registered(struct rig *rig);
// An empty message.
void rig_empty(struct rig *rig, uint8_t type, uint16_t mid);

struct rig_option {
	uint16_t number;
	uint32_t value;
};

// One request; the options come in ascending order and are of the kind uint, query may be NULL.
struct rig_request {
	uint8_t code;
	const char *path;
	const char *query;
	const void *payload;
	size_t len;
	struct rig_option options[4];
	uint8_t token;
	bool non;
	bool again; // with the message id of the one before
};
// The code of the answer, which is in rig->msg; 0 when there was none.
uint8_t rig_ask(struct rig *rig, const struct rig_request *req);
uint8_t rig_get(struct rig *rig, const char *path, uint16_t accept);
// PUT with Content-Format text.
uint8_t rig_put_text(struct rig *rig, const char *path, const char *text);
uint32_t rig_option(const struct rig *rig, uint16_t number); // UINT32_MAX when it is missing
bool rig_told(const struct rig *rig, const char *line);
#define rig_assert_payload(rig, text)                                                    \
	do {                                                                             \
		assert_int_equal((rig)->msg.payload_len, strlen(text));                  \
		assert_memory_equal((rig)->msg.payload, (text), (rig)->msg.payload_len); \
	} while (0)
