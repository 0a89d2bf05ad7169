// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The readers of /api/event. Each event becomes text once and is shared by all readers; each reader
// may fall behind by a bounded amount and is cut off beyond it. Loop thread only.
#pragma once

#include <stddef.h>

#include "control/hub.h"
#include "control/rest/http.h"

#define CTL_EVENTS_BACKLOG_MAX  (1u << 20) // bytes a reader may leave unread
#define CTL_EVENTS_KEEPALIVE_MS 15000u

struct ctl_events;

// Subscribes to ctl->hub once; while ctl->rest is NULL the events go nowhere.
struct ctl_events *ctl_events_new(struct ctl *ctl);
// The streams must be gone.
void ctl_events_free(struct ctl_events *events);
// A reader of one endpoint's events, or of all (endpoint NULL). NULL when memory is out.
struct ctl_stream *ctl_events_open(struct ctl_events *events, const char *endpoint, size_t len);
// What the subscription calls.
void ctl_events_publish(struct ctl_events *events, const struct ctl_event *event);
// A comment for every reader: tells a dead connection from a quiet one.
void ctl_events_keepalive(struct ctl_events *events);
