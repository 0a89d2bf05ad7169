// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The Echo option's value (RFC 9175 section 2.2.1): when it was given out, and a keyed hash of that
// and of the address it went to. Who returns it has received it; nothing is kept. The time is the
// wall clock's, which all workers share. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/peer.h"

#define DP_ECHO_BYTES 12u
#define DP_ECHO_SHIFT 20u  // of a time in microseconds: units of 1.05 s
#define DP_ECHO_LIFE  128u // units; longer than a request is retransmitted (RFC 7252: 45 s)

void dp_echo_make(uint8_t echo[static DP_ECHO_BYTES], const struct dp_peer *peer, uint64_t wall_us,
		  const uint64_t seed[static 4]);
// Whether it was given to this address and port within DP_ECHO_LIFE.
bool dp_echo_is_fresh(const uint8_t *echo, size_t len, const struct dp_peer *peer, uint64_t wall_us,
		      const uint64_t seed[static 4]);
