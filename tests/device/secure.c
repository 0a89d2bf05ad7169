// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tests/device/secure.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

struct secure {
	struct secure_params params;
	const int *fd;
	WOLFSSL_CTX *ctx;
	WOLFSSL *ssl;
	WOLFSSL_SESSION *session; // of the last handshake
	int alert;
};

static bool is_13(const struct secure *s)
{
	return strcmp(s->params.version, "1.3") == 0;
}

static const char *suites_of(const struct secure *s)
{
	if (s->params.suites != NULL)
		return s->params.suites;
	if (is_13(s))
		return "TLS13-AES128-CCM-8-SHA256";
	return s->params.identity != NULL ? "PSK-AES128-CCM-8" : "ECDHE-ECDSA-AES128-CCM-8";
}

static int on_send(WOLFSSL *ssl, char *buf, int len, void *arg)
{
	const struct secure *s = arg;

	(void)send(*s->fd, buf, (size_t)len, 0); // or lost, as on the way
	return len;
}

static int on_recv(WOLFSSL *ssl, char *buf, int room, void *arg)
{
	const struct secure *s = arg;
	ssize_t len = recv(*s->fd, buf, (size_t)room, MSG_DONTWAIT);

	return len > 0 ? (int)len : WOLFSSL_CBIO_ERR_WANT_READ;
}

static unsigned int on_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned int room,
			   unsigned char *key, unsigned int key_room)
{
	const struct secure *s = wolfSSL_get_psk_callback_ctx(ssl);
	size_t len = strlen(s->params.key);

	if (len > key_room)
		return 0;
	snprintf(identity, room, "%s", s->params.identity);
	memcpy(key, s->params.key, len);
	return (unsigned int)len;
}

static unsigned int on_psk_13(WOLFSSL *ssl, const char *hint, char *identity, unsigned int room,
			      unsigned char *key, unsigned int key_room, const char **suite)
{
	*suite = suites_of(wolfSSL_get_psk_callback_ctx(ssl));
	return on_psk(ssl, hint, identity, room, key, key_room);
}

static bool use_certificate(const struct secure *s)
{
	const struct secure_params *params = &s->params;
	const char types[] = {WOLFSSL_CERT_TYPE_RPK};

	if (wolfSSL_CTX_use_PrivateKey_file(s->ctx, params->private_key, WOLFSSL_FILETYPE_PEM) !=
	    WOLFSSL_SUCCESS)
		return false;
	if (!params->rpk)
		return wolfSSL_CTX_use_certificate_chain_file(s->ctx, params->certificate) ==
		       WOLFSSL_SUCCESS;
	return wolfSSL_CTX_use_certificate_file(s->ctx, params->certificate,
						WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_client_cert_type(s->ctx, types, 1) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_server_cert_type(s->ctx, types, 1) == WOLFSSL_SUCCESS;
}

static bool prepare(struct secure *s)
{
	const struct secure_params *params = &s->params;

	wolfSSL_CTX_SetIOSend(s->ctx, on_send);
	wolfSSL_CTX_SetIORecv(s->ctx, on_recv);
	if (params->identity != NULL) {
		wolfSSL_CTX_set_psk_client_callback(s->ctx, on_psk);
		wolfSSL_CTX_set_psk_client_tls13_callback(s->ctx, on_psk_13);
	}
	if (params->certificate != NULL && !use_certificate(s))
		return false;
	if (params->ca == NULL)
		wolfSSL_CTX_set_verify(s->ctx, WOLFSSL_VERIFY_NONE, NULL);
	else if (wolfSSL_CTX_load_verify_locations(s->ctx, params->ca, NULL) != WOLFSSL_SUCCESS)
		return false;
	return wolfSSL_CTX_set_cipher_list(s->ctx, suites_of(s)) == WOLFSSL_SUCCESS;
}

struct secure *secure_new(const struct secure_params *params, const int *fd)
{
	struct secure *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->params = *params;
	s->fd = fd;
	s->alert = -1;
	s->ctx = wolfSSL_CTX_new(is_13(s) ? wolfDTLSv1_3_client_method()
					  : wolfDTLSv1_2_client_method());
	if (s->ctx != NULL && prepare(s))
		return s;
	fprintf(stderr, "sluice-test-device: certificate, key or cipher suite cannot be used\n");
	secure_free(s);
	return NULL;
}

void secure_free(struct secure *s)
{
	if (s == NULL)
		return;
	wolfSSL_SESSION_free(s->session);
	wolfSSL_free(s->ssl);
	wolfSSL_CTX_free(s->ctx);
	free(s);
}

// A ticket of DTLS 1.3 comes later than the handshake, so it is looked for when the next begins.
static void keep_session(struct secure *s)
{
	if (s->ssl == NULL || !s->params.tickets)
		return;
	wolfSSL_SESSION_free(s->session);
	s->session = wolfSSL_get1_session(s->ssl);
}

// Without one that is any good, hands are shaken in full.
static bool use_session(const struct secure *s)
{
	if (!s->params.tickets)
		return true;
	if (s->session != NULL)
		(void)wolfSSL_set_session(s->ssl, s->session);
	return is_13(s) || wolfSSL_UseSessionTicket(s->ssl) == WOLFSSL_SUCCESS;
}

static bool object_new(struct secure *s)
{
	unsigned char cid[2] = {0xc1, 0xd2};
	const char *name = s->params.name;

	keep_session(s);
	wolfSSL_free(s->ssl);
	s->alert = -1;
	s->ssl = wolfSSL_new(s->ctx);
	if (s->ssl == NULL || !use_session(s))
		return false;
	wolfSSL_SetIOReadCtx(s->ssl, s);
	wolfSSL_SetIOWriteCtx(s->ssl, s);
	wolfSSL_set_psk_callback_ctx(s->ssl, s);
	wolfSSL_dtls_set_using_nonblock(s->ssl, 1);
	if (name != NULL && wolfSSL_UseSNI(s->ssl, WOLFSSL_SNI_HOST_NAME, name,
					   (unsigned short)strlen(name)) != WOLFSSL_SUCCESS)
		return false;
	return !s->params.cid ||
	       (wolfSSL_dtls_cid_use(s->ssl) == WOLFSSL_SUCCESS &&
		wolfSSL_dtls_cid_set(s->ssl, cid, sizeof(cid)) == WOLFSSL_SUCCESS);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void note_alert(struct secure *s)
{
	WOLFSSL_ALERT_HISTORY history;

	if (wolfSSL_get_alert_history(s->ssl, &history) == WOLFSSL_SUCCESS &&
	    history.last_rx.code >= 0)
		s->alert = history.last_rx.code;
}

static bool may_go_on(struct secure *s, int ret)
{
	int err = wolfSSL_get_error(s->ssl, ret);

	note_alert(s);
	return err == WOLFSSL_ERROR_WANT_READ || err == WOLFSSL_ERROR_WANT_WRITE;
}

// Waits for the next datagram, as long as wolfSSL would.
static bool wait(struct secure *s, uint64_t end_ms)
{
	struct pollfd fd = {.fd = *s->fd, .events = POLLIN};
	uint64_t now = now_ms();
	int ms = wolfSSL_dtls_get_current_timeout(s->ssl) * 1000;

	if (now >= end_ms)
		return false;
	if ((uint64_t)ms > end_ms - now)
		ms = (int)(end_ms - now);
	return poll(&fd, 1, ms) != 0 || wolfSSL_dtls_got_timeout(s->ssl) == WOLFSSL_SUCCESS;
}

int secure_connect(struct secure *s, unsigned timeout_ms)
{
	uint64_t end_ms = now_ms() + timeout_ms;
	int ret;

	if (!object_new(s))
		return -1;
	do {
		ret = wolfSSL_connect(s->ssl);
		if (ret == WOLFSSL_SUCCESS)
			return 0;
	} while (may_go_on(s, ret) && wait(s, end_ms));
	return s->alert >= 0 ? s->alert : -1;
}

bool secure_resumed(const struct secure *s)
{
	return wolfSSL_session_reused(s->ssl) == 1;
}

ssize_t secure_read(struct secure *s, void *buf, size_t room)
{
	int ret = wolfSSL_read(s->ssl, buf, (int)room);

	if (ret > 0)
		return ret;
	return may_go_on(s, ret) ? 0 : -1;
}

int secure_write(struct secure *s, const void *data, size_t len)
{
	return wolfSSL_write(s->ssl, data, (int)len) == (int)len ? 0 : -1;
}

void secure_close(struct secure *s)
{
	wolfSSL_shutdown(s->ssl);
}

int secure_rekey(struct secure *s)
{
	return wolfSSL_update_keys(s->ssl) == WOLFSSL_SUCCESS ? 0 : -1;
}

int secure_alert(const struct secure *s)
{
	return s->alert;
}
