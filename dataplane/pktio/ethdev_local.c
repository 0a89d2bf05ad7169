// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pktio/ethdev_local.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "dataplane/pktio/addr.h"

#define COAP_PORT 5683 // RFC 7252 §6.1

static struct pktio_local *append(struct pktio_port *port)
{
	struct pktio_local *local = &port->locals[port->locals_count++];

	local->udp_port_be16 = htons(COAP_PORT);
	return local;
}

// RFC 4291 appendix A: the MAC address with 0xfffe in the middle and the universal bit inverted.
static void append_link_local(struct pktio_port *port)
{
	struct pktio_local *local = append(port);
	const uint8_t *mac = port->mac;

	memcpy(local->addr,
	       (const uint8_t[16]){0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 0x02, mac[1], mac[2],
				   0xff, 0xfe, mac[3], mac[4], mac[5]},
	       16);
	local->prefix_len = 64;
	local->is_v4 = false;
}

// Multicast, unspecified and loopback addresses cannot be ours on a wire.
static bool is_unicast(const uint8_t addr[static 16])
{
	if (pktio_addr_is_any(addr))
		return false;
	if (pktio_addr_is_v4(addr)) {
		uint8_t first = addr[PKTIO_ADDR_V4_AT];
		return first != 0 && first != 127 && first < 224;
	}
	static const uint8_t loopback[16] = {[15] = 1};
	return addr[0] != 0xff && !pktio_addr_equal(addr, loopback);
}

int ethdev_locals_init(struct pktio_port *port, const struct config_port *cfg, char why[static 160])
{
	bool any_v6 = false;

	port->locals_count = 0;
	// One place is kept for the link-local address.
	if (cfg->addresses_count == 0 || cfg->addresses_count >= PKTIO_LOCALS_MAX) {
		snprintf(why, 160, "ethdev %s: %u addresses (1 to %u are possible)", cfg->ethdev,
			 cfg->addresses_count, PKTIO_LOCALS_MAX - 1);
		return -EINVAL;
	}
	for (uint32_t i = 0; i < cfg->addresses_count; i++) {
		struct pktio_local *local = append(port);
		if (!config_parse_prefix(cfg->addresses[i], local->addr, &local->prefix_len) ||
		    !is_unicast(local->addr)) {
			snprintf(why, 160, "ethdev %s: address %s is not one a port can have",
				 cfg->ethdev, cfg->addresses[i]);
			return -EINVAL;
		}
		local->is_v4 = pktio_addr_is_v4(local->addr);
		any_v6 |= !local->is_v4;
	}
	if (any_v6)
		append_link_local(port);
	return 0;
}
