// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which sessions are traced: the flag in the session says so, this says where to take it back when
// control goes. A person looks at a few devices at a time. Single-threaded.
#pragma once

#include <stdint.h>

#define DP_TRACED_MAX 64u // sessions of one worker

struct dp_traced {
	uint64_t locations[DP_TRACED_MAX];
	uint32_t count;
};
