// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/stages/stages.h"
#include "tests/unit/dataplane/stages/packet/ether_rig.h"
#include "tests/unit/dataplane/stages/packet/frames.h"

#define DROP(name)               offsetof(struct dp_counters, drop_##name)
#define EXPECT_DROP(frame, name) ether_rig_expect_drop(frame, sizeof(frame), DROP(name))
#define COPY(name, from)            \
	uint8_t name[sizeof(from)]; \
	memcpy(name, from, sizeof(from))

static void expect_datagram(const uint8_t *frame, size_t len, const uint8_t src[static 16],
			    uint8_t local)
{
	static const uint8_t coap[] = {0x40, 0x00, 0x12, 0x34};
	struct rte_mbuf *m = ether_rig_receive(frame, len);

	assert_non_null(m);
	assert_int_equal(m->pkt_len, sizeof(coap));
	assert_int_equal(m->data_len, sizeof(coap));
	assert_memory_equal(rte_pktmbuf_mtod(m, uint8_t *), coap, sizeof(coap));
	const struct dp_peer *peer = &dp_pkt(m)->peer;
	assert_memory_equal(peer->addr, src, 16);
	assert_int_equal(peer->udp_port_be16, htons(40000));
	assert_int_equal(peer->local, local);
	assert_int_equal(peer->port, 0);
	assert_int_equal(peer->worker, 0);
	assert_int_equal(peer->scope_id, 0);
	assert_memory_equal(peer->mac, ((const uint8_t[]){2, 0, 0, 0, 0, 2}), 6);
	assert_int_equal(ether_rig_drops(), 0);
	rte_pktmbuf_free(m);
}

static const uint8_t peer4[16] = {[10] = 0xff, 0xff, 198, 18, 0, 9};
static const uint8_t peer6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};

static void a_datagram_over_ipv4_comes_out_with_its_peer(void **state)
{
	expect_datagram(frame_udp4, sizeof(frame_udp4), peer4, 0);
}

static void a_datagram_over_ipv6_comes_out_with_its_peer(void **state)
{
	expect_datagram(frame_udp6, sizeof(frame_udp6), peer6, 1);
}

static void ipv4_options_are_skipped(void **state)
{
	expect_datagram(frame_udp4_options, sizeof(frame_udp4_options), peer4, 0);
}

static void hop_by_hop_and_destination_options_are_skipped(void **state)
{
	expect_datagram(frame_udp6_extensions, sizeof(frame_udp6_extensions), peer6, 1);
}

static void ethernet_padding_is_trimmed(void **state)
{
	uint8_t padded[128];

	memset(padded, 0xa5, sizeof(padded));
	memcpy(padded, frame_udp4, sizeof(frame_udp4));
	expect_datagram(padded, 60, peer4, 0);
	memcpy(padded, frame_udp6, sizeof(frame_udp6));
	expect_datagram(padded, sizeof(padded), peer6, 1);
}

static void a_zero_checksum_is_taken_over_ipv4_and_not_over_ipv6(void **state)
{
	COPY(v4, frame_udp4);
	COPY(v6, frame_udp6);

	v4[40] = v4[41] = 0;
	v6[60] = v6[61] = 0;
	expect_datagram(v4, sizeof(v4), peer4, 0);
	EXPECT_DROP(v6, udp_checksum);
}

static void every_single_bit_error_in_the_datagram_is_noticed(void **state)
{
	for (size_t bit = 14 * 8; bit < sizeof(frame_udp4) * 8; bit++) {
		COPY(frame, frame_udp4);
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_null(ether_rig_receive(frame, sizeof(frame)));
	}
	assert_int_equal(ether_rig_drops(), (sizeof(frame_udp4) - 14) * 8);
}

static void a_frame_cut_at_any_length_is_dropped_once(void **state)
{
	for (size_t len = 0; len < sizeof(frame_udp4); len++)
		ether_rig_expect_drop(frame_udp4, len, DROP(frame_short));
	for (size_t len = 0; len < sizeof(frame_udp6_extensions); len++)
		ether_rig_expect_drop(frame_udp6_extensions, len, DROP(frame_short));
	for (size_t len = 0; len < sizeof(frame_arp_request); len++)
		ether_rig_expect_drop(frame_arp_request, len, DROP(frame_short));
	for (size_t len = 0; len < sizeof(frame_solicit); len++)
		ether_rig_expect_drop(frame_solicit, len, DROP(frame_short));
}

static void a_udp_length_beyond_the_packet_or_below_its_header_is_dropped(void **state)
{
	COPY(frame, frame_udp4);

	frame[39] = 13; // there are 12
	frame_fix_udp(frame);
	EXPECT_DROP(frame, frame_short);
	frame[39] = 7;
	EXPECT_DROP(frame, frame_short);
}

static void an_ip_header_that_is_wrong_is_dropped(void **state)
{
	COPY(version, frame_udp4);
	COPY(ihl, frame_udp4);
	COPY(total, frame_udp4);
	COPY(checksum, frame_udp4);
	COPY(v6, frame_udp6);

	version[14] = 0x65;
	frame_fix_ip4(version);
	EXPECT_DROP(version, ip_header);
	ihl[14] = 0x44;
	frame_fix_ip4(ihl);
	EXPECT_DROP(ihl, ip_header);
	total[17] = 19;
	frame_fix_ip4(total);
	EXPECT_DROP(total, ip_header);
	checksum[25] ^= 1;
	EXPECT_DROP(checksum, ip_header);
	v6[14] = 0x45;
	EXPECT_DROP(v6, ip_header);
}

static void fragments_are_dropped(void **state)
{
	COPY(offset, frame_udp4);

	EXPECT_DROP(frame_udp4_fragment, ip_fragment);
	EXPECT_DROP(frame_udp6_fragment, ip_fragment);
	offset[21] = 1;
	frame_fix_ip4(offset);
	EXPECT_DROP(offset, ip_fragment);
}

static void extension_headers_we_do_not_know_are_dropped(void **state)
{
	COPY(second, frame_udp6_extensions);
	COPY(option, frame_udp6_extensions);
	uint8_t chain[54 + 6 * 8] = {0};

	EXPECT_DROP(frame_udp6_routing, ip_options);
	second[54] = 0; // hop-by-hop after hop-by-hop
	EXPECT_DROP(second, ip_options);
	option[56] = 0xc2; // jumbo payload
	EXPECT_DROP(option, ip_options);
	memcpy(chain, frame_udp6, 54);
	chain[19] = 6 * 8;
	chain[20] = 60;
	for (int i = 0; i < 6; i++) {
		chain[54 + i * 8] = 60;
		chain[54 + i * 8 + 2] = 1; // PadN of four
		chain[54 + i * 8 + 3] = 4;
	}
	EXPECT_DROP(chain, ip_options);
}

static void frames_of_other_kinds_are_dropped(void **state)
{
	uint8_t tagged[sizeof(frame_udp4) + 4];
	COPY(lldp, frame_udp4);
	COPY(arp, frame_arp_request);

	memcpy(tagged, frame_udp4, 12);
	memcpy(tagged + 12, ((const uint8_t[]){0x81, 0x00, 0x00, 0x05}), 4);
	memcpy(tagged + 16, frame_udp4 + 12, sizeof(frame_udp4) - 12);
	EXPECT_DROP(tagged, vlan);
	lldp[12] = 0x88;
	lldp[13] = 0xcc;
	EXPECT_DROP(lldp, ethertype);
	arp[19] = 8; // address length
	EXPECT_DROP(arp, ethertype);
	EXPECT_DROP(frame_tcp4, not_udp);
	EXPECT_DROP(frame_router_solicit, not_udp);
	EXPECT_DROP(frame_mld, not_udp);
}

static void what_is_for_others_is_dropped(void **state)
{
	COPY(mac, frame_udp4);
	COPY(port, frame_udp4);
	COPY(addr, frame_udp4);
	COPY(group, frame_udp4);
	COPY(group6, frame_udp6);
	COPY(arp, frame_arp_request);
	COPY(solicit, frame_solicit);

	mac[5] = 9;
	EXPECT_DROP(mac, not_ours);
	port[37]++;
	frame_fix_udp(port);
	EXPECT_DROP(port, not_ours);
	addr[33]++;
	frame_fix_ip4(addr);
	EXPECT_DROP(addr, not_ours);
	// All CoAP nodes (RFC 7252 §12.8): multicast is not served.
	memcpy(group + 30, ((const uint8_t[]){224, 0, 1, 187}), 4);
	frame_fix_ip4(group);
	EXPECT_DROP(group, not_ours);
	memset(group6 + 38, 0, 16);
	group6[38] = 0xff;
	group6[39] = 0x02;
	group6[53] = 0xfd;
	EXPECT_DROP(group6, not_ours);
	arp[41]++;
	EXPECT_DROP(arp, not_ours);
	solicit[77]++;
	solicit[57]--; // the checksum follows
	EXPECT_DROP(solicit, not_ours);
}

static void a_source_that_cannot_be_answered_is_dropped(void **state)
{
	static const uint8_t bad4[][4] = {{0, 0, 0, 0},   {127, 0, 0, 1},       {224, 0, 0, 1},
					  {240, 0, 0, 1}, {255, 255, 255, 255}, {198, 18, 0, 255},
					  {198, 18, 0, 1}};
	static const uint8_t bad6[][16] = {{0},
					   {[15] = 1},
					   {0xff, 0x02, [15] = 1},
					   {[10] = 0xff, 0xff, 198, 18, 0, 9},
					   {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	COPY(port, frame_udp4);
	COPY(mac, frame_udp4);

	for (size_t i = 0; i < RTE_DIM(bad4); i++) {
		COPY(frame, frame_udp4);
		memcpy(frame + 26, bad4[i], 4);
		frame_fix_ip4(frame);
		frame_fix_udp(frame);
		EXPECT_DROP(frame, bad_source);
	}
	for (size_t i = 0; i < RTE_DIM(bad6); i++) {
		COPY(frame, frame_udp6);
		memcpy(frame + 22, bad6[i], 16);
		frame_fix_udp(frame);
		EXPECT_DROP(frame, bad_source);
	}
	port[34] = port[35] = 0;
	frame_fix_udp(port);
	EXPECT_DROP(port, bad_source);
	mac[6] = 0xff;
	EXPECT_DROP(mac, bad_source);
}

static void an_ipv6_packet_to_a_mapped_address_is_not_taken_for_ipv4(void **state)
{
	COPY(frame, frame_udp6);

	memcpy(frame + 38, ((const uint8_t[16]){[10] = 0xff, 0xff, 198, 18, 0, 1}), 16);
	frame_fix_udp(frame);
	EXPECT_DROP(frame, not_ours);
}

static void the_device_s_word_on_checksums_is_taken_when_it_is_good(void **state)
{
	COPY(frame, frame_udp4);
	struct rte_mbuf *m;

	rig.port.rx_checksum_ok = true;
	frame[25] ^= 1;
	frame[41] ^= 1;
	assert_int_equal(pktio_mem_inject(&rig.port, 0, frame, sizeof(frame), NULL), 0);
	assert_int_equal(rig.port.ops->rx(&rig.port, 0, &m, 1, &rig.w->counters), 1);
	m->ol_flags = RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	assert_int_equal(stage_ether_in(rig.w, &rig.port, &m, 1), 1);
	rte_pktmbuf_free(m);
	// No word: computed.
	EXPECT_DROP(frame, ip_header);
	frame[25] ^= 1;
	EXPECT_DROP(frame, udp_checksum);
}

static void a_frame_in_several_segments_is_joined_or_dropped(void **state)
{
	struct rte_mbuf *head = rte_pktmbuf_alloc(rig.pool);
	struct rte_mbuf *tail = rte_pktmbuf_alloc(rig.pool);
	struct rte_mbuf *big = rte_pktmbuf_alloc(rig.pool);
	struct rte_mbuf *bigger = rte_pktmbuf_alloc(rig.pool);

	memcpy(rte_pktmbuf_append(head, 20), frame_udp4, 20);
	memcpy(rte_pktmbuf_append(tail, sizeof(frame_udp4) - 20), frame_udp4 + 20,
	       sizeof(frame_udp4) - 20);
	assert_int_equal(rte_pktmbuf_chain(head, tail), 0);
	assert_int_equal(stage_ether_in(rig.w, &rig.port, &head, 1), 1);
	assert_int_equal(head->pkt_len, 4);
	rte_pktmbuf_free(head);
	assert_non_null(rte_pktmbuf_append(big, 2000));
	assert_non_null(rte_pktmbuf_append(bigger, 2000));
	assert_int_equal(rte_pktmbuf_chain(big, bigger), 0);
	assert_int_equal(stage_ether_in(rig.w, &rig.port, &big, 1), 0);
	assert_int_equal(rig.w->counters.drop_too_large, 1);
}

static void a_burst_keeps_its_order_and_closes_its_gaps(void **state)
{
	struct rte_mbuf *pkts[DP_BURST];

	for (uint8_t i = 0; i < DP_BURST; i++) {
		COPY(frame, frame_udp4);
		frame[45] = i;
		if (i % 3 == 0)
			frame[5] = 9; // for others
		frame_fix_udp(frame);
		assert_int_equal(pktio_mem_inject(&rig.port, 0, frame, sizeof(frame), NULL), 0);
	}
	assert_int_equal(rig.port.ops->rx(&rig.port, 0, pkts, DP_BURST, &rig.w->counters),
			 DP_BURST);
	uint16_t n = stage_ether_in(rig.w, &rig.port, pkts, DP_BURST);
	assert_int_equal(n, 42);
	for (uint16_t i = 0; i < n; i++)
		assert_int_equal(rte_pktmbuf_mtod(pkts[i], uint8_t *)[3], i / 2 * 3 + 1 + i % 2);
	rte_pktmbuf_free_bulk(pkts, n);
	assert_int_equal(rig.w->counters.drop_not_ours, 22);
}

static uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

static void ten_thousand_mutated_frames_are_each_answered_taken_or_counted(void **state)
{
	static const struct {
		const uint8_t *frame;
		size_t len;
	} seeds[] = {
#define SEED(f) {f, sizeof(f)}
		SEED(frame_udp4),
		SEED(frame_udp4_options),
		SEED(frame_udp4_fragment),
		SEED(frame_udp6),
		SEED(frame_udp6_fragment),
		SEED(frame_udp6_routing),
		SEED(frame_udp6_extensions),
		SEED(frame_arp_request),
		SEED(frame_arp_reply),
		SEED(frame_echo4),
		SEED(frame_echo6),
		SEED(frame_solicit),
		SEED(frame_solicit_dad),
		SEED(frame_advert),
		SEED(frame_router_solicit),
		SEED(frame_mld),
		SEED(frame_tcp4),
#undef SEED
	};
	uint32_t x = 20260101;
	uint64_t taken = 0, sent = 0, learnt = 0;

	for (int i = 0; i < 10000; i++) {
		uint8_t frame[256] = {0};
		size_t pick = next_random(&x) % RTE_DIM(seeds);
		memcpy(frame, seeds[pick].frame, seeds[pick].len);
		for (uint32_t k = next_random(&x) % 4; k > 0; k--)
			frame[next_random(&x) % seeds[pick].len] = (uint8_t)next_random(&x);
		size_t len = next_random(&x) % 4 ? seeds[pick].len : next_random(&x) % 200;
		// Half of them with sums that hold, to get further in.
		if (next_random(&x) % 2 && seeds[pick].frame == frame_udp4 && frame[14] == 0x45)
			frame_fix_ip4(frame);
		uint64_t before = ether_rig_drops();
		struct rte_mbuf *m = ether_rig_receive(frame, len), *out;
		uint64_t dropped = ether_rig_drops() - before, answers = 0;
		while ((out = pktio_mem_take(&rig.port, 0))) {
			rte_pktmbuf_free(out);
			answers++;
		}
		assert_true(dropped + answers + (m != NULL) <= 1);
		learnt += dropped + answers + (m != NULL) == 0;
		taken += m != NULL;
		sent += answers;
		rte_pktmbuf_free(m);
	}
	assert_true(taken > 500 && sent > 500 && learnt > 100);
	assert_int_equal(taken + sent + learnt + ether_rig_drops(), 10000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, ether_rig_set_up, ether_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_over_ipv4_comes_out_with_its_peer),
		TEST(a_datagram_over_ipv6_comes_out_with_its_peer),
		TEST(ipv4_options_are_skipped),
		TEST(hop_by_hop_and_destination_options_are_skipped),
		TEST(ethernet_padding_is_trimmed),
		TEST(a_zero_checksum_is_taken_over_ipv4_and_not_over_ipv6),
		TEST(every_single_bit_error_in_the_datagram_is_noticed),
		TEST(a_frame_cut_at_any_length_is_dropped_once),
		TEST(a_udp_length_beyond_the_packet_or_below_its_header_is_dropped),
		TEST(an_ip_header_that_is_wrong_is_dropped),
		TEST(fragments_are_dropped),
		TEST(extension_headers_we_do_not_know_are_dropped),
		TEST(frames_of_other_kinds_are_dropped),
		TEST(what_is_for_others_is_dropped),
		TEST(a_source_that_cannot_be_answered_is_dropped),
		TEST(an_ipv6_packet_to_a_mapped_address_is_not_taken_for_ipv4),
		TEST(the_device_s_word_on_checksums_is_taken_when_it_is_good),
		TEST(a_frame_in_several_segments_is_joined_or_dropped),
		TEST(a_burst_keeps_its_order_and_closes_its_gaps),
		TEST(ten_thousand_mutated_frames_are_each_answered_taken_or_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
