// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What an answer of a back end means for the batch, and how long to wait before the next try. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum verdict {
	VERDICT_ACCEPTED, // 2xx
	VERDICT_RETRY,    // the back end cannot take anything now, or not from us
	VERDICT_REFUSED,  // it does not want this batch
	VERDICT_TOO_LARGE,
};

// status: of HTTP; 0: none came.
enum verdict verdict_of(long status);

// The pause before try number tries + 1: doubled each time, from min_ms to max_ms; half of it is
// random, so that gateways that lost a back end together do not come back together.
uint32_t verdict_backoff_ms(uint32_t min_ms, uint32_t max_ms, uint32_t tries, uint32_t random);
