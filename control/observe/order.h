// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The order of notifications, RFC 7641 section 3.4: datagrams overtake each other, and a 24-bit
// sequence wraps. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CTL_OBSERVE_SEQUENCE_BITS 24

// True when the one that arrived last is also the newer one. heard_us: when the newest so far
// arrived; 0: none did. A message repeated by its sender never gets here (RFC 7252 section 4.5), so
// one of the same sequence is another notification: Leshan's client numbers two of them alike when
// their observations change together, and a value must not be lost for that.
static inline bool ctl_observe_is_newer(uint32_t newest, uint64_t heard_us, uint32_t sequence,
					uint64_t now_us)
{
	uint32_t half = 1u << (CTL_OBSERVE_SEQUENCE_BITS - 1);

	return (newest <= sequence && sequence - newest < half) ||
	       (newest > sequence && newest - sequence > half) || heard_us == 0 ||
	       now_us > heard_us + 128000000;
}
