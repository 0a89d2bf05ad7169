// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What leaves: replies and the gateway's own datagrams with their headers, and the answers and
// questions of ARP, neighbour discovery and echo.
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"
#include "dataplane/tx.h"
#include "tests/unit/dataplane/stages/packet/ether_rig.h"
#include "tests/unit/dataplane/stages/packet/frames.h"

#define COPY(name, from)            \
	uint8_t name[sizeof(from)]; \
	memcpy(name, from, sizeof(from))

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t peer4[16] = {[10] = 0xff, 0xff, 198, 18, 0, 9};
static const uint8_t peer6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 9};

// The one frame that was sent, copied; its length is returned.
static size_t sent_frame(uint8_t frame[static 256])
{
	struct rte_mbuf *m = pktio_mem_take(&rig.port, 0);

	assert_non_null(m);
	assert_null(pktio_mem_take(&rig.port, 0));
	size_t len = m->pkt_len;
	assert_true(len >= 60 && len <= 256);
	memcpy(frame, rte_pktmbuf_mtod(m, uint8_t *), len);
	rte_pktmbuf_free(m);
	assert_memory_equal(frame + 6, our_mac, 6);
	return len;
}

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t x = a[i];
		a[i] = b[i];
		b[i] = x;
	}
}

// A frame of ours as it would be if the peer had sent it.
static void turn_round(uint8_t *frame)
{
	swap(frame, frame + 6, 6);
	if (frame[12] == 0x08) {
		swap(frame + 26, frame + 30, 4);
		swap(frame + 34, frame + 36, 2);
	} else {
		swap(frame + 22, frame + 38, 16);
		swap(frame + 54, frame + 56, 2);
	}
}

static void round_trip(const uint8_t *in, size_t len)
{
	struct rte_mbuf *m = ether_rig_receive(in, len);
	uint8_t out[256];

	assert_non_null(m);
	dp_tx(rig.w, m);
	assert_null(pktio_mem_take(&rig.port, 0));
	dp_tx_flush(rig.w);
	assert_int_equal(rig.w->counters.tx_datagrams, 1);
	assert_int_equal(rig.w->counters.tx_bytes, 4);
	size_t out_len = sent_frame(out);
	assert_memory_equal(out, peer_mac, 6);
	assert_int_equal(frame_l4_sum(out), 0xffff);
	if (out[12] == 0x08)
		assert_int_equal(frame_ip4_sum(out), 0xffff);
	turn_round(out);
	m = ether_rig_receive(out, out_len);
	assert_non_null(m);
	assert_int_equal(m->pkt_len, 4);
	assert_memory_equal(rte_pktmbuf_mtod(m, uint8_t *), ((uint8_t[]){0x40, 0, 0x12, 0x34}), 4);
	assert_int_equal(ether_rig_drops(), 0);
	rte_pktmbuf_free(m);
}

static void a_reply_goes_back_where_the_datagram_came_from_over_ipv4(void **state)
{
	round_trip(frame_udp4, sizeof(frame_udp4));
}

static void a_reply_goes_back_where_the_datagram_came_from_over_ipv6(void **state)
{
	round_trip(frame_udp6, sizeof(frame_udp6));
}

static void padding_of_a_short_frame_is_zero(void **state)
{
	uint8_t stained[128], out[256];

	memset(stained, 0xa5, sizeof(stained));
	memcpy(stained, frame_udp4, sizeof(frame_udp4));
	dp_tx(rig.w, ether_rig_receive(stained, sizeof(stained)));
	dp_tx_flush(rig.w);
	assert_int_equal(sent_frame(out), 60);
	for (size_t i = sizeof(frame_udp4); i < 60; i++)
		assert_int_equal(out[i], 0);
}

static void a_checksum_that_comes_to_zero_is_sent_as_ones(void **state)
{
	uint8_t out[256];
	struct rte_mbuf *m = ether_rig_receive(frame_udp6, sizeof(frame_udp6));

	// What the checksum would be, as payload, makes it zero.
	memset(rte_pktmbuf_mtod(m, uint8_t *), 0, 4);
	dp_tx(rig.w, m);
	dp_tx_flush(rig.w);
	(void)sent_frame(out);
	m = ether_rig_receive(frame_udp6, sizeof(frame_udp6));
	memset(rte_pktmbuf_mtod(m, uint8_t *), 0, 4);
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), out + 60, 2);
	dp_tx(rig.w, m);
	dp_tx_flush(rig.w);
	(void)sent_frame(out);
	assert_int_equal(out[60] << 8 | out[61], 0xffff);
	assert_int_equal(frame_l4_sum(out), 0xffff);
}

static void a_device_that_sums_gets_the_pseudo_header_and_the_flags(void **state)
{
	struct rte_mbuf *m = ether_rig_receive(frame_udp4, sizeof(frame_udp4));

	rig.port.tx_checksum = true;
	dp_tx(rig.w, m);
	dp_tx_flush(rig.w);
	m = pktio_mem_take(&rig.port, 0);
	assert_non_null(m);
	assert_int_equal(m->ol_flags, RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_IPV4);
	assert_int_equal(m->l2_len, 14);
	assert_int_equal(m->l3_len, 20);
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);
	assert_int_equal(frame_ip4_sum(frame), 0xffff);
	// The device's part: sum over header and payload, pseudo-header sum in the field.
	uint32_t sum = 0;
	for (size_t i = 34; i < 46; i += 2)
		sum += (uint32_t)(frame[i] << 8 | frame[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	frame[40] = (uint8_t)(~sum >> 8);
	frame[41] = (uint8_t)~sum;
	assert_int_equal(frame_l4_sum(frame), 0xffff);
	rte_pktmbuf_free(m);
}

static struct rte_mbuf *own_datagram(const uint8_t addr[static 16], uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);

	assert_non_null(m);
	memset(rte_pktmbuf_append(m, len), 0x40, len);
	dp_pkt(m)->peer = (struct dp_peer){.udp_port_be16 = htons(40000)};
	memcpy(dp_pkt(m)->peer.addr, addr, 16);
	return m;
}

static void send_own(const uint8_t addr[static 16])
{
	dp_tx(rig.w, own_datagram(addr, 4));
	dp_tx_flush(rig.w);
}

static void an_unknown_neighbour_is_asked_for_over_arp_and_then_known(void **state)
{
	uint8_t out[256];

	send_own(peer4);
	assert_int_equal(rig.w->counters.drop_no_neighbour, 1);
	assert_int_equal(rig.w->counters.tx_datagrams, 0);
	(void)sent_frame(out);
	static const uint8_t who_has[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0,  0, 0, 0,
					  1,    0x08, 0x06, 0,    1,    0x08, 0,   6,  4, 0, 1,
					  2,    0,    0,    0,    0,    1,    198, 18, 0, 1, 0,
					  0,    0,    0,    0,    0,    198,  18,  0,  9};
	assert_memory_equal(out, who_has, sizeof(who_has));
	assert_null(ether_rig_receive(frame_arp_reply, sizeof(frame_arp_reply)));
	send_own(peer4);
	(void)sent_frame(out);
	assert_memory_equal(out, peer_mac, 6);
	assert_int_equal(ether_rig_drops(), 1);
	assert_int_equal(rig.w->counters.tx_datagrams, 1);
}

static void an_unknown_neighbour_is_solicited_over_ipv6_and_then_known(void **state)
{
	static const uint8_t group[] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 9};
	uint8_t out[256];

	send_own(peer6);
	assert_int_equal(sent_frame(out), 86);
	assert_memory_equal(out, ((uint8_t[]){0x33, 0x33, 0xff, 0, 0, 9}), 6);
	assert_int_equal(out[21], 255);
	assert_memory_equal(out + 38, group, 16);
	assert_int_equal(out[54], 135);
	assert_memory_equal(out + 62, peer6, 16);
	assert_memory_equal(out + 78, ((uint8_t[]){1, 1, 2, 0, 0, 0, 0, 1}), 8);
	assert_int_equal(frame_l4_sum(out), 0xffff);
	assert_null(ether_rig_receive(frame_advert, sizeof(frame_advert)));
	send_own(peer6);
	(void)sent_frame(out);
	assert_memory_equal(out, peer_mac, 6);
	assert_int_equal(ether_rig_drops(), 1);
}

static void a_neighbour_is_asked_for_once_per_second(void **state)
{
	uint8_t out[256];

	send_own(peer4);
	(void)sent_frame(out);
	rig.w->now_us += 999999;
	send_own(peer4);
	assert_null(pktio_mem_take(&rig.port, 0));
	rig.w->now_us += 1;
	send_own(peer4);
	(void)sent_frame(out);
	assert_int_equal(rig.w->counters.drop_no_neighbour, 3);
}

static void nobody_is_asked_for_an_address_beyond_the_link(void **state)
{
	send_own((const uint8_t[16]){[10] = 0xff, 0xff, 203, 0, 113, 1});
	assert_int_equal(rig.w->counters.drop_no_neighbour, 1);
	assert_null(pktio_mem_take(&rig.port, 0));
}

static void an_answer_that_reached_another_worker_is_found(void **state)
{
	struct dp_worker *other = aligned_alloc(64, sizeof(*other));
	uint8_t out[256];

	assert_non_null(other);
	memset(other, 0, sizeof(*other));
	rig.w->siblings[1] = other;
	rig.w->workers = 2;
	dp_neighbour_learn(&other->neighbours, 0, peer4, peer_mac);
	send_own(peer4);
	(void)sent_frame(out);
	assert_memory_equal(out, peer_mac, 6);
	free(other);
}

static void an_index_of_an_address_we_no_longer_have_is_replaced(void **state)
{
	static const uint8_t indices[] = {1, 2, 63, 255};
	uint8_t out[256];

	for (size_t i = 0; i < RTE_DIM(indices); i++) {
		struct rte_mbuf *m = own_datagram(peer4, 4);
		memcpy(dp_pkt(m)->peer.mac, peer_mac, 6);
		dp_pkt(m)->peer.local = indices[i];
		dp_tx(rig.w, m);
		dp_tx_flush(rig.w);
		(void)sent_frame(out);
		assert_memory_equal(out + 26, ((uint8_t[]){198, 18, 0, 1}), 4);
	}
	rig.port.locals_count = 1;
	struct rte_mbuf *m = own_datagram(peer6, 4);
	memcpy(dp_pkt(m)->peer.mac, peer_mac, 6);
	dp_tx(rig.w, m);
	dp_tx_flush(rig.w);
	assert_int_equal(rig.w->counters.drop_no_neighbour, 1);
}

static void a_datagram_beyond_the_mtu_is_dropped(void **state)
{
	dp_tx(rig.w, own_datagram(peer4, 1473));
	dp_tx(rig.w, own_datagram(peer6, 1453));
	dp_tx_flush(rig.w);
	assert_int_equal(rig.w->counters.drop_too_large, 2);
}

static void a_peer_on_a_port_that_is_gone_is_dropped(void **state)
{
	struct rte_mbuf *m = own_datagram(peer4, 4);

	dp_pkt(m)->peer.port = 1;
	dp_tx(rig.w, m);
	assert_int_equal(rig.w->counters.drop_tx_full, 1);
}

static void send_more_than_the_port_holds(void)
{
	for (int i = 0; i < 1100; i++) {
		struct rte_mbuf *m = own_datagram(peer4, 4);

		memcpy(dp_pkt(m)->peer.mac, peer_mac, 6);
		dp_tx(rig.w, m);
	}
}

static void a_full_port_is_tried_again_with_one_burst(void **state)
{
	struct rte_mbuf *m;
	uint64_t sent = 0;

	send_more_than_the_port_holds();
	assert_int_equal(dp_tx_flush(rig.w), DP_BURST);
	assert_false(dp_tx_room(rig.w, 0));
	while ((m = pktio_mem_take(&rig.port, 0))) {
		rte_pktmbuf_free(m);
		sent++;
	}
	assert_int_equal(rig.w->counters.tx_datagrams, sent);
	assert_int_equal(dp_tx_flush(rig.w), 0); // there is room now
	assert_true(dp_tx_room(rig.w, 0));
	assert_int_equal(rig.w->counters.tx_datagrams, sent + DP_BURST);
	assert_int_equal(rig.w->counters.drop_tx_full, 1100 - sent - DP_BURST);
}

static void a_port_that_stays_full_costs_the_rest_and_counts_it(void **state)
{
	struct rte_mbuf *m;
	uint64_t sent = 0;

	send_more_than_the_port_holds();
	for (unsigned ms = 0; ms <= 100; ms++) {
		assert_int_equal(dp_tx_flush(rig.w), DP_BURST);
		rig.w->now_us += 1000;
	}
	assert_int_equal(dp_tx_flush(rig.w), 0);
	while ((m = pktio_mem_take(&rig.port, 0))) {
		rte_pktmbuf_free(m);
		sent++;
	}
	assert_true(sent < 1100);
	assert_int_equal(rig.w->counters.tx_datagrams, sent);
	assert_int_equal(rig.w->counters.tx_bytes, sent * 4);
	assert_int_equal(rig.w->counters.drop_tx_full, 1100 - sent);
}

static void an_arp_request_is_answered_and_its_sender_learnt(void **state)
{
	uint8_t out[256], mac[6];

	assert_null(ether_rig_receive(frame_arp_request, sizeof(frame_arp_request)));
	(void)sent_frame(out);
	static const uint8_t is_at[] = {2,   0,  0, 0, 0, 2, 2, 0, 0, 0, 0,   1,  0x08, 0x06,
					0,   1,  8, 0, 6, 4, 0, 2, 2, 0, 0,   0,  0,    1,
					198, 18, 0, 1, 2, 0, 0, 0, 0, 2, 198, 18, 0,    9};
	assert_memory_equal(out, is_at, sizeof(is_at));
	assert_true(dp_neighbour_find(&rig.w->neighbours, 0, peer4, mac));
	assert_memory_equal(mac, peer_mac, 6);
	assert_int_equal(rig.w->counters.arp_answers, 1);
	assert_int_equal(ether_rig_drops(), 0);
}

static void an_arp_probe_is_answered_and_nothing_learnt(void **state)
{
	static const uint8_t any4[16] = {[10] = 0xff, 0xff};
	COPY(probe, frame_arp_request);
	uint8_t out[256], mac[6];

	memset(probe + 28, 0, 4);
	assert_null(ether_rig_receive(probe, sizeof(probe)));
	(void)sent_frame(out);
	assert_false(dp_neighbour_find(&rig.w->neighbours, 0, any4, mac));
}

static void an_arp_sender_with_our_own_address_is_not_believed(void **state)
{
	COPY(arp, frame_arp_request);

	arp[31] = 1;
	ether_rig_expect_drop(arp, sizeof(arp), offsetof(struct dp_counters, drop_bad_source));
}

static void a_neighbour_solicitation_is_answered_and_its_sender_learnt(void **state)
{
	uint8_t out[256], mac[6];

	assert_null(ether_rig_receive(frame_solicit, sizeof(frame_solicit)));
	assert_int_equal(sent_frame(out), 86);
	assert_memory_equal(out, peer_mac, 6);
	assert_memory_equal(out + 38, peer6, 16);
	assert_int_equal(out[21], 255);
	assert_int_equal(out[54], 136);
	assert_int_equal(out[58], 0x60);
	assert_memory_equal(out + 62, rig.port.locals[1].addr, 16);
	assert_memory_equal(out + 78, ((uint8_t[]){2, 1, 2, 0, 0, 0, 0, 1}), 8);
	assert_int_equal(frame_l4_sum(out), 0xffff);
	assert_true(dp_neighbour_find(&rig.w->neighbours, 0, peer6, mac));
}

static void duplicate_address_detection_is_answered_to_all_nodes(void **state)
{
	uint8_t out[256];

	assert_null(ether_rig_receive(frame_solicit_dad, sizeof(frame_solicit_dad)));
	(void)sent_frame(out);
	assert_memory_equal(out, ((uint8_t[]){0x33, 0x33, 0, 0, 0, 1}), 6);
	assert_memory_equal(out + 38, ((uint8_t[16]){0xff, 2, [15] = 1}), 16);
	assert_int_equal(out[58], 0x20);
	assert_int_equal(frame_l4_sum(out), 0xffff);
}

static void neighbour_discovery_from_beyond_the_link_is_not_believed(void **state)
{
	COPY(solicit, frame_solicit);
	COPY(advert, frame_advert);

	solicit[21] = 254;
	ether_rig_expect_drop(solicit, sizeof(solicit), offsetof(struct dp_counters, drop_not_udp));
	advert[21] = 64;
	ether_rig_expect_drop(advert, sizeof(advert), offsetof(struct dp_counters, drop_not_udp));
}

static void an_option_of_length_zero_ends_neighbour_discovery(void **state)
{
	COPY(solicit, frame_solicit);

	solicit[79] = 0;
	solicit[57]++; // the checksum follows
	ether_rig_expect_drop(solicit, sizeof(solicit), offsetof(struct dp_counters, drop_not_udp));
}

static void echo(const uint8_t *in, size_t len, size_t type_at, uint8_t type)
{
	uint8_t out[256];

	assert_null(ether_rig_receive(in, len));
	assert_int_equal(rig.w->counters.icmp_echoes, 1);
	(void)sent_frame(out);
	assert_memory_equal(out, peer_mac, 6);
	assert_int_equal(out[type_at], type);
	assert_int_equal(frame_l4_sum(out), 0xffff);
	assert_memory_equal(out + type_at + 4, in + type_at + 4, 15);
	assert_int_equal(ether_rig_drops(), 0);
}

static void an_echo_request_is_answered_over_ipv4(void **state)
{
	echo(frame_echo4, sizeof(frame_echo4), 34, 0);
}

static void an_echo_request_is_answered_over_ipv6(void **state)
{
	echo(frame_echo6, sizeof(frame_echo6), 54, 129);
}

static void a_damaged_echo_request_is_dropped(void **state)
{
	COPY(frame, frame_echo4);

	frame[sizeof(frame) - 1] ^= 1;
	ether_rig_expect_drop(frame, sizeof(frame), offsetof(struct dp_counters, drop_not_udp));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, ether_rig_set_up, ether_rig_tear_down)

// The request's own headers are turned round where they are whole (plain4.c), and made from the
// peer where they are not: here for the want of a UDP checksum, which IPv4 may leave out.
static void an_answer_is_the_same_whether_the_headers_were_kept_or_not(void **state)
{
	uint8_t kept[256], made[256];
	COPY(frame, frame_udp4);
	size_t len;

	struct rte_mbuf *m = ether_rig_receive(frame, sizeof(frame));
	assert_non_null(m);
	assert_true(dp_pkt(m)->headers_kept);
	dp_tx(rig.w, m);
	dp_tx_flush(rig.w);
	len = sent_frame(kept);
	memset(frame + 40, 0, 2);
	m = ether_rig_receive(frame, sizeof(frame));
	assert_non_null(m);
	assert_false(dp_pkt(m)->headers_kept);
	dp_tx(rig.w, m);
	dp_tx_flush(rig.w);
	assert_int_equal(sent_frame(made), len);
	assert_memory_equal(kept, made, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_the_same_whether_the_headers_were_kept_or_not),
		TEST(a_reply_goes_back_where_the_datagram_came_from_over_ipv4),
		TEST(a_reply_goes_back_where_the_datagram_came_from_over_ipv6),
		TEST(padding_of_a_short_frame_is_zero),
		TEST(a_checksum_that_comes_to_zero_is_sent_as_ones),
		TEST(a_device_that_sums_gets_the_pseudo_header_and_the_flags),
		TEST(an_unknown_neighbour_is_asked_for_over_arp_and_then_known),
		TEST(an_unknown_neighbour_is_solicited_over_ipv6_and_then_known),
		TEST(a_neighbour_is_asked_for_once_per_second),
		TEST(nobody_is_asked_for_an_address_beyond_the_link),
		TEST(an_answer_that_reached_another_worker_is_found),
		TEST(an_index_of_an_address_we_no_longer_have_is_replaced),
		TEST(a_datagram_beyond_the_mtu_is_dropped),
		TEST(a_peer_on_a_port_that_is_gone_is_dropped),
		TEST(a_full_port_is_tried_again_with_one_burst),
		TEST(a_port_that_stays_full_costs_the_rest_and_counts_it),
		TEST(an_arp_request_is_answered_and_its_sender_learnt),
		TEST(an_arp_probe_is_answered_and_nothing_learnt),
		TEST(an_arp_sender_with_our_own_address_is_not_believed),
		TEST(a_neighbour_solicitation_is_answered_and_its_sender_learnt),
		TEST(duplicate_address_detection_is_answered_to_all_nodes),
		TEST(neighbour_discovery_from_beyond_the_link_is_not_believed),
		TEST(an_option_of_length_zero_ends_neighbour_discovery),
		TEST(an_echo_request_is_answered_over_ipv4),
		TEST(an_echo_request_is_answered_over_ipv6),
		TEST(a_damaged_echo_request_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
