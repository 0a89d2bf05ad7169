// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A control process without its REST side, in a temporary state directory, with its loop in the
// hands of the test.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "control/ctl.h"

#define GATEWAY_BACKENDS_MAX 2

struct gateway {
	struct ctl ctl;
	struct config cfg;
	struct config_backend backends[GATEWAY_BACKENDS_MAX];
	uv_loop_t loop;
	size_t map_bytes; // 0: plenty
	char state[64];
};

// A fresh state directory. Remove deletes it.
void gateway_init(struct gateway *gw);
void gateway_remove(struct gateway *gw);
void gateway_backend(struct gateway *gw, const char *name, const char *url);

void gateway_start(struct gateway *gw); // from what is in the state directory
void gateway_stop(struct gateway *gw);
// Turns the loop until the condition holds, at most 20 seconds; calls step in between, if given.
bool gateway_run_until(struct gateway *gw, bool (*condition)(void *), void (*step)(void *),
		       void *arg);
