// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/handshake.h"

#include <string.h>

#include "dataplane/dtls/cookie.h"
#include "dataplane/dtls/memory.h"
#include "dataplane/dtls/resumption.h"
#include "dataplane/dtls/secrets.h"
#include "dataplane/dtls/state.h"
#include "dataplane/dtls/whose.h"
#include "dataplane/ingress.h"
#include "dataplane/pkt.h"
#include "dataplane/random.h"

#define LIFE_US   (20u * 1000000u) // of a handshake, however often its flights are repeated
#define RESEND_US (1u * 1000000u)  // RFC 6347 section 4.2.4.1; doubled each time
#define MTU       1400             // of a record; with the headers below it what Ethernet takes

static void drop(struct rte_mbuf *m, uint64_t *counter)
{
	(*counter)++;
	rte_pktmbuf_free(m);
}

void dtls_handshake_end(struct dp_worker *w, struct dtls_handshake *hs)
{
	struct dtls_memory *before = dtls_memory_use(&w->dtls->memory);

	wheel_disarm(&w->dtls->wheel, &hs->timer);
	if (hs->ssl)
		wolfSSL_free(hs->ssl);
	dtls_memory_use(before);
	dtls_whose_forget(hs);
	rte_pktmbuf_free_bulk(hs->held, hs->held_n);
	if (hs->session)
		dtls_table_remove(&w->dtls->table, hs->session);
	dtls_handshake_give(&w->dtls->handshakes, hs);
}

void dtls_handshakes_abandon(struct dp_worker *w)
{
	struct dtls_handshakes *all = &w->dtls->handshakes;

	for (uint32_t i = 0; i < all->top && all->count > 0; i++)
		if (all->pool[i].worker)
			dtls_handshake_end(w, &all->pool[i]);
}

static void arm(struct dp_worker *w, struct dtls_handshake *hs)
{
	uint64_t next = hs->resend_us < hs->deadline_us ? hs->resend_us : hs->deadline_us;

	wheel_arm(&w->dtls->wheel, &hs->timer, wheel_tick(next));
}

// wolfSSL's object for one handshake; NULL: no memory.
WOLFSSL *dtls_handshake_object(struct dp_worker *w, WOLFSSL_CTX *ctx, struct dtls_handshake *hs,
			       const uint8_t secret[static DTLS_COOKIE_SECRET_LEN])
{
	struct dtls_drbg *before = dtls_drbg_use(&w->dtls->drbg);
	uint8_t name[DTLS_PEER_NAME_LEN];
	WOLFSSL *ssl = wolfSSL_new(ctx);

	dtls_drbg_use(before);
	if (!ssl)
		return NULL;
	dtls_peer_name(&hs->peer, name);
	wolfSSL_SetIOReadCtx(ssl, hs);
	wolfSSL_SetIOWriteCtx(ssl, hs);
	wolfSSL_SetCertCbCtx(ssl, hs);
	wolfSSL_dtls_set_using_nonblock(ssl, 1);
	if (wolfSSL_set_psk_callback_ctx(ssl, hs) == WOLFSSL_SUCCESS &&
	    wolfSSL_dtls_set_peer(ssl, name, sizeof(name)) == WOLFSSL_SUCCESS &&
	    wolfSSL_dtls_set_mtu(ssl, MTU) == WOLFSSL_SUCCESS &&
	    wolfSSL_set_group_messages(ssl) == WOLFSSL_SUCCESS &&
	    wolfSSL_DTLS_SetCookieSecret(ssl, secret, DTLS_COOKIE_SECRET_LEN) == 0 &&
	    (ctx == w->dtls->server.psk_12 ||
	     wolfSSL_send_hrr_cookie(ssl, secret, DTLS_COOKIE_SECRET_LEN) == WOLFSSL_SUCCESS) &&
	    dtls_secrets_watch(ssl, hs) == 0)
		return ssl;
	wolfSSL_free(ssl);
	return NULL;
}

static bool offer_cid(struct dp_worker *w, struct dtls_handshake *hs)
{
	uint8_t cid[DTLS_OWN_CID_LEN];

	dtls_cid_write(dtls_table_cid(&w->dtls->table, hs->session), cid);
	return wolfSSL_dtls_cid_use(hs->ssl) == WOLFSSL_SUCCESS &&
	       wolfSSL_dtls_cid_set(hs->ssl, cid, sizeof(cid)) == WOLFSSL_SUCCESS;
}

// A DTLS 1.3 client that names an identity must have its key: nothing else is agreed to.
static WOLFSSL_CTX *context_for(const struct dtls_server *server, const struct dtls_handshake *hs,
				const struct dtls_hello *hello)
{
	if (hs->psk_only)
		return server->psk;
	if (dtls_hello_psk_12(hello))
		return server->psk_12;
	if (hello->wants_rpk && server->rpk)
		return server->rpk;
	return hello->name.data ? dtls_server_named(server, hello->name.data, hello->name.len)
				: server->x509;
}

// NULL: there is no room, which has been counted.
static struct dtls_handshake *begin(struct dp_worker *w, const struct dp_peer *peer,
				    const struct dtls_hello *hello, const uint8_t *secret)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_handshake *hs = dtls_handshake_take(&dtls->handshakes, w, peer);
	struct dtls_memory *before;
	uint64_t *refused;
	bool ok;

	if (!hs) {
		w->counters.drop_dtls_handshakes_full++;
		return NULL;
	}
	hs->session = dtls_table_new(&dtls->table, (uint32_t)dp_random(w));
	if (!hs->session) {
		w->counters.drop_dtls_sessions_full++;
		dtls_handshake_end(w, hs);
		return NULL;
	}
	memcpy(hs->random, hello->random, sizeof(hs->random));
	hs->suite13 = dtls_suite13_of(hello);
	hs->psk_only = hello->wants_13 && hello->identity.data && hs->suite13 != 0;
	hs->offered = dtls_resumption_offered(w, hs, hello, &refused);
	if (refused)
		(*refused)++;
	before = dtls_memory_use(&dtls->memory);
	hs->ssl = dtls_handshake_object(w, context_for(&dtls->server, hs, hello), hs, secret);
	ok = hs->ssl && offer_cid(w, hs);
	if (ok)
		dtls_resumption_allow(w, hs, hello);
	dtls_memory_use(before);
	if (!ok) {
		w->counters.drop_dtls_memory++;
		dtls_handshake_end(w, hs);
		return NULL;
	}
	hs->deadline_us = w->now_us + LIFE_US;
	hs->resend_us = w->now_us + RESEND_US;
	hs->resend_after_us = RESEND_US;
	arm(w, hs);
	return hs;
}

// Holds a datagram back until control has answered.
static void hold(struct dp_worker *w, struct dtls_handshake *hs, struct rte_mbuf *m)
{
	if (hs->held_n < DTLS_HELD_MAX)
		hs->held[hs->held_n++] = m;
	else
		drop(m, &w->counters.drop_dtls_waiting);
}

// Tells the peer, in the clear, that its credentials are no good, whichever half was wrong.
static void refuse(struct dp_worker *w, struct dtls_handshake *hs)
{
	if (hs->unknown)
		w->counters.dtls_unknown_identity++;
	else
		w->counters.dtls_wrong_key++;
	dtls_alert_plain(w, &hs->peer, DTLS_ALERT_DECRYPT_ERROR);
	dtls_handshake_end(w, hs);
}

static uint64_t *failure_of(struct dp_worker *w, const struct dtls_handshake *hs, int err)
{
	struct dp_counters *c = &w->counters;

	switch (err) {
	case MEMORY_E:
	case MEMORY_ERROR:
		return &c->dtls_failed_memory;
	case FATAL_ERROR:
		return &c->dtls_failed_peer;
	case BAD_BINDER: // without an identity: no ticket counts, and we have no certificate
		if (!hs->psk_only)
			return hs->resuming ? &c->dtls_failed_other : &c->dtls_nothing_in_common;
		// fall through
	case PSK_KEY_ERROR:
	case VERIFY_FINISHED_ERROR:
	case DECRYPT_ERROR:
	case VERIFY_MAC_ERROR:
		return hs->unknown ? &c->dtls_unknown_identity : &c->dtls_wrong_key;
	case VERIFY_CERT_ERROR:
	case NO_PEER_CERT:
	case NO_PEER_VERIFY:
	case ASN_NO_SIGNER_E:
	case ASN_SIG_CONFIRM_E:
	case ASN_AFTER_DATE_E:
	case ASN_BEFORE_DATE_E:
	case UNSUPPORTED_CERTIFICATE:
	case SIG_VERIFY_E:
	case VERIFY_SIGN_ERROR:
		return &c->dtls_bad_certificate;
	case MATCH_SUITE_ERROR:
	case VERSION_ERROR:
	case UNSUPPORTED_SUITE:
	case EXT_MISSING:
	case UNKNOWN_SNI_HOST_NAME_E:
		return &c->dtls_nothing_in_common;
	default:
		return &c->dtls_failed_other;
	}
}

static bool is_psk(const struct dtls_handshake *hs)
{
	const char *name = wolfSSL_get_cipher_name(hs->ssl);

	return hs->psk_only || (name && strstr(name, "PSK") != NULL);
}

// What the peer has proved in a handshake that wolfSSL is content with: 0 is nothing.
static uint8_t proved(const struct dtls_handshake *hs)
{
	int type = WOLFSSL_CERT_TYPE_X509;

	if (is_psk(hs))
		return hs->key_known && !hs->unknown ? BRIDGE_CREDENTIAL_PSK : 0;
	if (!hs->proof)
		return 0;
	return wolfSSL_get_negotiated_client_cert_type(hs->ssl, &type) == WOLFSSL_SUCCESS &&
			       type == WOLFSSL_CERT_TYPE_RPK
		       ? BRIDGE_CREDENTIAL_RPK
		       : BRIDGE_CREDENTIAL_X509;
}

static void ask_whose(struct dp_worker *w, struct dtls_handshake *hs)
{
	hs->state = DTLS_HANDSHAKE_PROVING;
	dtls_whose_ask(w, hs, (struct dtls_bytes){hs->proof, hs->proof_len});
	hs->resend_after_us = RESEND_US;
	hs->resend_us = w->now_us + RESEND_US;
	arm(w, hs);
}

// In the middle of what makes the ticket: wolfSSL is content with the peer so far.
static void prove_first(struct dp_worker *w, struct dtls_handshake *hs)
{
	hs->pausing = false;
	hs->kind = proved(hs);
	if (hs->kind != 0) {
		ask_whose(w, hs);
		return;
	}
	w->counters.dtls_bad_certificate++;
	dtls_handshake_deny(w, hs);
}

static void finish(struct dp_worker *w, struct dtls_handshake *hs)
{
	struct dtls_memory *before = dtls_memory_use(&w->dtls->memory);
	bool ok;

	hs->resumed = dtls_resumption_done(hs);
	ok = dtls_secrets_harvest(w->dtls->aead, hs->ssl, hs);
	if (!hs->resumed)
		hs->kind = ok ? proved(hs) : 0;
	wolfSSL_free(hs->ssl);
	hs->ssl = NULL;
	dtls_memory_use(before);
	hs->state = DTLS_HANDSHAKE_PROVING;
	if (!ok) {
		w->counters.dtls_failed_other++;
		dtls_handshake_end(w, hs);
	} else if (hs->kind == 0) {
		w->counters.dtls_bad_certificate++;
		dtls_handshake_deny(w, hs);
	} else if (hs->credential_kind == hs->kind) { // control has said whose it is
		dtls_handshake_establish(w, hs);
	} else {
		ask_whose(w, hs);
	}
}

static void run(struct dp_worker *w, struct dtls_handshake *hs, const uint8_t *data, uint32_t len)
{
	struct dtls_memory *before = dtls_memory_use(&w->dtls->memory);
	int ret, err;

	hs->in = data;
	hs->in_len = len;
	ret = wolfSSL_accept(hs->ssl);
	err = ret == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(hs->ssl, ret);
	hs->in = NULL;
	dtls_memory_use(before);
	if (ret == WOLFSSL_SUCCESS) {
		finish(w, hs);
	} else if (hs->pausing) {
		prove_first(w, hs);
	} else if (err != WOLFSSL_ERROR_WANT_READ && err != WOLFSSL_ERROR_WANT_WRITE) {
		(*failure_of(w, hs, err))++;
		dtls_handshake_end(w, hs);
	}
}

void dtls_handshake_resume(struct dp_worker *w, struct dtls_handshake *hs)
{
	struct rte_mbuf *held[DP_BURST]; // as much room as the stage may need
	uint16_t n = hs->held_n;

	memcpy(held, hs->held, n * sizeof(held[0]));
	hs->held_n = 0;
	if (hs->state != DTLS_HANDSHAKE_PROVING) {
		hs->state = DTLS_HANDSHAKE_RUNNING;
	} else if (hs->ssl) { // the ticket can be made now
		hs->state = DTLS_HANDSHAKE_RUNNING;
		run(w, hs, NULL, 0);
	} else {
		dtls_handshake_establish(w, hs);
	}
	dp_ingress_secure(w, held, n);
}

// A datagram for wolfSSL.
static void feed(struct dp_worker *w, struct dtls_handshake *hs, struct rte_mbuf *m)
{
	const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t serial = hs->serial;
	struct dtls_flight flight;

	dtls_flight_scan(&flight, data, m->data_len);
	hs->keyed |= flight.client_key.data != NULL;
	hs->ciphered |= hs->keyed && flight.change_cipher;
	run(w, hs, data, m->data_len);
	rte_pktmbuf_free(m);
	// wolfSSL drops a record that does not authenticate. Of a Finished after all that comes
	// before it, that means another key.
	if (hs->serial == serial && hs->state == DTLS_HANDSHAKE_RUNNING && hs->ciphered &&
	    hs->kind == BRIDGE_CREDENTIAL_PSK && flight.encrypted)
		refuse(w, hs);
}

static void ask_for_key(struct dp_worker *w, struct dtls_handshake *hs, struct rte_mbuf *m,
			struct dtls_bytes identity)
{
	hs->kind = BRIDGE_CREDENTIAL_PSK;
	if (identity.data)
		hs->identity = dtls_whose_identity(w, identity.data, identity.len);
	if (!identity.data || !dtls_whose_ask(w, hs, identity)) {
		drop(m, identity.data ? &w->counters.drop_control_away
				      : &w->counters.drop_dtls_malformed);
		return;
	}
	hs->state = DTLS_HANDSHAKE_ASKING;
	hold(w, hs, m);
}

static void ask_about_ticket(struct dp_worker *w, struct dtls_handshake *hs, struct rte_mbuf *m)
{
	if (!dtls_resumption_ask(w, hs)) {
		drop(m, &w->counters.drop_control_away);
		return;
	}
	hs->offered = false;
	hs->state = DTLS_HANDSHAKE_ASKING;
	hold(w, hs, m);
}

// A ClientHello, for the first time or once more: what wolfSSL will want to know of it is found out
// before it sees it. Even with a ticket the key of an identity: wolfSSL may decline the ticket.
static void hello_on(struct dp_worker *w, struct dtls_handshake *hs, struct rte_mbuf *m,
		     const struct dtls_hello *hello)
{
	if (hs->offered)
		ask_about_ticket(w, hs, m);
	else if (hs->psk_only && !hs->key_known)
		ask_for_key(w, hs, m, hello->identity);
	else
		feed(w, hs, m);
}

// Something other than a ClientHello.
static void flight_in(struct dp_worker *w, struct dtls_handshake *hs, struct rte_mbuf *m)
{
	struct dtls_flight flight;

	if (hs->state != DTLS_HANDSHAKE_RUNNING) {
		hold(w, hs, m);
		return;
	}
	dtls_flight_scan(&flight, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len);
	if (flight.client_key.data && !hs->key_known && is_psk(hs))
		ask_for_key(w, hs, m, dtls_client_key_identity(flight.client_key));
	else
		feed(w, hs, m);
}

static void hello_in(struct dp_worker *w, struct rte_mbuf *m, const struct dtls_hello *hello)
{
	const struct dp_peer *peer = &dp_pkt(m)->peer;
	struct dtls_handshake *hs = dtls_handshake_find(&w->dtls->handshakes, peer);
	bool returned = hello->wants_13 ? hello->cookie13.data != NULL : hello->cookie.len > 0;
	const uint8_t *secret = returned ? dtls_cookie_good(&w->dtls->cookies, hello, peer) : NULL;

	if (!secret) {
		dtls_listener_demand(w, m, hello);
		return;
	}
	if (hs && memcmp(hs->random, hello->random, sizeof(hs->random)) == 0) {
		w->counters.dtls_hello_again++; // our flight was lost: at once once more
		if (hs->state == DTLS_HANDSHAKE_RUNNING)
			hello_on(w, hs, m, hello);
		else
			drop(m, &w->counters.drop_dtls_waiting);
		return;
	}
	if (hs) // it has begun anew
		dtls_handshake_end(w, hs);
	if (!w->ever_restored) { // slots belong to sessions that are still to come
		drop(m, &w->counters.drop_restoring);
		return;
	}
	hs = begin(w, peer, hello, secret);
	if (!hs)
		rte_pktmbuf_free(m);
	else
		hello_on(w, hs, m, hello);
}

static bool in_the_clear(const struct rte_mbuf *m)
{
	struct dtls_head head;

	return dtls_head_parse(&head, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len) ==
		       DTLS_DATA &&
	       dtls_head_is_plain(&head);
}

// There is no session for it, perhaps since a restart: the sender is told, so that it shakes hands
// again at once.
static void refuse_unknown(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dp_peer peer = dp_pkt(m)->peer;
	bool amplifies = m->data_len < DTLS_ALERT_RECORD;

	if (!w->ever_restored) { // it may be on its way
		drop(m, &w->counters.drop_restoring);
		return;
	}
	drop(m, &w->counters.drop_dtls_unknown_cid);
	if (!amplifies)
		dtls_alert_plain(w, &peer, DTLS_ALERT_INTERNAL_ERROR);
}

void dtls_handshake_input(struct dp_worker *w, struct rte_mbuf *m)
{
	struct dtls_handshake *hs;
	struct dtls_hello hello;

	if (dtls_hello_parse(&hello, rte_pktmbuf_mtod(m, const uint8_t *), m->data_len)) {
		hello_in(w, m, &hello);
		return;
	}
	hs = dtls_handshake_find(&w->dtls->handshakes, &dp_pkt(m)->peer);
	if (hs)
		flight_in(w, hs, m);
	else if (in_the_clear(m))
		drop(m, &w->counters.drop_dtls_no_handshake);
	else
		refuse_unknown(w, m);
}

bool dtls_handshake_takes(const struct dp_worker *w, struct rte_mbuf *m)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

	return dtls_handshake_find(&w->dtls->handshakes, &dp_pkt(m)->peer) ||
	       (p[0] == DTLS_CONTENT_HANDSHAKE && m->data_len > DTLS_RECORD_HEADER &&
		p[DTLS_RECORD_HEADER] == DTLS_CLIENT_HELLO);
}

bool dtls_handshake_wants(const struct dp_worker *w, const struct dp_peer *peer)
{
	const struct dtls_handshake *hs = dtls_handshake_find(&w->dtls->handshakes, peer);

	return hs && (hs->keyed || hs->held_n > 0 || hs->state == DTLS_HANDSHAKE_PROVING ||
		      hs->ciphering || hs->ticket_taken);
}

static void waited_in_vain(struct dp_worker *w, struct dtls_handshake *hs)
{
	w->counters.dtls_unanswered++;
	if (hs->state == DTLS_HANDSHAKE_PROVING) {
		dtls_whose_ask(w, hs, (struct dtls_bytes){hs->proof, hs->proof_len});
		return;
	}
	rte_pktmbuf_free_bulk(hs->held, hs->held_n); // the client repeats them
	hs->held_n = 0;
	hs->state = DTLS_HANDSHAKE_RUNNING;
}

static void resend(struct dp_worker *w, struct dtls_handshake *hs)
{
	struct dtls_memory *before = dtls_memory_use(&w->dtls->memory);

	w->counters.dtls_flights_again++;
	(void)wolfSSL_dtls_got_timeout(hs->ssl); // what it cannot send now is due again later
	dtls_memory_use(before);
}

void dtls_handshake_on_time(struct wheel_timer *timer, void *worker)
{
	struct dtls_handshake *hs =
		(struct dtls_handshake *)((char *)timer - offsetof(struct dtls_handshake, timer));
	struct dp_worker *w = worker;

	if (w->now_us >= hs->deadline_us) {
		w->counters.dtls_expired++;
		dtls_handshake_end(w, hs);
		return;
	}
	if (w->now_us >= hs->resend_us) {
		if (hs->state == DTLS_HANDSHAKE_RUNNING)
			resend(w, hs);
		else
			waited_in_vain(w, hs);
		hs->resend_after_us *= 2;
		hs->resend_us = w->now_us + hs->resend_after_us;
	}
	arm(w, hs);
}

int dtls_handshake_recv(WOLFSSL *ssl, char *buf, int size, void *handshake)
{
	struct dtls_handshake *hs = handshake;
	const uint8_t *in = hs->in;

	if (!in || (uint32_t)size < hs->in_len)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	hs->in = NULL;
	memcpy(buf, in, hs->in_len);
	return (int)hs->in_len;
}

int dtls_handshake_send(WOLFSSL *ssl, char *buf, int size, void *handshake)
{
	struct dtls_handshake *hs = handshake;

	if (size > 0 && (size_t)size <= sizeof(hs->sent)) {
		memcpy(hs->sent, buf, (size_t)size);
		hs->sent_len = (uint16_t)size;
	}
	dtls_send_plain(hs->worker, &hs->peer, buf, (size_t)size); // or lost, as on the way
	return size;
}
