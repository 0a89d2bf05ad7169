// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What happened to devices, told inside control after it was committed: the event stream, the
// downlink and whoever else wants to know subscribe here. Synchronous, in order, loop thread only;
// the event borrows everything it points to.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/registry.h"

enum ctl_event_type {
	CTL_REGISTERED,
	CTL_UPDATED,
	CTL_DEREGISTERED,
	CTL_NOTIFICATION, // an observed value
	CTL_SEND,         // values the device sent of its own accord
	CTL_AWAKE,        // queue mode: reachable
	CTL_SLEEPING,     // queue mode: its awake window is over
	CTL_RESPONSE,     // a queued operation ended
	CTL_COAPLOG,      // a message of a device that is traced; reaches nobody's outbox
};

enum ctl_dereg_reason { CTL_REASON_DEREGISTERED, CTL_REASON_EXPIRED, CTL_REASON_REPLACED };

struct ctl_event {
	enum ctl_event_type type;
	const struct ctl_reg *reg; // after the change; DEREGISTERED: as it was, about to go
	uint64_t wall_ms;
	enum ctl_dereg_reason reason; // DEREGISTERED
	uint16_t update_params; // UPDATED: enum lwm2m_param of the request; 0 for a bare keep-alive
	bool update_links;      // UPDATED: the request carried an object list
	// NOTIFICATION and what follows: the event as the event stream tells it, compact JSON;
	// NULL for AWAKE and SLEEPING.
	const char *json;
	bool late; // NOTIFICATION: told long after it came, no sign of life
	size_t json_len;
};

typedef void (*ctl_hub_cb_t)(const struct ctl_event *event, void *arg);

struct ctl_hub;

struct ctl_hub *ctl_hub_new(void);
void ctl_hub_free(struct ctl_hub *hub);
int ctl_hub_subscribe(struct ctl_hub *hub, ctl_hub_cb_t cb, void *arg);
void ctl_hub_publish(struct ctl_hub *hub, const struct ctl_event *event);
