// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Parts of an Internet checksum (RFC 1071), so that a packet made from a template costs only what
// differs. Parts are sums of 16-bit words as they lie in memory, at even offsets of the datagram;
// they may be added up in any order.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t sum_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t sum = 0;
	uint32_t word;

	for (; len >= 4; len -= 4, p += 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	word = 0;
	memcpy(&word, p, len);
	return sum + word;
}

// What bytes at an odd offset count: every one of them lies in the other half of its word.
static inline uint64_t sum_swap(uint64_t sum)
{
	return sum << 8;
}

static inline uint16_t sum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}
