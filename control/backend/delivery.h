// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One back end at work: its engine, joined to the outbox, HTTP, the file of refused events and the
// loop's clock. Private to control/backend. Loop thread only.
#pragma once

#include "control/backend/backend.h"
#include "control/backend/dead_letters.h"
#include "control/backend/engine.h"
#include "control/backend/request.h"

struct delivery_lane {
	struct delivery *delivery;
	unsigned number;
	struct request *request;
};

struct delivery {
	struct ctl *ctl;
	const struct config_backend *cfg;
	unsigned index; // in the outbox
	struct engine engine;
	struct dead_letters *letters;
	uv_timer_t timer;
	enum engine_state told; // logged
	uint64_t drop_key;      // to be given up up to there
	char error[160];
	uint64_t error_ms;    // wall clock; 0: none yet
	uint64_t accepted_ms; // wall clock
	uint64_t buried_told_ms;
	struct delivery_lane lanes[];
};

// Borrows cfg until delivery_stop. 0 or -errno.
int delivery_start(struct ctl *ctl, struct requests *requests, const struct config_backend *cfg,
		   unsigned index, struct delivery **delivery);
// Breaks off what is under way. The memory goes once the loop has closed its handles.
void delivery_stop(struct delivery *delivery);
void delivery_wake(struct delivery *delivery);
// Gives up what is not accepted up to that key, little by little.
void delivery_drop(struct delivery *delivery, uint64_t up_to);
void delivery_status(const struct delivery *delivery, struct ctl_backend_status *status);

// What ctl_backends_test does.
struct ctl_backend_test *delivery_test(const struct delivery *delivery, struct requests *requests,
				       ctl_backend_tested_cb_t cb, void *arg);
