// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A notification on its way to its event: as it came, or once the rest of its value was fetched.
#pragma once

#include "control/link/state.h"
#include "control/observe/observations.h"
#include "lwm2m/coap/msg.h"

struct link_notification {
	struct ctl_link *link;
	struct ctl_reg *reg;
	struct ctl_observation *observation; // or a copy of what it was
	struct coap_msg msg;
	int64_t format; // link_values_format
	uint64_t wall_ms;
	bool late; // as of struct ctl_event
};

// Stages its event. why: it cannot be decoded; NULL to try. 0, or -errno when the group must be
// aborted.
int link_notification_tell(struct link_notification *n, const char *why);
// Counts and logs, now and then, that it cannot be decoded.
void link_notification_complain(const struct link_notification *n, const char *why);
