// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The Internet checksum (RFC 1071), summed in 64-bit words with the carries added back, and folded
// once at the end. Sums are in network byte order as they lie in memory: store the result without
// swapping.
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t checksum_add64(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

// Adds len bytes; an odd last byte counts as followed by zero, so only the last part may be odd.
static inline uint64_t checksum_add(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len >= 16; len -= 16, p += 16) {
		uint64_t words[2];
		memcpy(words, p, 16);
		sum = checksum_add64(checksum_add64(sum, words[0]), words[1]);
	}
	if (len & 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		sum = checksum_add64(sum, word);
		p += 8;
	}
	if (len & 4) {
		uint32_t word;
		memcpy(&word, p, 4);
		sum = checksum_add64(sum, word);
		p += 4;
	}
	if (len & 2) {
		uint16_t word;
		memcpy(&word, p, 2);
		sum = checksum_add64(sum, word);
		p += 2;
	}
	return len & 1 ? checksum_add64(sum, *p)
		       : sum; // little-endian, as DPDK on x86 and arm64 is
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
