// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dataplane/dtls/state.h"

#define LOG_LINE_MAX 512

static size_t put_hex(char *line, size_t at, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len && at + 2 < LOG_LINE_MAX; i++, at += 2)
		snprintf(line + at, 3, "%02x", bytes[i]);
	return at;
}

// One write, so that lines of several workers do not mix.
static void log_secret(const struct dtls_handshake *hs, const char *label, const uint8_t *secret,
		       size_t secret_len)
{
	int fd = hs->worker->dtls->keylog_fd;
	char line[LOG_LINE_MAX];
	size_t at;

	if (fd < 0)
		return;
	at = (size_t)snprintf(line, sizeof(line), "%s ", label);
	at = put_hex(line, at, hs->random, sizeof(hs->random));
	line[at++] = ' ';
	at = put_hex(line, at, secret, secret_len);
	line[at++] = '\n';
	(void)!write(fd, line, at);
	explicit_bzero(line, sizeof(line));
}

static int on_master_secret(WOLFSSL *ssl, void *secret, int len, void *handshake)
{
	log_secret(handshake, "CLIENT_RANDOM", secret, (size_t)len);
	return 0;
}

static int on_secret_13(WOLFSSL *ssl, int id, const unsigned char *secret, int len, void *handshake)
{
	struct dtls_handshake *hs = handshake;

	switch (id) {
	case CLIENT_HANDSHAKE_TRAFFIC_SECRET:
		log_secret(hs, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", secret, (size_t)len);
		break;
	case SERVER_HANDSHAKE_TRAFFIC_SECRET:
		log_secret(hs, "SERVER_HANDSHAKE_TRAFFIC_SECRET", secret, (size_t)len);
		hs->ciphering = true;
		break;
	case CLIENT_TRAFFIC_SECRET:
		log_secret(hs, "CLIENT_TRAFFIC_SECRET_0", secret, (size_t)len);
		if (len == DTLS_SECRET_LEN)
			memcpy(hs->keys.read_secret, secret, DTLS_SECRET_LEN);
		break;
	case SERVER_TRAFFIC_SECRET:
		log_secret(hs, "SERVER_TRAFFIC_SECRET_0", secret, (size_t)len);
		if (len == DTLS_SECRET_LEN)
			memcpy(hs->keys.write_secret, secret, DTLS_SECRET_LEN);
		break;
	default:
		break;
	}
	return 0;
}

int dtls_secrets_watch(WOLFSSL *ssl, struct dtls_handshake *hs)
{
	if (wolfSSL_set_tls13_secret_cb(ssl, on_secret_13, hs) != WOLFSSL_SUCCESS)
		return -EINVAL;
	if (hs->worker->dtls->keylog_fd >= 0 &&
	    wolfSSL_set_secret_cb(ssl, on_master_secret, hs) != WOLFSSL_SUCCESS)
		return -EINVAL;
	return 0;
}

static bool take_cids(WOLFSSL *ssl, struct dtls_keys *keys)
{
	unsigned int len = 0;

	if (!wolfSSL_dtls_cid_is_enabled(ssl))
		return true;
	if (wolfSSL_dtls_cid_get_rx_size(ssl, &len) == WOLFSSL_SUCCESS)
		keys->own_cid = len == DTLS_OWN_CID_LEN;
	if (wolfSSL_dtls_cid_get_tx_size(ssl, &len) != WOLFSSL_SUCCESS || len == 0)
		return true;
	if (len > DTLS_PEER_CID_MAX)
		return false;
	keys->peer_cid_len = (uint8_t)len;
	return wolfSSL_dtls_cid_get_tx(ssl, keys->peer_cid, len) == WOLFSSL_SUCCESS;
}

static bool take_keys_12(struct dtls_aead *aead, WOLFSSL *ssl, struct dtls_handshake *hs)
{
	struct dtls_keys *keys = &hs->keys;
	size_t key_len = (size_t)wolfSSL_GetKeySize(ssl), iv_len = 4; // RFC 5288, RFC 6655

	if (key_len > DTLS_KEY_MAX)
		return false;
	memcpy(keys->read_key, wolfSSL_GetClientWriteKey(ssl), key_len);
	memcpy(keys->read_iv, wolfSSL_GetClientWriteIV(ssl), iv_len);
	memcpy(keys->write_key, wolfSSL_GetServerWriteKey(ssl), key_len);
	memcpy(keys->write_iv, wolfSSL_GetServerWriteIV(ssl), iv_len);
	// Should our last flight be lost, it can be made again only if it was found. In a resumed
	// handshake the client's is the last.
	if (!hs->resumed)
		(void)dtls_keys_finished(aead, keys, hs->sent, hs->sent_len);
	return true;
}

// How many handshake messages each side has sent (RFC 8446 section 2; there always was a
// HelloRetryRequest): wolfSSL does not tell. HelloRetryRequest, ServerHello, EncryptedExtensions,
// Finished; with certificates CertificateRequest, Certificate and CertificateVerify besides; then a
// NewSessionTicket, which is not repeated: to lose it costs the device a whole handshake. Of
// the client two ClientHellos and Finished, or Certificate and CertificateVerify besides.
static void count_messages(const struct dtls_handshake *hs, struct dtls_keys *keys)
{
	bool by_key = hs->psk_only || hs->resumed;

	keys->after_ticket = hs->ticket_made;
	keys->message_out = (by_key ? 4 : 7) + (hs->ticket_made ? 1 : 0);
	keys->message_in = by_key ? 3 : 5;
}

bool dtls_secrets_harvest(struct dtls_aead *aead, WOLFSSL *ssl, struct dtls_handshake *hs)
{
	struct dtls_keys *keys = &hs->keys;

	keys->suite = dtls_suite_from_iana((uint16_t)wolfSSL_get_current_cipher_suite(ssl));
	if (keys->suite == DTLS_SUITE_NONE || !take_cids(ssl, keys))
		return false;
	if (!dtls_suite_is_13(keys->suite))
		return take_keys_12(aead, ssl, hs);
	keys->last_flight = true;
	count_messages(hs, keys);
	return dtls_keys_13(keys) == 0;
}
