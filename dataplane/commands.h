// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The worker's end of the bridge: follows the main thread's offer of a segment, carries out
// control's commands, reports refreshed sessions. Worker's thread only.
#pragma once

#include "dataplane/worker.h"

// Takes up a new segment, or lets go of one that was withdrawn.
void dp_bridge_follow(struct dp_worker *w);
// Carries out what control has sent, at most DP_COMMANDS_MAX, and answers what it has committed.
// Returns how many.
uint32_t dp_bridge_commands(struct dp_worker *w);
// Reports refreshed sessions, some at a time and as far as the ring has room to spare. Called once
// per housekeeping. Returns how many.
uint32_t dp_bridge_touches(struct dp_worker *w);
// Reports a session whose device has another address: control finds who sent something by that, so
// it cannot wait. When it must, it is reported like a refreshed one.
void dp_bridge_touch_now(struct dp_worker *w, struct dp_session *session);
// Makes this round's events visible, and wakes control if it sleeps.
void dp_bridge_publish(struct dp_worker *w);
// Copies counters and gauges to where control reads them.
void dp_bridge_stats(struct dp_worker *w);
