// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/dataplane/stages/packet/ether_rig.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pktio/addr.h"
#include "dataplane/stages/stages.h"
#include "tests/unit/support/eal.h"

struct ether_rig rig;

static void add_local(const char *text, uint8_t prefix_len)
{
	struct pktio_local *local = &rig.port.locals[rig.port.locals_count++];
	struct in_addr v4;

	local->is_v4 = inet_pton(AF_INET, text, &v4) == 1;
	if (local->is_v4)
		pktio_addr_from_v4(local->addr, &v4);
	else
		assert_int_equal(inet_pton(AF_INET6, text, local->addr), 1);
	local->prefix_len = prefix_len;
	local->udp_port_be16 = htons(5683);
}

int ether_rig_set_up(void **state)
{
	static const uint8_t mac[6] = {0x02, [5] = 0x01};

	support_eal_init();
	memset(&rig, 0, sizeof(rig));
	rig.pool = support_mbuf_pool("ether", 2047);
	rig.w = aligned_alloc(64, sizeof(*rig.w));
	assert_non_null(rig.w);
	memset(rig.w, 0, sizeof(*rig.w));
	assert_int_equal(pktio_mem_open(&rig.port, PKTIO_FRAMES, 1, &rig.pool), 0);
	memcpy(rig.port.mac, mac, 6);
	add_local("198.18.0.1", 24);
	add_local("2001:db8::1", 64);
	add_local("fe80::ff:fe00:1", 64);
	rig.w->workers = 1;
	rig.w->siblings[0] = rig.w;
	rig.w->ports[0] = &rig.port;
	rig.w->ports_count = 1;
	rig.w->pool = rig.pool;
	rig.w->now_us = 5000000;
	return 0;
}

int ether_rig_tear_down(void **state)
{
	rig.port.ops->close(&rig.port);
	int leaked = (int)rte_mempool_in_use_count(rig.pool);
	rte_mempool_free(rig.pool);
	free(rig.w);
	return leaked;
}

struct rte_mbuf *ether_rig_receive(const uint8_t *frame, size_t len)
{
	struct rte_mbuf *m = NULL;

	assert_int_equal(pktio_mem_inject(&rig.port, 0, frame, len, NULL), 0);
	assert_int_equal(rig.port.ops->rx(&rig.port, 0, &m, 1, &rig.w->counters), 1);
	return stage_ether_in(rig.w, &rig.port, &m, 1) ? m : NULL;
}

uint64_t ether_rig_drops(void)
{
	uint64_t sum = 0;
#define X(name, help) sum += rig.w->counters.drop_##name;
	DP_DROPS(X)
#undef X
	return sum;
}

void ether_rig_expect_drop(const uint8_t *frame, size_t len, size_t counter)
{
	memset(&rig.w->counters, 0, sizeof(rig.w->counters));
	assert_null(ether_rig_receive(frame, len));
	assert_int_equal(ether_rig_drops(), 1);
	assert_int_equal(
		*(const uint64_t *)(const void *)((const uint8_t *)&rig.w->counters + counter), 1);
	assert_null(pktio_mem_take(&rig.port, 0));
}

static uint32_t add_words(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t frame_ip4_sum(const uint8_t *frame)
{
	return fold(add_words(0, frame + 14, 20));
}

uint16_t frame_l4_sum(const uint8_t *frame)
{
	bool v4 = frame[12] == 0x08;
	const uint8_t *ip = frame + 14;
	const uint8_t *l4 = ip + (v4 ? 20 : 40);
	uint8_t protocol = v4 ? ip[9] : ip[6];
	size_t len = v4 ? (size_t)(ip[2] << 8 | ip[3]) - 20 : (size_t)(ip[4] << 8 | ip[5]);
	uint32_t sum = 0;

	if (protocol != 1) {
		sum = v4 ? add_words(0, ip + 12, 8) : add_words(0, ip + 8, 32);
		sum += protocol + (uint32_t)len;
	}
	return fold(add_words(sum, l4, len));
}

void frame_fix_ip4(uint8_t *frame)
{
	frame[24] = frame[25] = 0;
	uint16_t sum = (uint16_t)~frame_ip4_sum(frame);
	frame[24] = (uint8_t)(sum >> 8);
	frame[25] = (uint8_t)sum;
}

void frame_fix_udp(uint8_t *frame)
{
	uint8_t *at = frame + (frame[12] == 0x08 ? 40 : 60);

	at[0] = at[1] = 0;
	uint16_t sum = (uint16_t)~frame_l4_sum(frame);
	at[0] = (uint8_t)(sum >> 8);
	at[1] = (uint8_t)sum;
}
