// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/dataplane/dtls/wolf_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/table.h"

#define KEY_LEN 16

static unsigned give_key(unsigned char *key)
{
	memset(key, 0x5a, KEY_LEN);
	return KEY_LEN;
}

static unsigned client_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned identity_max,
			   unsigned char *key, unsigned key_max)
{
	strncpy(identity, "device", identity_max);
	return give_key(key);
}

static unsigned server_psk(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned key_max)
{
	return strcmp(identity, "device") == 0 ? give_key(key) : 0;
}

static const char *suite_13(WOLFSSL *ssl)
{
	const struct pair *pair = wolfSSL_GetIOReadCtx(ssl);

	return pair->options->ciphers;
}

static unsigned client_psk_13(WOLFSSL *ssl, const char *hint, char *identity, unsigned identity_max,
			      unsigned char *key, unsigned key_max, const char **suite)
{
	*suite = suite_13(ssl);
	strncpy(identity, "device", identity_max);
	return give_key(key);
}

static unsigned server_psk_13(WOLFSSL *ssl, const char *identity, unsigned char *key,
			      unsigned key_max, const char **suite)
{
	*suite = suite_13(ssl);
	return strcmp(identity, "device") == 0 ? give_key(key) : 0;
}

static void put(struct pair_queue *queue, const void *datagram, size_t len)
{
	unsigned at = queue->tail++ % PAIR_QUEUE;

	assert_true(len <= PAIR_DATAGRAM && queue->tail - queue->head <= PAIR_QUEUE);
	memcpy(queue->data[at], datagram, len);
	queue->len[at] = len;
}

static size_t get(struct pair_queue *queue, void *out, size_t cap)
{
	unsigned at = queue->head % PAIR_QUEUE;

	if (queue->head == queue->tail)
		return 0;
	queue->head++;
	assert_true(queue->len[at] <= cap);
	memcpy(out, queue->data[at], queue->len[at]);
	return queue->len[at];
}

static int client_send(WOLFSSL *ssl, char *data, int len, void *arg)
{
	struct pair *pair = arg;

	put(&pair->to_server, data, (size_t)len);
	memcpy(pair->client_last, data, (size_t)len);
	pair->client_last_len = (size_t)len;
	return len;
}

static int server_send(WOLFSSL *ssl, char *data, int len, void *arg)
{
	struct pair *pair = arg;

	put(&pair->to_client, data, (size_t)len);
	memcpy(pair->server_last, data, (size_t)len);
	pair->server_last_len = (size_t)len;
	return len;
}

static int client_receive(WOLFSSL *ssl, char *data, int cap, void *arg)
{
	struct pair *pair = arg;
	size_t len = get(&pair->to_client, data, (size_t)cap);

	return len ? (int)len : WOLFSSL_CBIO_ERR_WANT_READ;
}

static int server_receive(WOLFSSL *ssl, char *data, int cap, void *arg)
{
	struct pair *pair = arg;
	size_t len = get(&pair->to_server, data, (size_t)cap);

	return len ? (int)len : WOLFSSL_CBIO_ERR_WANT_READ;
}

static int take_secret(WOLFSSL *ssl, int id, const unsigned char *secret, int len, void *arg)
{
	struct pair *pair = arg;

	if (id != CLIENT_TRAFFIC_SECRET && id != SERVER_TRAFFIC_SECRET)
		return 0;
	assert_int_equal(len, DTLS_SECRET_LEN);
	memcpy(pair->secrets[id == SERVER_TRAFFIC_SECRET], secret, DTLS_SECRET_LEN);
	return 0;
}

static void make_client(struct pair *pair)
{
	bool is_13 = pair->options->tls_13;
	uint8_t cid[16];
	size_t cid_len;

	pair->client_ctx = wolfSSL_CTX_new(is_13 ? wolfDTLSv1_3_client_method()
						 : wolfDTLSv1_2_client_method());
	assert_non_null(pair->client_ctx);
	wolfSSL_CTX_set_psk_client_callback(pair->client_ctx, client_psk);
	if (is_13)
		wolfSSL_CTX_set_psk_client_tls13_callback(pair->client_ctx, client_psk_13);
	wolfSSL_CTX_SetIOSend(pair->client_ctx, client_send);
	wolfSSL_CTX_SetIORecv(pair->client_ctx, client_receive);
	assert_int_equal(wolfSSL_CTX_set_cipher_list(pair->client_ctx, pair->options->ciphers),
			 WOLFSSL_SUCCESS);
	pair->client = wolfSSL_new(pair->client_ctx);
	wolfSSL_SetIOWriteCtx(pair->client, pair);
	wolfSSL_SetIOReadCtx(pair->client, pair);
	wolfSSL_dtls_set_using_nonblock(pair->client, 1);
	if (pair->options->own_cid) {
		cid_len = strlen(pair->options->client_cid);
		memcpy(cid, pair->options->client_cid, cid_len);
		assert_int_equal(wolfSSL_dtls_cid_use(pair->client), WOLFSSL_SUCCESS);
		if (cid_len > 0)
			assert_int_equal(wolfSSL_dtls_cid_set(pair->client, cid, (unsigned)cid_len),
					 WOLFSSL_SUCCESS);
	}
}

static void make_server(struct pair *pair)
{
	bool is_13 = pair->options->tls_13;
	uint8_t cid[DTLS_OWN_CID_LEN];

	pair->server_ctx = wolfSSL_CTX_new(is_13 ? wolfDTLSv1_3_server_method()
						 : wolfDTLSv1_2_server_method());
	assert_non_null(pair->server_ctx);
	wolfSSL_CTX_set_psk_server_callback(pair->server_ctx, server_psk);
	if (is_13) {
		wolfSSL_CTX_set_psk_server_tls13_callback(pair->server_ctx, server_psk_13);
		wolfSSL_CTX_no_ticket_TLSv13(pair->server_ctx);
	}
	wolfSSL_CTX_SetIOSend(pair->server_ctx, server_send);
	wolfSSL_CTX_SetIORecv(pair->server_ctx, server_receive);
	assert_int_equal(wolfSSL_CTX_set_cipher_list(pair->server_ctx, pair->options->ciphers),
			 WOLFSSL_SUCCESS);
	pair->server = wolfSSL_new(pair->server_ctx);
	wolfSSL_SetIOWriteCtx(pair->server, pair);
	wolfSSL_SetIOReadCtx(pair->server, pair);
	wolfSSL_dtls_set_using_nonblock(pair->server, 1);
	if (is_13)
		wolfSSL_set_tls13_secret_cb(pair->server, take_secret, pair);
	if (pair->options->own_cid) {
		dtls_cid_write(pair->cid, cid);
		assert_int_equal(wolfSSL_dtls_cid_use(pair->server), WOLFSSL_SUCCESS);
		assert_int_equal(wolfSSL_dtls_cid_set(pair->server, cid, sizeof(cid)),
				 WOLFSSL_SUCCESS);
	}
}

void pair_connect(struct pair *pair, const struct pair_options *options)
{
	int client = 0, server = 0;

	memset(pair, 0, sizeof(*pair));
	pair->options = options;
	pair->cid = DTLS_CID(3, 0x01020304, 0xabcdef);
	make_client(pair);
	make_server(pair);
	for (int turn = 0; turn < 20 && (client != 1 || server != 1); turn++) {
		if (client != 1)
			client = wolfSSL_connect(pair->client);
		if (server != 1)
			server = wolfSSL_accept(pair->server);
	}
	assert_int_equal(client, 1);
	assert_int_equal(server, 1);
}

static void take_12(struct pair *pair, struct dtls_aead *aead, struct dtls_keys *keys)
{
	int key_len = wolfSSL_GetKeySize(pair->server);

	assert_int_equal(key_len, keys->suite == DTLS_12_AES256_GCM ? 32 : 16);
	memcpy(keys->read_key, wolfSSL_GetClientWriteKey(pair->server), (size_t)key_len);
	memcpy(keys->write_key, wolfSSL_GetServerWriteKey(pair->server), (size_t)key_len);
	memcpy(keys->read_iv, wolfSSL_GetClientWriteIV(pair->server), 4);
	memcpy(keys->write_iv, wolfSSL_GetServerWriteIV(pair->server), 4);
	assert_true(dtls_keys_finished(aead, keys, pair->server_last, pair->server_last_len));
}

void pair_take_keys(struct pair *pair, struct dtls_aead *aead, struct dtls_keys *keys)
{
	memset(keys, 0, sizeof(*keys));
	keys->suite = dtls_suite_from_iana(pair->options->iana);
	assert_int_equal(wolfSSL_get_current_cipher_suite(pair->server), pair->options->iana);
	keys->own_cid = pair->options->own_cid;
	if (keys->own_cid) {
		keys->peer_cid_len = (uint8_t)strlen(pair->options->client_cid);
		memcpy(keys->peer_cid, pair->options->client_cid, keys->peer_cid_len);
	}
	if (pair->options->tls_13) {
		memcpy(keys->read_secret, pair->secrets[0], DTLS_SECRET_LEN);
		memcpy(keys->write_secret, pair->secrets[1], DTLS_SECRET_LEN);
		assert_int_equal(dtls_keys_13(keys), 0);
		keys->last_flight = true;
		keys->message_out = 4; // HelloRetryRequest, ServerHello, extensions, Finished
		keys->message_in = 3;  // ClientHello twice, Finished
	} else {
		take_12(pair, aead, keys);
	}
	wolfSSL_free(pair->server);
	pair->server = NULL;
}

void pair_free(struct pair *pair)
{
	wolfSSL_free(pair->client);
	wolfSSL_free(pair->server);
	wolfSSL_CTX_free(pair->client_ctx);
	wolfSSL_CTX_free(pair->server_ctx);
}

size_t pair_from_client(struct pair *pair, uint8_t out[static PAIR_DATAGRAM])
{
	return get(&pair->to_server, out, PAIR_DATAGRAM);
}

void pair_to_client(struct pair *pair, const void *datagram, size_t len)
{
	put(&pair->to_client, datagram, len);
}

int pair_client_read(struct pair *pair, void *out, int cap)
{
	return wolfSSL_read(pair->client, out, cap);
}

void pair_client_write(struct pair *pair, const void *data, int len)
{
	assert_int_equal(wolfSSL_write(pair->client, data, len), len);
}
