// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The Internet checksum (RFC 1071), summed in 32-bit words into 64 bits and folded once at the end.
// Sums are in network byte order as they lie in memory: store the result without swapping.
#pragma once

#include <stdint.h>
#include <string.h>

// Adds len bytes; an odd last byte counts as followed by zero, so only the last part may be odd.
static inline uint64_t checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len >= 8; len -= 8, p += 8) {
		uint32_t a, b;
		memcpy(&a, p, 4);
		memcpy(&b, p + 4, 4);
		sum += (uint64_t)a + b;
	}
	if (len >= 4) {
		uint32_t a;
		memcpy(&a, p, 4);
		sum += a;
		p += 4;
		len -= 4;
	}
	if (len > 0) {
		uint32_t a = 0;
		memcpy(&a, p, len);
		sum += a;
	}
	return sum;
}

// Ones' complement sum of 16 bits, not yet complemented: over data that includes its checksum it is
// 0xffff when that is right.
static inline uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static inline uint16_t checksum_finish(uint64_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}

// Pseudo-header: next header and length as IPv6 has them (RFC 8200 §8.1). IPv4's sums up the same.
static inline uint64_t checksum_pseudo(uint64_t addresses, uint8_t protocol, uint16_t len)
{
	const uint8_t rest[4] = {0, protocol, (uint8_t)(len >> 8), (uint8_t)len};

	return checksum_add(addresses, rest, sizeof(rest));
}
