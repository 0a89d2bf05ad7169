// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Doubles as TLV and CBOR carry them: IEEE 754 bits, 32 of them where they are enough. Private to
// lwm2m/codec.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t float_bits(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

// True when 32 bits hold the number exactly. What is larger than a float's range must not even be
// converted.
static inline bool float_narrow(double number, uint32_t *bits)
{
	if (number > 0x1.fffffep127 || number < -0x1.fffffep127) {
		if (__builtin_isfinite(number))
			return false;
	}
	float narrow = (float)number;
	memcpy(bits, &narrow, sizeof(*bits));
	return float_bits((double)narrow) == float_bits(number);
}
