// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Addresses as the dataplane keeps them: 16 bytes, IPv4 in the mapped form ::ffff:a.b.c.d, so that
// one comparison serves both families. Pure functions.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PKTIO_ADDR_V4_AT 12u // where the IPv4 address is in the mapped form

static inline bool pktio_addr_is_v4(const uint8_t addr[static 16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(addr, mapped, sizeof(mapped)) == 0;
}

static inline void pktio_addr_from_v4(uint8_t addr[static 16], const void *v4)
{
	memset(addr, 0, 10);
	memset(addr + 10, 0xff, 2);
	memcpy(addr + PKTIO_ADDR_V4_AT, v4, 4);
}

static inline bool pktio_addr_equal(const uint8_t a[static 16], const uint8_t b[static 16])
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

// 0.0.0.0 or ::
static inline bool pktio_addr_is_any(const uint8_t addr[static 16])
{
	static const uint8_t zero[16];

	if (pktio_addr_is_v4(addr))
		return memcmp(addr + PKTIO_ADDR_V4_AT, zero, 4) == 0;
	return memcmp(addr, zero, sizeof(zero)) == 0;
}
