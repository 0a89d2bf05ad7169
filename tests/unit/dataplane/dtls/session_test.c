// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device may do that has a session: leave its name out, move.
#include "tests/unit/dataplane/dtls/resume.h"

static void name(uint64_t seq, const char *endpoint)
{
	union {
		struct bridge_named cmd;
		uint8_t bytes[64];
	} u = {.cmd = {.seq = seq, .endpoint_len = (uint32_t)strlen(endpoint)}};

	memcpy(u.bytes + sizeof(u.cmd), endpoint, strlen(endpoint));
	gateway_command(&gw, 0, BRIDGE_NAMED, u.bytes + sizeof(struct bridge_record),
			sizeof(u.cmd) + strlen(endpoint) - sizeof(struct bridge_record));
}

// POST /rd?lwm2m=1.1
static struct datagram register_unnamed(uint8_t mid)
{
	static const uint8_t request[] = "\x40\x02\0\0\xb2rd\x11\x28\x39lwm2m=1.1\xff</1/0>";
	struct datagram d = {.peer = gateway_device(1), .len = sizeof(request) - 1};

	memcpy(d.bytes, request, d.len);
	d.bytes[3] = mid;
	return d;
}

static uint64_t registered_as(uint8_t mid, const char *endpoint)
{
	struct datagram d = register_unnamed(mid);

	dtls_client_send(&c, &d);
	assert_true(next_event(BRIDGE_EV_REGISTER));
	assert_int_equal(ev.flags, 1);
	assert_int_equal(ev.credential, CREDENTIAL);
	name(ev.seq, endpoint);
	gateway_commit(&gw, 0, ev.seq);
	gateway_run(&gw);
	d = dtls_client_take(&c);
	assert_int_equal(d.msg.code, COAP_CREATED);
	return device_location(&d);
}

static void a_device_may_leave_its_name_out(void **state)
{
	uint64_t unnamed;

	connect_client(WOLFSSL_DTLSV1_2, true);
	unnamed = registered_as(7, "dev-1");
	assert_int_equal(ask(device_update(1, 8, unnamed, NULL)).msg.code, COAP_CHANGED);
	register_client();
	assert_int_equal(COUNT(replaced), 1); // it is the same device
	assert_true(location != unnamed);
	registered_as(9, "dev-1");
	assert_int_equal(COUNT(replaced), 2);
	assert_int_equal(gw.w[0]->sessions.count, 1);
	dtls_client_close(&c);
}

static void nobody_may_do_so_in_the_clear(void **state)
{
	struct datagram d = register_unnamed(1);

	gw.port.secure = PKTIO_PLAIN;
	gateway_inject(&gw, 0, &d);
	gateway_run(&gw);
	assert_true(gateway_take(&gw, 0, &d));
	assert_int_equal(d.msg.code, COAP_BAD_REQUEST);
}

static void a_name_that_cannot_be_closes_the_bridge(void **state)
{
	struct datagram d = register_unnamed(1);

	connect_client(WOLFSSL_DTLSV1_2, true);
	dtls_client_send(&c, &d);
	assert_true(next_event(BRIDGE_EV_REGISTER));
	name(ev.seq, "another"); // of another virtual shard
	gateway_run(&gw);
	assert_true(gw.w[0]->bridge_failed);
	dtls_client_close(&c);
}

static void a_new_address_can_be_made_to_show_that_the_device_is_there(void **state)
{
	struct datagram d, reset = {.bytes = {0x70}, .len = 4};

	gw.w[0]->dtls->prove_moves = true;
	connect_client(WOLFSSL_DTLSV1_2, true);
	register_client();
	c.peer = gateway_device(99);
	d = ask(device_update(1, 2, location, NULL)); // the answer goes to where the device was
	assert_int_equal(d.msg.type, COAP_CON);
	assert_int_equal(d.msg.code, COAP_EMPTY);
	assert_int_equal(COUNT(updates), 1);
	assert_int_equal(COUNT(dtls_moves), 0);
	memcpy(reset.bytes + 2, d.bytes + 2, 2);
	dtls_client_send(&c, &reset);
	assert_int_equal(COUNT(dtls_proofs), 1);
	assert_int_equal(COUNT(dtls_moves), 1);
	assert_int_equal(ask(device_update(1, 2, location, NULL)).msg.code, COAP_CHANGED);
	dtls_client_close(&c);
}

// Renewing them means sending something in the middle of a burst that is on its way out.
static void asking_for_new_keys_displaces_no_answer(void **state)
{
	struct rte_mbuf *answer, *update;
	struct datagram d;

	connect_client(WOLFSSL_DTLSV1_3, true);
	register_client();
	session()->write_next |= 1u << 22; // of 2^23 that a key may seal
	d = device_update(1, 2, location, NULL);
	dtls_client_send(&c, &d);
	answer = pktio_mem_take(&gw.port, 0);
	update = pktio_mem_take(&gw.port, 0);
	assert_true(answer && update);
	assert_true(answer != update);
	assert_null(pktio_mem_take(&gw.port, 0));
	assert_true(session()->flags & DTLS_SESSION_F_WRITE_UPDATE);
	rte_pktmbuf_free(answer);
	rte_pktmbuf_free(update);
	dtls_client_close(&c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_device_may_leave_its_name_out),
		T(nobody_may_do_so_in_the_clear),
		T(a_name_that_cannot_be_closes_the_bridge),
		T(a_new_address_can_be_made_to_show_that_the_device_is_there),
		T(asking_for_new_keys_displaces_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
