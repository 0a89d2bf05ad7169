// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pktio/udp_local.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include "dataplane/pktio/addr.h"

static void append(struct pktio_port *port, const uint8_t addr[static 16])
{
	uint8_t n = port->locals_count;
	struct pktio_local *local = &port->locals[n];

	memcpy(local->addr, addr, 16);
	local->udp_port_be16 = port->locals[0].udp_port_be16;
	local->is_v4 = pktio_addr_is_v4(addr);
	local->prefix_len = local->is_v4 ? 32 : 128;
	__atomic_store_n(&port->locals_count, (uint8_t)(n + 1), __ATOMIC_RELEASE);
}

// From index from on; the count when not found.
static uint8_t find(const struct pktio_port *port, uint8_t from, const uint8_t addr[static 16],
		    uint8_t *count)
{
	*count = __atomic_load_n(&port->locals_count, __ATOMIC_ACQUIRE);
	for (uint8_t i = from; i < *count; i++) {
		if (pktio_addr_equal(port->locals[i].addr, addr))
			return i;
	}
	return *count;
}

static uint8_t intern(struct pktio_port *port, struct udp_locals_lock *lock,
		      const uint8_t addr[static 16])
{
	uint8_t count, i = find(port, 0, addr, &count);

	if (i < count || count == PKTIO_LOCALS_MAX)
		return i < count ? i : 0;
	rte_spinlock_lock(&lock->spin);
	i = find(port, 0, addr, &count);
	if (i == count && count < PKTIO_LOCALS_MAX)
		append(port, addr);
	else if (i == count)
		i = 0;
	rte_spinlock_unlock(&lock->spin);
	return i;
}

static bool address_of(const struct sockaddr *sa, bool v4, uint8_t addr[static 16])
{
	if (!sa || sa->sa_family != (v4 ? AF_INET : AF_INET6))
		return false;
	if (v4)
		pktio_addr_from_v4(addr, &((const struct sockaddr_in *)(const void *)sa)->sin_addr);
	else
		memcpy(addr, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	return true;
}

void udp_locals_init(struct pktio_port *port, const uint8_t bound[static 16], uint16_t port_be16)
{
	struct udp_locals_lock lock = {RTE_SPINLOCK_INITIALIZER};
	struct ifaddrs *all;
	uint8_t addr[16];

	port->locals_count = 0;
	port->locals[0].udp_port_be16 = port_be16;
	append(port, bound);
	if (!pktio_addr_is_any(bound) || getifaddrs(&all))
		return;
	for (struct ifaddrs *a = all; a; a = a->ifa_next) {
		if (address_of(a->ifa_addr, port->locals[0].is_v4, addr))
			(void)intern(port, &lock, addr);
	}
	freeifaddrs(all);
}

bool udp_local_from_control(struct pktio_port *port, struct udp_locals_lock *lock,
			    const struct cmsghdr *c, uint8_t *local)
{
	uint8_t addr[16];

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		// They differ when the destination is not an address of ours: broadcast or
		// multicast.
		if (info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr)
			return false;
		pktio_addr_from_v4(addr, &info.ipi_addr);
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		if (info.ipi6_addr.s6_addr[0] == 0xff)
			return false;
		memcpy(addr, &info.ipi6_addr, 16);
	} else {
		return true;
	}
	*local = intern(port, lock, addr);
	return true;
}

static size_t put(uint8_t *control, int level, int type, const void *info, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)control;

	*c = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(len)};
	memcpy(CMSG_DATA(c), info, len);
	return CMSG_SPACE(len);
}

size_t udp_local_to_control(const struct pktio_port *port, const struct dp_peer *peer,
			    uint8_t *control)
{
	// The index may come from control's disk and an earlier configuration.
	if (peer->local == 0 ||
	    peer->local >= __atomic_load_n(&port->locals_count, __ATOMIC_ACQUIRE))
		return 0;
	const struct pktio_local *local = &port->locals[peer->local];
	if (local->is_v4 != pktio_addr_is_v4(peer->addr))
		return 0;
	if (local->is_v4) {
		struct in_pktinfo info = {0};
		memcpy(&info.ipi_spec_dst, local->addr + PKTIO_ADDR_V4_AT, 4);
		return put(control, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
	struct in6_pktinfo info = {.ipi6_ifindex = peer->scope_id};
	memcpy(&info.ipi6_addr, local->addr, 16);
	return put(control, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}
