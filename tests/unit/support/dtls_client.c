// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/support/dtls_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/state.h"
#include "dataplane/pkt.h"

#define STEPS 40

const struct dtls_known *dtls_known;
uint32_t dtls_known_until_s = UINT32_MAX;
struct dtls_kept dtls_kept;

const char *dtls_file(const char *name, const char *suffix)
{
	static char path[8][256];
	static unsigned next;
	char *p = path[next++ % 8];

	snprintf(p, sizeof(path[0]), "%s/%s%s", DTLS_VECTORS, name, suffix);
	return p;
}

static size_t read_file(const char *path, void *buf, size_t room)
{
	FILE *f = fopen(path, "re");
	size_t len;

	assert_non_null(f);
	len = fread(buf, 1, room, f);
	fclose(f);
	return len;
}

void dtls_known_device(struct dtls_known *x509, struct dtls_known *rpk)
{
	static uint8_t pem[2048], certificate[1024], key[128];
	size_t len = read_file(dtls_file("device", ".pem"), pem, sizeof(pem));

	x509->id = certificate;
	x509->id_len = (size_t)wolfSSL_CertPemToDer(pem, (int)len, certificate, sizeof(certificate),
						    CERT_TYPE);
	rpk->id = key;
	rpk->id_len = read_file(dtls_file("device", ".pub.der"), key, sizeof(key));
}

void dtls_gateway(struct gateway *gw, uint32_t max_handshakes, bool certificate)
{
	struct dp_dtls_params params = {
		.max_sessions = 1000,
		.max_handshakes = max_handshakes,
		.keylog_fd = -1,
		.cookie_secret = "a secret of thirty-two bytes...",
		.ticket_lifetime_s = DTLS_GATEWAY_LIFETIME_S,
	};
	char why[160];

	if (certificate) {
		params.certificate = dtls_file("gateway", ".pem");
		params.key = dtls_file("gateway", ".key");
		params.ca = dtls_file("ca", ".pem");
	}
	for (uint16_t i = 0; i < gw->workers_count; i++)
		assert_int_equal(dp_dtls_new(gw->w[i], &params, why), 0);
	gw->port.secure = PKTIO_SECURE;
}

void dtls_gateway_tickets(struct gateway *gw, uint64_t period)
{
	struct bridge_ticket_keys keys = {.period = period};

	memset(keys.now, 7 * (int)period + 1, sizeof(keys.now));
	memset(keys.before, 7 * (int)(period - 1) + 1, sizeof(keys.before));
	for (uint16_t w = 0; w < gw->workers_count; w++)
		gateway_command(gw, w, BRIDGE_TICKET_KEYS, &keys.period,
				sizeof(keys) - sizeof(keys.record));
	gateway_run(gw);
}

static int on_send(WOLFSSL *ssl, char *buf, int len, void *client)
{
	struct dtls_client *c = client;
	uint8_t whole[4096];

	if (c->lost)
		return len;
	if (c->joined) {
		memcpy(c->waiting, buf, (size_t)len);
		c->waiting_len = (size_t)len;
		return len;
	}
	memcpy(whole, c->waiting, c->waiting_len);
	memcpy(whole + c->waiting_len, buf, (size_t)len);
	assert_int_equal(pktio_mem_inject(&c->gw->port, c->params.worker, whole,
					  c->waiting_len + (size_t)len, &c->peer),
			 0);
	c->waiting_len = 0;
	c->sent++;
	return len;
}

static void note_alert(struct dtls_client *c, const uint8_t *p, size_t len)
{
	if (len == 15 && p[0] == 21 && p[3] == 0 && p[4] == 0)
		c->alert = p[14];
}

// The next datagram for us of those that have left by any worker.
static int take(struct dtls_client *c, char *buf, int room)
{
	for (uint16_t w = 0; w < c->gw->workers_count; w++) {
		struct rte_mbuf *m;

		while ((m = pktio_mem_take(&c->gw->port, w))) {
			const struct dp_peer *to = &dp_pkt(m)->peer;
			int len = m->data_len;
			bool ours = memcmp(to->addr, c->peer.addr, sizeof(to->addr)) == 0 &&
				    to->udp_port_be16 == c->peer.udp_port_be16;

			assert_true(len <= room);
			memcpy(buf, rte_pktmbuf_mtod(m, void *), (size_t)len);
			rte_pktmbuf_free(m);
			if (!ours || c->deaf)
				continue;
			c->heard++;
			note_alert(c, (uint8_t *)buf, (size_t)len);
			return len;
		}
	}
	return 0;
}

static int on_recv(WOLFSSL *ssl, char *buf, int room, void *client)
{
	struct dtls_client *c = client;
	int len = take(c, buf, room);

	return len > 0 ? len : WOLFSSL_CBIO_ERR_WANT_READ;
}

static unsigned int on_psk(WOLFSSL *ssl, const char *hint, char *identity, unsigned int room,
			   unsigned char *key, unsigned int key_room)
{
	const struct dtls_client *c = wolfSSL_get_psk_callback_ctx(ssl);

	snprintf(identity, room, "%s", c->params.identity);
	memcpy(key, c->params.key, strlen(c->params.key));
	return (unsigned int)strlen(c->params.key);
}

static unsigned int on_psk_13(WOLFSSL *ssl, const char *hint, char *identity, unsigned int room,
			      unsigned char *key, unsigned int key_room, const char **suite)
{
	const struct dtls_client *c = wolfSSL_get_psk_callback_ctx(ssl);

	*suite = c->params.suites;
	return on_psk(ssl, hint, identity, room, key, key_room);
}

static void use_certificate(struct dtls_client *c)
{
	const char types[] = {WOLFSSL_CERT_TYPE_RPK};
	const char *name = c->params.certificate;

	assert_int_equal(wolfSSL_CTX_use_PrivateKey_file(c->ctx, dtls_file(name, ".key"),
							 WOLFSSL_FILETYPE_PEM),
			 WOLFSSL_SUCCESS);
	if (!c->params.rpk) {
		assert_int_equal(wolfSSL_CTX_use_certificate_file(c->ctx, dtls_file(name, ".pem"),
								  WOLFSSL_FILETYPE_PEM),
				 WOLFSSL_SUCCESS);
		assert_int_equal(wolfSSL_CTX_load_verify_locations(
					 c->ctx,
					 dtls_file(c->params.ca ? c->params.ca : "ca", ".pem"),
					 NULL),
				 WOLFSSL_SUCCESS);
		return;
	}
	assert_int_equal(wolfSSL_CTX_use_certificate_file(c->ctx, dtls_file(name, ".pub.der"),
							  WOLFSSL_FILETYPE_ASN1),
			 WOLFSSL_SUCCESS);
	assert_int_equal(wolfSSL_CTX_set_client_cert_type(c->ctx, types, 1), WOLFSSL_SUCCESS);
	assert_int_equal(wolfSSL_CTX_set_server_cert_type(c->ctx, types, 1), WOLFSSL_SUCCESS);
}

void dtls_client_open(struct dtls_client *c, struct gateway *gw, struct dtls_client_params params)
{
	unsigned char cid[2] = {0xc1, 0xd2};

	*c = (struct dtls_client){.gw = gw, .params = params, .alert = -1};
	c->peer = gateway_device(params.number);
	dtls_memory_use(NULL);
	c->ctx = wolfSSL_CTX_new(params.version == WOLFSSL_DTLSV1_3 ? wolfDTLSv1_3_client_method()
								    : wolfDTLSv1_2_client_method());
	assert_non_null(c->ctx);
	wolfSSL_CTX_SetIOSend(c->ctx, on_send);
	wolfSSL_CTX_SetIORecv(c->ctx, on_recv);
	if (params.identity) {
		wolfSSL_CTX_set_psk_client_callback(c->ctx, on_psk);
		wolfSSL_CTX_set_psk_client_tls13_callback(c->ctx, on_psk_13);
	}
	if (params.certificate)
		use_certificate(c);
	else
		wolfSSL_CTX_set_verify(c->ctx, WOLFSSL_VERIFY_NONE, NULL);
	assert_int_equal(wolfSSL_CTX_set_cipher_list(c->ctx, params.suites), WOLFSSL_SUCCESS);
	c->ssl = wolfSSL_new(c->ctx);
	assert_non_null(c->ssl);
	wolfSSL_SetIOReadCtx(c->ssl, c);
	wolfSSL_SetIOWriteCtx(c->ssl, c);
	wolfSSL_set_psk_callback_ctx(c->ssl, c);
	wolfSSL_dtls_set_using_nonblock(c->ssl, 1);
	if (params.name)
		assert_int_equal(wolfSSL_UseSNI(c->ssl, WOLFSSL_SNI_HOST_NAME, params.name,
						(unsigned short)strlen(params.name)),
				 WOLFSSL_SUCCESS);
	if (params.tickets && params.version == WOLFSSL_DTLSV1_2)
		assert_int_equal(wolfSSL_UseSessionTicket(c->ssl), WOLFSSL_SUCCESS);
	if (params.session)
		assert_int_equal(wolfSSL_set_session(c->ssl, params.session), WOLFSSL_SUCCESS);
	if (params.cid) {
		assert_int_equal(wolfSSL_dtls_cid_use(c->ssl), WOLFSSL_SUCCESS);
		assert_int_equal(wolfSSL_dtls_cid_set(c->ssl, cid, sizeof(cid)), WOLFSSL_SUCCESS);
	}
}

void dtls_client_close(struct dtls_client *c)
{
	wolfSSL_free(c->ssl);
	wolfSSL_CTX_free(c->ctx);
}

WOLFSSL_SESSION *dtls_client_session(struct dtls_client *c)
{
	WOLFSSL_SESSION *session;

	while (dtls_client_take(c).len > 0) // a ticket of DTLS 1.3 may be behind what was sent
		;
	session = wolfSSL_get1_session(c->ssl);
	assert_non_null(session);
	return session;
}

int dtls_client_step(struct dtls_client *c)
{
	int ret = wolfSSL_connect(c->ssl), err = wolfSSL_get_error(c->ssl, ret);

	gateway_run(c->gw);
	if (ret == WOLFSSL_SUCCESS)
		return 1;
	return err == WOLFSSL_ERROR_WANT_READ || err == WOLFSSL_ERROR_WANT_WRITE ? 0 : -1;
}

static const struct dtls_known *find_again(const struct gateway_event *ev)
{
	uint64_t credential;

	assert_int_equal(ev->coap_len, sizeof(credential));
	memcpy(&credential, ev->coap, sizeof(credential));
	for (const struct dtls_known *k = dtls_known; k && k->kind; k++)
		if (k->credential == credential)
			return k;
	return NULL;
}

static const struct dtls_known *find(const struct gateway_event *ev)
{
	if (ev->result == BRIDGE_CREDENTIAL_AGAIN)
		return find_again(ev);
	for (const struct dtls_known *k = dtls_known; k && k->kind; k++)
		if (k->kind == ev->result && k->id_len == ev->coap_len &&
		    memcmp(k->id, ev->coap, k->id_len) == 0)
			return k;
	return NULL;
}

static void answer(struct gateway *gw, uint16_t worker, const struct gateway_event *ev)
{
	const struct dtls_known *known = find(ev);
	union {
		struct bridge_credential cmd;
		uint8_t bytes[512];
	} u = {.cmd = {.query = ev->request_id, .verdict = !known, .kind = ev->result}};
	bool with_key = known && known->key && ev->result == BRIDGE_CREDENTIAL_PSK;
	size_t key_len = with_key ? strlen(known->key) : 0;
	size_t endpoint_len = known ? strlen(known->endpoint) : 0;

	if (known) {
		u.cmd.until_s = known->kind == BRIDGE_CREDENTIAL_X509 ? dtls_known_until_s : 0;
		u.cmd.credential = known->credential;
		u.cmd.key_len = (uint16_t)key_len;
		u.cmd.endpoint_len = (uint16_t)endpoint_len;
		if (key_len > 0)
			memcpy(u.bytes + sizeof(u.cmd), known->key, key_len);
		memcpy(u.bytes + sizeof(u.cmd) + key_len, known->endpoint, endpoint_len);
	}
	gateway_command(gw, worker, BRIDGE_CREDENTIAL, u.bytes + sizeof(struct bridge_record),
			sizeof(u.cmd) + key_len + endpoint_len - sizeof(struct bridge_record));
}

// A snapshot: on disk at once.
static void keep(struct gateway *gw, uint16_t worker, const struct gateway_event *ev)
{
	assert_int_equal(ev->coap_len, sizeof(dtls_kept.session));
	dtls_kept.cid = ev->location;
	dtls_kept.credential = ev->credential;
	memcpy(dtls_kept.session, ev->coap, sizeof(dtls_kept.session));
	dtls_kept.count++;
	gateway_commit(gw, worker, ev->seq);
}

unsigned dtls_control_answer(struct gateway *gw)
{
	static struct gateway_event ev;
	unsigned n = 0;

	for (uint16_t w = 0; w < gw->workers_count; w++) {
		while (gateway_event(gw, w, &ev)) {
			if (ev.type == BRIDGE_EV_DTLS_SAVE)
				keep(gw, w, &ev);
			if (ev.type != BRIDGE_EV_CREDENTIAL_QUERY)
				continue;
			answer(gw, w, &ev);
			n++;
		}
	}
	gateway_run(gw);
	return n;
}

bool dtls_client_connect(struct dtls_client *c)
{
	for (unsigned i = 0; i < STEPS; i++) {
		int ret = dtls_client_step(c);

		dtls_control_answer(c->gw);
		if (ret != 0)
			return ret > 0;
	}
	return false;
}

void dtls_client_send(struct dtls_client *c, const struct datagram *d)
{
	assert_int_equal(wolfSSL_write(c->ssl, d->bytes, (int)d->len), (int)d->len);
	gateway_run(c->gw);
}

struct datagram dtls_client_take(struct dtls_client *c)
{
	struct datagram d = {0};
	int len = wolfSSL_read(c->ssl, d.bytes, sizeof(d.bytes));

	if (len > 0) {
		d.len = (size_t)len;
		assert_int_equal(coap_msg_parse(&d.msg, d.bytes, d.len), COAP_OK);
	}
	return d;
}

static struct dtls_session *session_of(const struct dtls_client *c, struct dtls_table *table)
{
	for (uint32_t i = 0; i < table->top; i++)
		if (dtls_session_lives(&table->slots[i]) &&
		    memcmp(table->slots[i].addr, c->peer.addr, sizeof(c->peer.addr)) == 0)
			return &table->slots[i];
	return NULL;
}

void dtls_client_rekey(struct dtls_client *c)
{
	struct dp_worker *w = c->gw->w[c->params.worker];
	struct dtls_session *session = session_of(c, &w->dtls->table);
	uint8_t out[DTLS_ANSWER_MAX];
	struct dp_peer peer;
	size_t len;

	assert_non_null(session);
	assert_int_equal(wolfSSL_update_keys(c->ssl), WOLFSSL_SUCCESS);
	gateway_run(c->gw);
	assert_int_equal(GATEWAY_COUNT(c->gw, dtls_key_update), 1);
	assert_int_equal(dtls_client_take(c).len, 0); // our ACK
	len = dtls_key_update(w->dtls->aead, session, out);
	dp_dtls_peer(w, session, &peer);
	dtls_send_plain(w, &peer, out, len);
	gateway_run(c->gw);
	assert_int_equal(dtls_client_take(c).len, 0); // sends its ACK
	gateway_run(c->gw);
	assert_int_equal(DTLS_EPOCH(session->write_next), 4);
}
