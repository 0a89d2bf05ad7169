// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// When the outbox is too full, and what comes of it. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/config.h"

struct bounds_usage {
	uint64_t bytes;     // of what some back end has not accepted
	uint64_t entries;   // as many
	uint64_t oldest_ms; // age of the first of them; 0: there is none
};

struct bounds {
	bool held;             // nothing new may be promised
	bool warned;           // four fifths of a bound are reached
	uint64_t drop_entries; // the oldest, that many, are to be given up
	uint64_t drop_age_ms;  // and what is older than that; UINT64_MAX: nothing
	char why[160];         // while held or warned
};

// From what was and what is.
void bounds_judge(struct bounds *bounds, const struct config_outbox *cfg,
		  const struct bounds_usage *usage);
