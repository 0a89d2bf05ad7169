// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a worker will do for whom, and what it has done lately. Set at start from the
// configuration's overload section; single-threaded.
#pragma once

#include "dataplane/bridge/config.h"
#include "dataplane/state/bucket.h"
#include "dataplane/state/sender.h"

// 4.29 is an answer too: beyond this many a second there is none.
#define DP_TOO_MANY_RATE 1000u
// While answers to strangers run short, each of their messages counts as so many against its
// address: who sends most is cut off first.
#define DP_SHORTAGE_WEIGHT 16u

struct dp_limits {
	struct dp_rate peer;
	struct dp_rate unknown;
	struct dp_rate fresh;
	struct dp_rate too_many;
	enum config_echo echo;
	uint64_t unknown_full_ns; // buckets of the whole worker
	uint64_t fresh_full_ns;
	uint64_t too_many_full_ns;
	struct dp_senders senders;
};
