// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A clean stop: what was promised to devices is committed and answered, then back ends are given a
// moment to take what waits for them. Nothing depends on it: what remains is on disk. Loop thread
// only.
#pragma once

#include "control/ctl.h"

#define CTL_DRAIN_MS 5000u // at most; a back end that fails is not waited for

struct ctl_drain {
	struct ctl *ctl;
	uv_timer_t timer;
	uint64_t end_ms;
};

// Stops the loop when done, or, called again, at once.
void ctl_drain_start(struct ctl_drain *drain, struct ctl *ctl);
// After the loop has stopped.
void ctl_drain_close(struct ctl_drain *drain);
