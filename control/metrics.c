// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/metrics.h"

struct ctl_counters ctl_counters;

struct ctl_histograms ctl_histograms = {
	.commit_latency_microseconds.bounds = {100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000,
					       100000, 250000, 1000000},
	.commit_events.bounds = {1, 4, 16, 64, 256, 1024, 4096, 16384},
};
