// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/drain.h"

#include <string.h>

#include "control/backend/backend.h"
#include "control/link/link.h"
#include "control/log.h"

LOG_TYPE("main");

#define POLL_MS 10u

// Each has what there is, or does not take it now.
static bool all_settled(const struct ctl_backends *backends)
{
	struct ctl_backend_status status;

	for (unsigned i = 0; i < ctl_backends_count(backends); i++) {
		ctl_backends_status(backends, i, &status);
		if (status.lag_events > 0 && strcmp(status.state, "ok") == 0)
			return false;
	}
	return true;
}

static void on_time(uv_timer_t *timer)
{
	struct ctl_drain *drain = timer->data;
	uv_loop_t *loop = drain->ctl->loop;
	bool settled = all_settled(drain->ctl->backends);

	if (!settled && uv_now(loop) < drain->end_ms)
		return;
	if (!settled)
		LOG(info, "back ends did not take everything in time; they get it after the next "
			  "start");
	uv_stop(loop);
}

void ctl_drain_start(struct ctl_drain *drain, struct ctl *ctl)
{
	if (drain->ctl != NULL) {
		uv_stop(ctl->loop);
		return;
	}
	drain->ctl = ctl;
	// The dataplane holds back what it cannot promise: devices repeat it, to the next control
	// if that is not long in coming.
	ctl_link_quit(ctl->link);
	ctl_hold_set(&ctl->holds, CTL_HOLD_STOPPING, "stopping");
	drain->end_ms = uv_now(ctl->loop) + CTL_DRAIN_MS;
	uv_timer_init(ctl->loop, &drain->timer);
	drain->timer.data = drain;
	uv_timer_start(&drain->timer, on_time, 0, POLL_MS);
}

void ctl_drain_close(struct ctl_drain *drain)
{
	if (drain->ctl != NULL)
		uv_close((uv_handle_t *)&drain->timer, NULL);
}
