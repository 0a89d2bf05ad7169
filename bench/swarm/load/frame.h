// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Ethernet, IPv4 and UDP around what devices send: one router MAC address with all devices behind
// it. Checksums are put together from parts. Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/load/scenario.h"

#define FRAME_HEADERS (14 + 20 + 8)

struct frame_path {
	uint8_t headers[FRAME_HEADERS]; // without source, lengths and checksums
	uint64_t ip_sum;
	uint64_t udp_sum; // with the pseudo header
	uint32_t gateway_be;
	uint32_t address; // of device 0, host byte order
	uint32_t address_mask;
	uint8_t address_bits;
	uint16_t first_port;
	uint16_t port_be; // of the gateway
	uint32_t devices;
	bool mac_known;
};

// gateway: host byte order.
void frame_path_init(struct frame_path *path, const struct scenario *sc, uint32_t gateway,
		     uint16_t port, const uint8_t own_mac[static 6]);
void frame_path_set_mac(struct frame_path *path, const uint8_t gateway_mac[static 6]);
// From now on devices send from a block of ports that none has used.
void frame_path_move(struct frame_path *path, uint32_t ports);

// Writes FRAME_HEADERS bytes for payload_len bytes whose sum (sum.h) is payload_sum.
void frame_write(const struct frame_path *path, uint32_t device, uint16_t payload_len,
		 uint32_t payload_sum, uint8_t *out);

enum frame_kind {
	FRAME_DATAGRAM,     // from the gateway's address and port to a device's
	FRAME_ARP,          // see arp.h
	FRAME_OTHER,        // not for us
	FRAME_BAD_CHECKSUM, // for us, but a device's IP stack would drop it
};

struct frame_datagram {
	uint32_t device;
	uint16_t payload_at;
	uint16_t payload_len;
};

enum frame_kind frame_read(const struct frame_path *path, const uint8_t *frame, size_t len,
			   struct frame_datagram *datagram);
