// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/swarm/load/arp.h"
#include "bench/swarm/load/frame.h"
#include "bench/swarm/load/request.h"
#include "bench/swarm/load/sum.h"

#define GATEWAY 0xc6120001 // 198.18.0.1

static const uint8_t own_mac[6] = {2, 1, 2, 3, 4, 5};
static const uint8_t gateway_mac[6] = {2, 9, 8, 7, 6, 5};

static struct scenario sc;
static struct frame_path path;
static uint8_t frame[FRAME_HEADERS + REQUEST_MAX + 32];
static size_t frame_len;

static int reset(void **state)
{
	scenario_init(&sc);
	sc.devices = 100000;
	frame_path_init(&path, &sc, GATEWAY, 5683, own_mac);
	frame_path_set_mac(&path, gateway_mac);
	return 0;
}

// The straightforward way: RFC 1071 over 16-bit words, big endian.
static uint16_t plain_checksum(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void assert_checksums(void)
{
	const uint8_t *ip = frame + 14, *udp = frame + 34;
	uint32_t udp_len = (uint32_t)(frame_len - 34), pseudo = 17 + udp_len;

	for (int i = 12; i < 20; i += 2)
		pseudo += (uint32_t)ip[i] << 8 | ip[i + 1];
	assert_int_equal(plain_checksum(0, ip, 20), 0);
	assert_int_equal(plain_checksum(pseudo, udp, udp_len), 0);
	assert_true(udp[6] != 0 || udp[7] != 0);
}

static void wrap(uint32_t device, const uint8_t *payload, size_t len, uint32_t sum)
{
	memcpy(frame + FRAME_HEADERS, payload, len);
	frame_len = FRAME_HEADERS + len;
	frame_write(&path, device, (uint16_t)len, sum, frame);
}

// What testpmd's 5tswap does, and an answer looks like.
static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = a[i];
		a[i] = b[i];
		b[i] = byte;
	}
}

static void turn_round(void)
{
	swap(frame, frame + 6, 6);
	swap(frame + 26, frame + 30, 4);
	swap(frame + 34, frame + 36, 2);
}

static void frames_of_any_payload_have_right_checksums(void **state)
{
	uint8_t payload[64];

	srand(1);
	for (unsigned round = 0; round < 20000; round++) {
		size_t len = (size_t)rand() % sizeof(payload);
		for (size_t i = 0; i < len; i++)
			payload[i] = (uint8_t)(rand() % 4 ? rand() : 0xff * (rand() % 2));
		wrap((uint32_t)rand() % sc.devices, payload, len,
		     sum_fold(sum_bytes(payload, len)));
		assert_checksums();
	}
}

static void requests_from_templates_have_right_checksums(void **state)
{
	static const char *const prefixes[] = {"rd", "r", "", "a/bc"};
	static struct request_templates t;
	uint8_t bytes[REQUEST_MAX + 32], answer[128];
	uint32_t sum;

	for (unsigned p = 0; p < 4; p++) {
		assert_true(request_templates_init(&t, &sc));
		for (uint32_t i = 0; i < 2000; i++) {
			struct device dev = {0};
			struct coap_writer w;
			struct coap_msg msg;
			coap_write_begin(&w, answer, sizeof(answer), COAP_ACK, COAP_CREATED, 1,
					 NULL, 0);
			if (prefixes[p][0])
				coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, prefixes[p]);
			coap_write_opt(&w, COAP_OPT_LOCATION_PATH, "5AB-_xyz01234567", 1 + i % 16);
			coap_msg_parse(&msg, answer, coap_write_finish(&w));
			assert_true(request_set_location(&t, &dev, &msg));
			size_t len = request_write(&t, (enum request_kind)(i % 3), &dev, i * 49,
						   (uint16_t)(i * 40503), i * 0x9e3779b97f4a7c15u,
						   bytes, &sum);
			assert_int_equal(coap_msg_parse(&msg, bytes, len), COAP_OK);
			wrap(i, bytes, len, sum);
			assert_checksums();
		}
	}
}

static void a_frame_shows_the_device_it_came_from(void **state)
{
	wrap(70000, (const uint8_t *)"x", 1, 'x'); // address 70000 % 32768, second block of ports
	assert_memory_equal(frame, gateway_mac, 6);
	assert_memory_equal(frame + 6, own_mac, 6);
	assert_memory_equal(frame + 26, "\xc6\x13\x11\x70", 4);
	assert_memory_equal(frame + 34, "\x4e\x22\x16\x33", 4); // 20002 to 5683
}

static void an_answer_finds_its_device(void **state)
{
	struct frame_datagram datagram;

	for (uint32_t device = 0; device < sc.devices; device += 999) {
		wrap(device, (const uint8_t *)"abc", 3, (uint32_t)sum_bytes("abc", 3));
		turn_round();
		assert_int_equal(frame_read(&path, frame, frame_len, &datagram), FRAME_DATAGRAM);
		assert_int_equal(datagram.device, device);
		assert_int_equal(datagram.payload_len, 3);
		assert_memory_equal(frame + datagram.payload_at, "abc", 3);
	}
}

static void an_answer_with_a_flipped_bit_is_not_accepted(void **state)
{
	struct frame_datagram datagram;

	for (size_t bit = 14 * 8; bit < (FRAME_HEADERS + 3) * 8; bit++) {
		wrap(5, (const uint8_t *)"abc", 3, (uint32_t)sum_bytes("abc", 3));
		turn_round();
		frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(frame_read(&path, frame, frame_len, &datagram),
				     FRAME_DATAGRAM);
	}
}

static void an_answer_without_udp_checksum_is_accepted(void **state)
{
	struct frame_datagram datagram;

	wrap(5, (const uint8_t *)"abc", 3, (uint32_t)sum_bytes("abc", 3));
	turn_round();
	memset(frame + 40, 0, 2);
	assert_int_equal(frame_read(&path, frame, frame_len, &datagram), FRAME_DATAGRAM);
}

static void a_cut_answer_is_not_accepted(void **state)
{
	struct frame_datagram datagram;

	wrap(5, (const uint8_t *)"abc", 3, (uint32_t)sum_bytes("abc", 3));
	turn_round();
	for (size_t len = 0; len < frame_len; len++)
		assert_int_not_equal(frame_read(&path, frame, len, &datagram), FRAME_DATAGRAM);
}

static void after_a_move_devices_send_from_ports_that_none_has_used(void **state)
{
	struct frame_datagram datagram;

	wrap(0, (const uint8_t *)"abc", 3, (uint32_t)sum_bytes("abc", 3));
	turn_round();
	frame_path_move(&path, scenario_ports(&sc));
	assert_int_equal(frame_read(&path, frame, frame_len, &datagram), FRAME_OTHER);
	wrap(0, (const uint8_t *)"abc", 3, (uint32_t)sum_bytes("abc", 3));
	assert_memory_equal(frame + 34, "\x4e\x24", 2); // 20004: four blocks were in use
	assert_checksums();
}

static void arp_finds_the_gateway(void **state)
{
	uint8_t ask[ARP_FRAME], answer[ARP_FRAME];
	struct frame_path other;

	frame_path_init(&path, &sc, GATEWAY, 5683, own_mac);
	arp_ask(&path, ask);
	// The gateway's side: one device with the gateway's address.
	sc.address = GATEWAY;
	sc.address_bits = 0;
	frame_path_init(&other, &sc, 0xc6130000, 1, gateway_mac);
	assert_true(arp_read(&other, ask, sizeof(ask), answer));
	assert_true(other.mac_known); // it learns from the question
	assert_false(path.mac_known);
	assert_false(arp_read(&path, answer, sizeof(answer), ask));
	assert_true(path.mac_known);
	assert_memory_equal(path.headers, gateway_mac, 6);
	assert_memory_equal(other.headers, own_mac, 6);
}

static void arp_for_somebody_else_is_not_answered(void **state)
{
	uint8_t ask[ARP_FRAME], answer[ARP_FRAME];

	arp_ask(&path, ask); // for the gateway, which is not one of the devices
	assert_false(arp_read(&path, ask, sizeof(ask), answer));
	assert_false(arp_read(&path, ask, 41, answer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(frames_of_any_payload_have_right_checksums, reset),
		cmocka_unit_test_setup(requests_from_templates_have_right_checksums, reset),
		cmocka_unit_test_setup(a_frame_shows_the_device_it_came_from, reset),
		cmocka_unit_test_setup(an_answer_finds_its_device, reset),
		cmocka_unit_test_setup(an_answer_with_a_flipped_bit_is_not_accepted, reset),
		cmocka_unit_test_setup(an_answer_without_udp_checksum_is_accepted, reset),
		cmocka_unit_test_setup(a_cut_answer_is_not_accepted, reset),
		cmocka_unit_test_setup(after_a_move_devices_send_from_ports_that_none_has_used,
				       reset),
		cmocka_unit_test_setup(arp_finds_the_gateway, reset),
		cmocka_unit_test_setup(arp_for_somebody_else_is_not_answered, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
