// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a run tells people and programs.
#pragma once

#include <stdio.h>

#include "bench/swarm/fleet.h"

struct report {
	struct swarm_counters last; // as of the last progress line
	uint64_t last_us;
};

// One line with what happened since the last one.
void report_progress(struct report *report, const struct fleet *fleet, FILE *out);
void report_text(const struct fleet *fleet, FILE *out);
void report_json(const struct fleet *fleet, FILE *out);
// "endpoint /location" of every device that is registered. 0 or -errno.
int report_list(const struct fleet *fleet, const char *path);
