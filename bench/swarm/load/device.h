// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What one simulated device remembers: 32 bytes, so that ten million of them fit and each costs
// half a cache line per packet. Its name, address and port follow from its number.
#pragma once

#include <assert.h>
#include <stdint.h>

#define DEVICE_LOCATION_MAX 16
#define DEVICE_NO_SLOT      UINT32_MAX

struct device {
	uint8_t tail[18]; // the last Uri-Path option of its location, encoded; zeros behind
	uint8_t tail_len; // 0: not registered
	uint8_t unused;
	uint16_t tail_sum; // of tail, at the offset it has in a request
	uint16_t mid;      // the next one
	uint32_t slot;     // of its last request, see window.h
	uint32_t registrations;
};

static_assert(sizeof(struct device) == 32, "two devices share a cache line");
