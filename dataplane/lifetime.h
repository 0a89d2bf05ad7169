// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A session's life in the tables: taken in, kept, let go. Worker's thread only.
#pragma once

#include "dataplane/worker.h"

// Puts a session into the index and starts its lifetime; a former one of the same endpoint is let
// go.
void dp_session_activate(struct dp_worker *w, struct dp_session *session);
// Out of every table; a request that is outstanding ends as gone. The pointer is dead afterwards.
void dp_session_drop(struct dp_worker *w, struct dp_session *session);
// After lifetime_s changed.
void dp_session_rearm(struct dp_worker *w, struct dp_session *session);
// The session with exactly this location in a state to serve, or NULL.
struct dp_session *dp_session_live(struct dp_worker *w, uint64_t location);
// Wheel callback.
void dp_session_on_time(struct wheel_timer *timer, void *worker);
