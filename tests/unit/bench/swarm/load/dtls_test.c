// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The fleet's side of DTLS against wolfSSL's: a port below that hands every datagram to a server
// object of its device.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "bench/swarm/load/dtls/port_dtls.h"
#include "bench/swarm/load/dtls/prf.h"
#include "tests/unit/support/eal.h"

#define DEVICES  4
#define QUEUE    16
#define DATAGRAM 512

struct datagram {
	uint32_t device;
	size_t len;
	uint8_t bytes[DATAGRAM];
};

static struct rte_mempool *pool;
static WOLFSSL_CTX *ctx;

static struct {
	struct port under;
	struct port *port;
	struct scenario sc;
	WOLFSSL *servers[DEVICES];
	const struct datagram *arriving; // for the server that reads
	struct datagram back[QUEUE];     // to devices
	unsigned back_n;
	unsigned lose; // of the datagrams of devices, so many from now on
	unsigned sent;
	unsigned moves;
	uint16_t last_len;
} t;

static int server_receive(WOLFSSL *ssl, char *data, int cap, void *arg)
{
	const struct datagram *d = t.arriving;

	if (!d)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	t.arriving = NULL;
	memcpy(data, d->bytes, d->len);
	return (int)d->len;
}

static int server_send(WOLFSSL *ssl, char *data, int len, void *arg)
{
	struct datagram *d = &t.back[t.back_n++];

	assert_true(t.back_n <= QUEUE && len <= DATAGRAM);
	d->device = (uint32_t)(uintptr_t)arg;
	d->len = (size_t)len;
	memcpy(d->bytes, data, d->len);
	return len;
}

static unsigned give_psk(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned room)
{
	if (strcmp(identity, "dev-0003") != 0)
		return 0;
	memcpy(key, "secret", 6);
	return 6;
}

static WOLFSSL *server_new(uint32_t device)
{
	static unsigned char cid[] = "own-cid";
	WOLFSSL *ssl = wolfSSL_new(ctx);

	wolfSSL_SetIOReadCtx(ssl, (void *)(uintptr_t)device);
	wolfSSL_SetIOWriteCtx(ssl, (void *)(uintptr_t)device);
	wolfSSL_dtls_set_using_nonblock(ssl, 1);
	assert_int_equal(wolfSSL_dtls_cid_use(ssl), WOLFSSL_SUCCESS);
	assert_int_equal(wolfSSL_dtls_cid_set(ssl, cid, sizeof(cid)), WOLFSSL_SUCCESS);
	return ssl;
}

// What a device sent: handshakes go on, messages are answered with what they say.
static void serve(const struct datagram *d)
{
	WOLFSSL *ssl = t.servers[d->device];
	char text[64];
	int n;

	t.arriving = d;
	if (!wolfSSL_is_init_finished(ssl)) {
		(void)wolfSSL_accept(ssl);
		return;
	}
	n = wolfSSL_read(ssl, text, sizeof(text));
	if (n > 0)
		wolfSSL_write(ssl, text, n);
}

static void under_tx(struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct datagram d = {*port_device(pkts[i]), pkts[i]->data_len, {0}};

		memcpy(d.bytes, rte_pktmbuf_mtod(pkts[i], void *), d.len);
		rte_pktmbuf_free(pkts[i]);
		t.sent++;
		t.last_len = (uint16_t)d.len;
		if (t.lose > 0)
			t.lose--;
		else
			serve(&d);
	}
}

static uint16_t under_rx(struct port *port, struct rte_mbuf **pkts)
{
	for (unsigned i = 0; i < t.back_n; i++) {
		pkts[i] = rte_pktmbuf_alloc(pool);
		memcpy(rte_pktmbuf_append(pkts[i], (uint16_t)t.back[i].len), t.back[i].bytes,
		       t.back[i].len);
		*port_device(pkts[i]) = t.back[i].device;
	}
	uint16_t n = (uint16_t)t.back_n;
	t.back_n = 0;
	return n;
}

static uint16_t under_room(struct port *port)
{
	return PORT_BACKLOG;
}

static void under_move(struct port *port)
{
	t.moves++;
}

static void under_close(struct port *port)
{
}

static const struct port_ops under_ops = {.name = "under",
					  .rx = under_rx,
					  .tx = under_tx,
					  .room = under_room,
					  .move = under_move,
					  .close = under_close};

static void open_port(const char *line)
{
	char why[128];

	memset(&t, 0, sizeof(t));
	t.under = (struct port){.ops = &under_ops, .pool = pool};
	scenario_init(&t.sc);
	t.sc.devices = DEVICES;
	t.sc.phases_count = 1;
	t.sc.phases[0].window = 8;
	assert_int_equal(scenario_line(&t.sc, line, 1, why), 0);
	t.port = port_dtls_open(&t.under, &t.sc);
	assert_non_null(t.port);
	for (uint32_t i = 0; i < DEVICES; i++)
		t.servers[i] = server_new(i);
}

static int close_port(void **state)
{
	t.port->ops->close(t.port);
	for (uint32_t i = 0; i < DEVICES; i++)
		wolfSSL_free(t.servers[i]);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	return 0;
}

static void say(uint32_t device, const char *text)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	memcpy(rte_pktmbuf_append(m, (uint16_t)strlen(text)), text, strlen(text));
	*port_device(m) = device;
	t.port->ops->tx(t.port, &m, 1);
}

// Whether in some rounds exactly this comes back.
static bool hears(const char *text)
{
	struct rte_mbuf *pkts[PORT_BURST];
	bool heard = false;

	for (unsigned round = 0; round < 8; round++) {
		uint16_t n = t.port->ops->rx(t.port, pkts);

		for (uint16_t i = 0; i < n; i++)
			heard |= pkts[i]->data_len == strlen(text) &&
				 memcmp(rte_pktmbuf_mtod(pkts[i], void *), text, strlen(text)) == 0;
		rte_pktmbuf_free_bulk(pkts, n);
	}
	return heard;
}

static struct port_dtls_counters counted(void)
{
	struct port_dtls_counters c;

	port_dtls_count(t.port, &c);
	return c;
}

#define GOOD "dtls psk=736563726574 identity=dev"

static void a_message_waits_for_the_handshake_and_is_answered(void **state)
{
	open_port(GOOD);
	say(3, "hello");
	assert_true(hears("hello"));
	assert_int_equal(counted().handshakes, 1);
	say(3, "again");
	assert_true(hears("again"));
	assert_int_equal(counted().handshakes, 1);
	assert_int_equal(counted().handshakes_failed, 0);
}

static void without_a_connection_id_it_goes_as_well(void **state)
{
	open_port(GOOD " cid=no");
	say(3, "hello");
	assert_true(hears("hello"));
}

static void padding_makes_records_longer_and_is_taken_off(void **state)
{
	open_port(GOOD " pad=100");
	say(3, "hello");
	assert_true(hears("hello"));
	// Header, the server's Connection ID, explicit nonce, content, the last zero, tag.
	assert_int_equal(t.last_len, 13 + 8 + 8 + 100 + 1 + 8);
}

static void a_wrong_key_fails_and_is_counted(void **state)
{
	open_port("dtls psk=736563726575 identity=dev");
	say(3, "hello");
	assert_false(hears("hello"));
	assert_int_equal(counted().handshakes, 0);
}

static void send_alert(uint32_t device)
{
	static const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 80};

	t.back[0] = (struct datagram){device, sizeof(alert), {0}};
	memcpy(t.back[0].bytes, alert, sizeof(alert));
	t.back_n = 1;
}

static void an_alert_ends_the_handshake_and_the_next_message_begins_another(void **state)
{
	open_port(GOOD);
	t.lose = 1;
	say(3, "hello");
	send_alert(3);
	assert_false(hears("hello"));
	assert_int_equal(counted().handshakes_failed, 1);
	assert_int_equal(counted().alerts, 1);
	say(3, "hello");
	assert_true(hears("hello"));
	assert_int_equal(counted().flights_again, 0);
}

static void what_is_said_again_sends_the_flight_again(void **state)
{
	for (unsigned lost = 0; lost < 3; lost++) {
		struct rte_mbuf *pkts[PORT_BURST];

		open_port(GOOD);
		t.lose = lost == 0;
		say(3, "hello");
		for (unsigned round = 0; round < lost; round++) {
			t.lose = round + 1 == lost;
			assert_int_equal(t.port->ops->rx(t.port, pkts), 0);
		}
		assert_false(hears("hello"));
		say(3, "hello");
		assert_true(hears("hello"));
		assert_int_equal(counted().handshakes, 1);
		assert_int_equal(counted().flights_again, 1);
		if (lost < 2)
			close_port(state);
	}
}

static void an_alert_ends_the_session_and_the_next_message_begins_another(void **state)
{
	open_port(GOOD);
	say(3, "hello");
	assert_true(hears("hello"));
	send_alert(3);
	assert_false(hears("hello"));
	assert_int_equal(counted().alerts, 1);
	wolfSSL_free(t.servers[3]);
	t.servers[3] = server_new(3);
	say(3, "once more");
	assert_true(hears("once more"));
	assert_int_equal(counted().handshakes, 2);
}

static void a_device_that_forgets_its_session_shakes_hands_anew(void **state)
{
	open_port(GOOD);
	say(3, "hello");
	assert_true(hears("hello"));
	port_dtls_forget(t.port, 3);
	wolfSSL_free(t.servers[3]);
	t.servers[3] = server_new(3);
	say(3, "hello");
	assert_true(hears("hello"));
	assert_int_equal(counted().handshakes, 2);
}

static void a_record_that_was_changed_is_dropped_and_harms_nothing(void **state)
{
	open_port(GOOD);
	say(3, "hello");
	assert_true(hears("hello"));
	say(3, "one");
	t.back[0].bytes[t.back[0].len - 1] ^= 1;
	assert_false(hears("one"));
	assert_int_equal(counted().records_dropped, 1);
	say(3, "two");
	assert_true(hears("two"));
}

static void moving_is_the_port_below_s(void **state)
{
	open_port(GOOD);
	t.port->ops->move(t.port);
	assert_int_equal(t.moves, 1);
}

// A vector that is widely used for the PRF of TLS 1.2 with SHA-256.
static void the_prf_gives_the_known_answer(void **state)
{
	static const uint8_t secret[] = {0x9b, 0xbe, 0x43, 0x6b, 0xa9, 0x40, 0xf0, 0x17,
					 0xb1, 0x76, 0x52, 0x84, 0x9a, 0x71, 0xdb, 0x35};
	static const uint8_t seed[] = {0xa0, 0xba, 0x9f, 0x93, 0x6c, 0xda, 0x31, 0x18,
				       0x27, 0xa6, 0xf7, 0x96, 0xff, 0xd5, 0x19, 0x8c};
	static const uint8_t right[] = {0xe3, 0xf2, 0x29, 0xba, 0x72, 0x7b, 0xe1, 0x7b, 0x8d, 0x12,
					0x26, 0x20, 0x55, 0x7c, 0xd4, 0x53, 0xc2, 0xaa, 0xb2, 0x1d,
					0x07, 0xc3, 0xd4, 0x95, 0x32, 0x9b, 0x52, 0xd4, 0xe6, 0x1e,
					0xdb, 0x5a, 0x6b, 0x30, 0x17, 0x91, 0xe9, 0x0d, 0x35, 0xc9};
	uint8_t out[sizeof(right)];
	struct dtls_hmac prf;

	dtls_hmac_init(&prf, secret, sizeof(secret));
	prf_expand(&prf, "test label", seed, sizeof(seed), out, sizeof(out));
	assert_memory_equal(out, right, sizeof(right));
}

static int start(void **state)
{
	support_eal_init();
	pool = support_mbuf_pool("dtls", 255);
	wolfSSL_Init();
	ctx = wolfSSL_CTX_new(wolfDTLSv1_2_server_method());
	wolfSSL_CTX_set_psk_server_callback(ctx, give_psk);
	wolfSSL_CTX_SetIORecv(ctx, server_receive);
	wolfSSL_CTX_SetIOSend(ctx, server_send);
	return pool && wolfSSL_CTX_set_cipher_list(ctx, "PSK-AES128-CCM-8") == WOLFSSL_SUCCESS ? 0
											       : -1;
}

static int stop(void **state)
{
	wolfSSL_CTX_free(ctx);
	wolfSSL_Cleanup();
	rte_mempool_free(pool);
	return 0;
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, close_port)
	const struct CMUnitTest tests[] = {
		T(a_message_waits_for_the_handshake_and_is_answered),
		T(without_a_connection_id_it_goes_as_well),
		T(padding_makes_records_longer_and_is_taken_off),
		T(a_wrong_key_fails_and_is_counted),
		T(an_alert_ends_the_handshake_and_the_next_message_begins_another),
		T(what_is_said_again_sends_the_flight_again),
		T(an_alert_ends_the_session_and_the_next_message_begins_another),
		T(a_device_that_forgets_its_session_shakes_hands_anew),
		T(a_record_that_was_changed_is_dropped_and_harms_nothing),
		T(moving_is_the_port_below_s),
		cmocka_unit_test(the_prf_gives_the_known_answer),
	};
#undef T

	return cmocka_run_group_tests(tests, start, stop);
}
