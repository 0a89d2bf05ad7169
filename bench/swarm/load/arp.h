// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Just enough ARP (RFC 826) to find the gateway, and for the gateway to find any device.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/load/frame.h"

#define ARP_FRAME 60 // the shortest Ethernet frame

// Asks for the gateway, as device 0.
void arp_ask(const struct frame_path *path, uint8_t out[static ARP_FRAME]);
// Reads an ARP frame. Learns the gateway's MAC address from it; true when it asked for a device and
// the answer is in out.
bool arp_read(struct frame_path *path, const uint8_t *frame, size_t len,
	      uint8_t out[static ARP_FRAME]);
