// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What wolfSSL alone takes, for the gateway to be held against: handshakes with a pre-shared key
// (TLS_PSK_WITH_AES_128_CCM_8, cookie, Connection ID), and the records of sessions whose WOLFSSL
// objects are kept. The devices' half is the fleet's (bench/swarm), in the same process; server_ns
// is what the server's half took. _one_drbg: the loop has what the gateway has (dtls/drbg.h), which
// wolfSSL does not do by itself.
#include <string.h>
#include <time.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "bench/micro/random.h"
#include "bench/swarm/load/dtls/shake.h"
#include "dataplane/dtls/drbg.h"
#include "dataplane/dtls/record.h"

#define BURST       64u
#define PAYLOAD     64u
#define OBJECTS_MAX 100000
#define OBJECT_BYTES \
	10000u // of a kept one, for whether they fit; 7.4 KB of heap and what malloc adds
#define DATAGRAM 1024

struct datagram {
	size_t len;
	uint8_t bytes[DATAGRAM];
};

static struct {
	WOLFSSL_CTX *ctx;
	struct dtls_aead *aead;
	struct shake_facts facts;
	struct datagram to_server, to_client;
	struct random random;
} bare;

static int receive(WOLFSSL *ssl, char *data, int cap, void *arg)
{
	size_t len = bare.to_server.len;

	if (len == 0 || len > (size_t)cap)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	memcpy(data, bare.to_server.bytes, len);
	bare.to_server.len = 0;
	return (int)len;
}

static int transmit(WOLFSSL *ssl, char *data, int len, void *arg)
{
	if (len > DATAGRAM)
		return WOLFSSL_CBIO_ERR_GENERAL;
	memcpy(bare.to_client.bytes, data, (size_t)len);
	bare.to_client.len = (size_t)len;
	return len;
}

static unsigned give_psk(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned room)
{
	memset(key, 0x5a, 16);
	return 16;
}

static bool ready(void)
{
	static const uint8_t psk[16] = {[0 ... 15] = 0x5a};

	if (bare.ctx)
		return true;
	if (wolfSSL_Init() != WOLFSSL_SUCCESS)
		return false;
	bare.random = (struct random){1};
	bare.aead = dtls_aead_new(NULL);
	bare.ctx = wolfSSL_CTX_new(wolfDTLSv1_2_server_method());
	if (!bare.aead || !bare.ctx)
		return false;
	shake_facts_init(&bare.facts, psk, sizeof(psk), true);
	wolfSSL_CTX_SetIORecv(bare.ctx, receive);
	wolfSSL_CTX_SetIOSend(bare.ctx, transmit);
	wolfSSL_CTX_set_psk_server_callback(bare.ctx, give_psk);
	wolfSSL_CTX_set_session_cache_mode(bare.ctx, WOLFSSL_SESS_CACHE_OFF);
	return wolfSSL_CTX_set_cipher_list(bare.ctx, "PSK-AES128-CCM-8") == WOLFSSL_SUCCESS;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// One handshake; NULL when it failed. What the server's half took is added to *server_ns.
static WOLFSSL *shake_hands(struct dtls_session *device, uint64_t *server_ns)
{
	static unsigned char cid[DTLS_OWN_CID_LEN];
	uint64_t random[4], begin = now_ns();
	enum shake_verdict verdict = SHAKE_FLIGHT;
	WOLFSSL *ssl = wolfSSL_new(bare.ctx);
	struct shake shake;

	wolfSSL_dtls_set_using_nonblock(ssl, 1);
	wolfSSL_set_group_messages(ssl);
	wolfSSL_dtls_cid_use(ssl);
	wolfSSL_dtls_cid_set(ssl, cid, sizeof(cid));
	*server_ns += now_ns() - begin;
	for (unsigned i = 0; i < 4; i++)
		random[i] = random_next(&bare.random);
	shake_begin(&shake, &bare.facts, device, "device", random);
	for (unsigned flights = 0; verdict == SHAKE_FLIGHT && flights < 4; flights++) {
		bare.to_server.len = shake_flight(&shake, bare.aead, bare.to_server.bytes);
		begin = now_ns();
		(void)wolfSSL_accept(ssl);
		*server_ns += now_ns() - begin;
		verdict = shake_take(&shake, bare.aead, bare.to_client.bytes, bare.to_client.len);
	}
	if (verdict == SHAKE_DONE && wolfSSL_is_init_finished(ssl))
		return ssl;
	wolfSSL_free(ssl);
	return NULL;
}

static void handshakes(struct bench_state *state)
{
	struct dtls_session device;
	uint64_t server_ns = 0;

	if (!ready()) {
		bench_skip(state, "wolfSSL cannot start");
		return;
	}
	bench_loop (state) {
		memset(&device, 0, sizeof(device));
		WOLFSSL *ssl = shake_hands(&device, &server_ns);
		if (!ssl) {
			bench_skip(state, "a handshake failed");
			return;
		}
		uint64_t begin = now_ns();
		wolfSSL_free(ssl);
		server_ns += now_ns() - begin;
	}
	bench_items(state, bench_iterations(state));
	bench_counter(state, "server_ns", (double)server_ns / (double)bench_iterations(state), 0);
}

BENCH(dtls_wolfssl_handshakes)
{
	handshakes(state);
}

BENCH(dtls_wolfssl_handshakes_one_drbg)
{
	struct dtls_drbg drbg;

	if (wolfSSL_Init() != WOLFSSL_SUCCESS || dtls_drbg_init(&drbg) != 0) {
		bench_skip(state, "wolfSSL cannot start");
		return;
	}
	dtls_drbg_use(&drbg);
	handshakes(state);
	dtls_drbg_use(NULL);
	dtls_drbg_fini(&drbg);
}

static struct {
	WOLFSSL *ssl[OBJECTS_MAX];
	struct dtls_session device[OBJECTS_MAX];
	uint32_t count;
} kept;

static bool keep_objects(uint32_t count)
{
	uint64_t unused = 0;

	for (; kept.count < count; kept.count++) {
		kept.ssl[kept.count] = shake_hands(&kept.device[kept.count], &unused);
		if (!kept.ssl[kept.count])
			return false;
	}
	return true;
}

// A burst of records of random devices, of which the server takes one after the other and answers
// as much. False when one was not taken.
static bool serve_burst(struct datagram *datagrams, uint32_t count, uint64_t *server_ns)
{
	struct dtls_record records[BURST];
	WOLFSSL *ssl[BURST];
	uint8_t text[PAYLOAD];

	for (unsigned i = 0; i < BURST; i++) {
		uint32_t n = (uint32_t)random_below(&bare.random, count);

		ssl[i] = kept.ssl[n];
		records[i] = (struct dtls_record){.session = &kept.device[n],
						  .data = datagrams[i].bytes + DTLS_SEAL_HEAD,
						  .len = PAYLOAD,
						  .type = DTLS_CONTENT_DATA};
	}
	dtls_seal(bare.aead, records, BURST);
	uint64_t begin = now_ns();
	for (unsigned i = 0; i < BURST; i++) {
		memcpy(bare.to_server.bytes, records[i].data, records[i].len);
		bare.to_server.len = records[i].len;
		if (wolfSSL_read(ssl[i], text, sizeof(text)) != PAYLOAD ||
		    wolfSSL_write(ssl[i], text, PAYLOAD) != PAYLOAD)
			return false;
	}
	*server_ns += now_ns() - begin;
	return true;
}

BENCH(dtls_wolfssl_records, .arg_names = {"objects"})
{
	static struct datagram datagrams[BURST];
	uint32_t count = (uint32_t)bench_arg(state, 0);
	uint64_t server_ns = 0;

	if (!machine_has_memory(state, (uint64_t)count * OBJECT_BYTES))
		return;
	if (!ready() || !keep_objects(count)) {
		bench_skip(state, "a handshake failed");
		return;
	}
	while (bench_next_batch(state, BURST)) {
		if (!serve_burst(datagrams, count, &server_ns)) {
			bench_skip(state, "a record was not taken");
			return;
		}
	}
	bench_items(state, bench_iterations(state));
	bench_counter(state, "server_ns", (double)server_ns / (double)bench_iterations(state), 0);
}
BENCH_ARG(dtls_wolfssl_records, 100);
BENCH_ARG(dtls_wolfssl_records, OBJECTS_MAX);
