// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A fleet on a bench: the port is an array in both directions, the clock a number.
#pragma once

#include "bench/swarm/load/swarm.h"

#define HZ 1000000u

struct datagram {
	uint32_t device;
	uint16_t len;
	uint8_t bytes[320];
};

struct rig {
	struct port port;
	struct scenario sc;
	struct swarm *swarm;
	struct datagram sent[512];
	unsigned sent_n;
	struct datagram queued[512];
	unsigned queued_n;
	uint16_t room;
	unsigned moves;
	uint64_t now;
};
extern struct rig t;
extern struct rte_mempool *pool;

struct reply {
	enum coap_type type;
	uint8_t code;
	const char *id; // second segment of Location-Path
	int max_age;
	uint16_t mid_off;
	bool other_token;
	bool no_token;
};

struct CMUnitTest;

void rig_with_devices(uint32_t devices);
int rig_teardown(void **state);
// One phase, as a line of a scenario.
void rig_begin(const char *line);
void rig_poll_after(uint64_t us);
struct coap_msg rig_sent(unsigned i);
// Answers datagram i of those sent.
void rig_queue_reply(unsigned i, struct reply r);
void rig_register_all(void);
bool rig_ok(void);
// EAL and the pool, for all tests of a program.
int rig_start(void **state);
int rig_stop(void **state);
