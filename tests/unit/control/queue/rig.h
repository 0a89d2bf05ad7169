// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A queue over a real store in a temporary directory, with devices, link and operations played by
// the test. The loop is never run: the test says what time it is and when the disk is written.
#pragma once

#include "control/link/link.h"
#include "control/queue/state.h"

#define RIG_EVENTS_MAX 64u
#define RIG_AWAKE_S    93u

struct rig {
	struct ctl ctl;
	struct config cfg;
	uv_loop_t loop;
	char state[64];
	size_t map_bytes;
	struct ctl_queue *queue;
	enum ctl_link_state link;
	bool no_memory; // for ctl_observe_run
	// What the hub said, as "AWAKE dev" or "RESPONSE {...}".
	char *events[RIG_EVENTS_MAX];
	unsigned events_count;
	// The operation under way.
	struct ctl_operation running;
	char payload[64];
	ctl_operation_cb_t cb; // NULL: none
	void *arg;
	unsigned starts, cancels;
	// What was called back for operations that were added.
	uint64_t id;
	int err;
	unsigned told;
};

extern struct rig rig;

int rig_setup(void **state);
int rig_teardown(void **state);
void rig_start(void); // from what is on disk; setup has done so once
void rig_stop(void);
void rig_flush(void); // what is staged is on disk, and told

struct ctl_reg *rig_register(const char *name); // in queue mode
void rig_event(enum ctl_event_type type, struct ctl_reg *reg);
void rig_deregister(struct ctl_reg *reg, enum ctl_dereg_reason reason);
void rig_on_added(uint64_t id, int err, void *arg); // arg: &rig
// A Write of that text to /3/0/14; returns what ctl_queue_add did.
int rig_add(struct ctl_reg *reg, const char *text, uint64_t ttl_ms);
uint64_t rig_added(struct ctl_reg *reg, const char *text); // on disk, too; its id
void rig_outcome(enum ctl_op_result result);
void rig_sleep(void); // every window ends
// The last event; "" when there is none. Forgets all of them.
const char *rig_last(void);
size_t rig_on_disk(void);
