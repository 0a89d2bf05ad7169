// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/frame.h"

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

#include "bench/swarm/load/sum.h"

enum { IP_AT = 14, UDP_AT = 34, ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_ARP = 0x0806 };

static void put16(uint8_t *p, uint16_t value_be)
{
	memcpy(p, &value_be, sizeof(value_be));
}

static uint16_t get16(const uint8_t *p)
{
	uint16_t value_be;

	memcpy(&value_be, p, sizeof(value_be));
	return value_be;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t value_be;

	memcpy(&value_be, p, sizeof(value_be));
	return value_be;
}

void frame_path_init(struct frame_path *path, const struct scenario *sc, uint32_t gateway,
		     uint16_t port, const uint8_t own_mac[static 6])
{
	uint8_t *ip = path->headers + IP_AT, *udp = path->headers + UDP_AT;

	*path = (struct frame_path){
		.gateway_be = rte_cpu_to_be_32(gateway),
		.address = sc->address,
		.address_mask = (uint32_t)((1ull << sc->address_bits) - 1),
		.address_bits = sc->address_bits,
		.first_port = sc->first_port,
		.port_be = rte_cpu_to_be_16(port),
		.devices = sc->devices,
	};
	memcpy(path->headers + 6, own_mac, 6);
	put16(path->headers + 12, rte_cpu_to_be_16(ETHERTYPE_IPV4));
	ip[0] = 0x45; // version 4, 20 bytes of header
	ip[6] = 0x40; // do not fragment
	ip[8] = 64;   // time to live
	ip[9] = 17;   // UDP
	memcpy(ip + 16, &path->gateway_be, 4);
	put16(udp + 2, path->port_be);
	path->ip_sum = sum_bytes(ip, 20);
	path->udp_sum = sum_bytes(ip + 16, 4) + sum_bytes(udp, 8) + rte_cpu_to_be_16(17); // RFC 768
}

void frame_path_set_mac(struct frame_path *path, const uint8_t gateway_mac[static 6])
{
	memcpy(path->headers, gateway_mac, 6);
	path->mac_known = true;
}

void frame_path_move(struct frame_path *path, uint32_t ports)
{
	path->first_port = (uint16_t)(path->first_port + ports);
}

void frame_write(const struct frame_path *path, uint32_t device, uint16_t payload_len,
		 uint32_t payload_sum, uint8_t *out)
{
	uint32_t source = rte_cpu_to_be_32(path->address + (device & path->address_mask));
	uint16_t port = rte_cpu_to_be_16(
		(uint16_t)(path->first_port + ((uint64_t)device >> path->address_bits)));
	uint16_t ip_len = rte_cpu_to_be_16((uint16_t)(28 + payload_len));
	uint16_t udp_len = rte_cpu_to_be_16((uint16_t)(8 + payload_len));
	uint16_t udp_sum =
		(uint16_t)~sum_fold(path->udp_sum + source + port + 2 * udp_len + payload_sum);

	memcpy(out, path->headers, FRAME_HEADERS);
	put16(out + IP_AT + 2, ip_len);
	put16(out + IP_AT + 10, (uint16_t)~sum_fold(path->ip_sum + source + ip_len));
	memcpy(out + IP_AT + 12, &source, sizeof(source));
	put16(out + UDP_AT, port);
	put16(out + UDP_AT + 4, udp_len);
	put16(out + UDP_AT + 6, udp_sum ? udp_sum : 0xffff); // 0 would say that there is none
}

static bool checksums_right(const uint8_t *ip, uint16_t udp_len)
{
	const uint8_t *udp = ip + 20;

	if (sum_fold(sum_bytes(ip, 20)) != 0xffff)
		return false;
	if (get16(udp + 6) == 0)
		return true;
	return sum_fold(sum_bytes(ip + 12, 8) + rte_cpu_to_be_16(17) + get16(udp + 4) +
			sum_bytes(udp, udp_len)) == 0xffff;
}

// A datagram of the gateway to one of the devices, or FRAME_OTHER.
static enum frame_kind read_ip(const struct frame_path *path, const uint8_t *frame, size_t len,
			       struct frame_datagram *datagram)
{
	const uint8_t *ip = frame + IP_AT, *udp = frame + UDP_AT;

	if (len < FRAME_HEADERS || ip[0] != 0x45 || ip[9] != 17 ||
	    get32(ip + 12) != path->gateway_be || get16(udp) != path->port_be)
		return FRAME_OTHER;
	uint16_t ip_len = rte_be_to_cpu_16(get16(ip + 2));
	uint16_t udp_len = rte_be_to_cpu_16(get16(udp + 4));
	uint32_t address = rte_be_to_cpu_32(get32(ip + 16)) - path->address;
	uint32_t port = (uint32_t)rte_be_to_cpu_16(get16(udp + 2)) - path->first_port;
	uint64_t device = ((uint64_t)port << path->address_bits) + address;
	if (address > path->address_mask || port > UINT16_MAX || device >= path->devices)
		return FRAME_OTHER;
	if (ip_len > len - IP_AT || udp_len < 8 || udp_len + 20 != ip_len ||
	    !checksums_right(ip, udp_len))
		return FRAME_BAD_CHECKSUM;
	datagram->device = (uint32_t)device;
	datagram->payload_at = FRAME_HEADERS;
	datagram->payload_len = (uint16_t)(udp_len - 8);
	return FRAME_DATAGRAM;
}

enum frame_kind frame_read(const struct frame_path *path, const uint8_t *frame, size_t len,
			   struct frame_datagram *datagram)
{
	if (unlikely(len < IP_AT))
		return FRAME_OTHER;
	uint16_t type = get16(frame + 12);
	if (likely(type == rte_cpu_to_be_16(ETHERTYPE_IPV4)))
		return read_ip(path, frame, len, datagram);
	return type == rte_cpu_to_be_16(ETHERTYPE_ARP) ? FRAME_ARP : FRAME_OTHER;
}
