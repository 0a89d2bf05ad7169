// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/hub.h"

#include <errno.h>
#include <stdlib.h>

// The parts of control that listen; each subscribes once at start.
#define SUBSCRIBERS_MAX 16

struct ctl_hub {
	struct {
		ctl_hub_cb_t cb;
		void *arg;
	} subscribers[SUBSCRIBERS_MAX];
	unsigned count;
};

struct ctl_hub *ctl_hub_new(void)
{
	return calloc(1, sizeof(struct ctl_hub));
}

void ctl_hub_free(struct ctl_hub *hub)
{
	free(hub);
}

int ctl_hub_subscribe(struct ctl_hub *hub, ctl_hub_cb_t cb, void *arg)
{
	if (hub->count == SUBSCRIBERS_MAX)
		return -ENOSPC;
	hub->subscribers[hub->count].cb = cb;
	hub->subscribers[hub->count].arg = arg;
	hub->count++;
	return 0;
}

void ctl_hub_publish(struct ctl_hub *hub, const struct ctl_event *event)
{
	for (unsigned i = 0; i < hub->count; i++)
		hub->subscribers[i].cb(event, hub->subscribers[i].arg);
}
