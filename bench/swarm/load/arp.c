// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/arp.h"

#include <string.h>

#include <rte_byteorder.h>

enum { OPERATION_AT = 20, SENDER_AT = 22, TARGET_AT = 32, REQUEST = 1, REPLY = 2 };

static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
// ARP, Ethernet and IPv4 addresses of 6 and 4 bytes
static const uint8_t fixed[] = {8, 6, 0, 1, 8, 0, 6, 4, 0};

static void write_arp(const struct frame_path *path, uint8_t operation, const uint8_t *target_mac,
		      uint32_t source_be, uint32_t target_be, uint8_t out[static ARP_FRAME])
{
	const uint8_t *own_mac = path->headers + 6;

	memset(out, 0, ARP_FRAME);
	memcpy(out, operation == REQUEST ? broadcast : target_mac, 6);
	memcpy(out + 6, own_mac, 6);
	memcpy(out + 12, fixed, sizeof(fixed));
	out[OPERATION_AT + 1] = operation;
	memcpy(out + SENDER_AT, own_mac, 6);
	memcpy(out + SENDER_AT + 6, &source_be, 4);
	if (operation == REPLY)
		memcpy(out + TARGET_AT, target_mac, 6);
	memcpy(out + TARGET_AT + 6, &target_be, 4);
}

void arp_ask(const struct frame_path *path, uint8_t out[static ARP_FRAME])
{
	write_arp(path, REQUEST, NULL, rte_cpu_to_be_32(path->address), path->gateway_be, out);
}

bool arp_read(struct frame_path *path, const uint8_t *frame, size_t len,
	      uint8_t out[static ARP_FRAME])
{
	uint32_t sender_be, target_be;

	if (len < 42 || memcmp(frame + 12, fixed, sizeof(fixed)) != 0)
		return false;
	memcpy(&sender_be, frame + SENDER_AT + 6, 4);
	memcpy(&target_be, frame + TARGET_AT + 6, 4);
	if (sender_be == path->gateway_be)
		frame_path_set_mac(path, frame + SENDER_AT);
	uint32_t host = rte_be_to_cpu_32(target_be) - path->address;
	if (frame[OPERATION_AT + 1] != REQUEST || host > path->address_mask)
		return false;
	write_arp(path, REPLY, frame + SENDER_AT, target_be, sender_be, out);
	return true;
}
