// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control against a played dataplane, with one device that is observed already: what the store says
// of it was put there by hand. One at a time.
#pragma once

#include "control/observe/observations.h"
#include "control/registry.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

#define RIG_LOCATION DEVICE_LOCATION(3)

struct rig {
	struct gateway gw;
	struct fake_dataplane dp;
	uint32_t answered; // of its requests
	char heard[8192];  // NOTIFICATION and SEND as the stream tells them, each on its line
};

extern struct rig rig;

// The device "dev" with objects /1/0, /3/0 and /3303/0; paths ("/3/0/9" or "/3/0/9,/1/0/1") are
// observed under BRIDGE_OBSERVE_TOKEN(RIG_LOCATION, number), each with its own number from 0 on.
void rig_start(const char *const *paths, unsigned count);
void rig_stop(void);
// Stops control and starts it again, the dataplane too.
void rig_restart(void);

struct ctl_reg *rig_device(void);
uint64_t rig_token(unsigned number);

void rig_run_until(bool (*condition)(void *));
// Hands the event up and waits for its promise to be kept.
void rig_promise(union device_event *event, uint32_t len);
void rig_notify(unsigned number, uint8_t code, int32_t sequence, int32_t format,
		const void *payload, size_t len);
// Answers the request that the dataplane holds, under its token.
void rig_respond(uint32_t result, uint8_t code, int32_t sequence, int32_t format,
		 const char *payload);
bool rig_is_asked(void *arg); // a request came since the last answer

// Compares with what was heard, and forgets it.
void rig_assert_heard(const char *expected);
// The last rejection, by code and reason; there were that many.
void rig_assert_rejected(uint32_t count, uint32_t code, uint32_t reason);
