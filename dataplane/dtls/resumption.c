// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/resumption.h"

#include <string.h>

#include "dataplane/dtls/state.h"
#include "dataplane/dtls/whose.h"

#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/random.h>

static uint64_t wall_s(const struct dp_worker *w)
{
	return (w->now_us + w->wall_offset_us) / 1000000;
}

static struct dtls_ticket_binding binding_of(const struct dtls_handshake *hs)
{
	struct dtls_ticket_binding binding = {.trust = hs->worker->dtls->server.trust};

	memcpy(binding.name, hs->name_digest, sizeof(binding.name));
	return binding;
}

// A resumed session goes on with the same cipher suite.
static bool suite_fits(uint16_t suite, const struct dtls_hello *hello)
{
	return dtls_suite_is_13(dtls_suite_from_iana(suite)) == hello->wants_13 &&
	       dtls_hello_offers(hello, suite);
}

bool dtls_resumption_offered(struct dp_worker *w, struct dtls_handshake *hs,
			     const struct dtls_hello *hello, uint64_t **refused)
{
	struct dtls_bytes whole = dtls_hello_ticket(hello);
	struct dtls_ticket_binding binding;

	*refused = NULL;
	if (!w->dtls->ticket_keys.known || !dtls_hello_wants_ticket(hello))
		return false;
	dtls_ticket_name(hello->name, hs->name_digest);
	if (!whole.data)
		return false;
	binding = binding_of(hs);
	if (!dtls_ticket_read(&w->dtls->ticket_keys, &binding, whole, &hs->ticket) ||
	    !suite_fits(hs->ticket.suite, hello)) {
		*refused = &w->counters.dtls_tickets_unknown;
		return false;
	}
	if (wall_s(w) >= hs->ticket.born_s + w->dtls->ticket_lifetime_s ||
	    wall_s(w) >= hs->ticket.until_s) {
		*refused = &w->counters.dtls_tickets_expired;
		return false;
	}
	return true;
}

void dtls_resumption_allow(const struct dp_worker *w, struct dtls_handshake *hs,
			   const struct dtls_hello *hello)
{
	if (w->dtls->ticket_keys.known && dtls_hello_wants_ticket(hello))
		return;
	(void)wolfSSL_no_ticket_TLSv13(hs->ssl);
	(void)wolfSSL_NoTicketTLSv12(hs->ssl);
}

bool dtls_resumption_ask(struct dp_worker *w, struct dtls_handshake *hs)
{
	const uint8_t *id = (const uint8_t *)&hs->ticket.credential;

	hs->kind = BRIDGE_CREDENTIAL_AGAIN;
	return dtls_whose_ask(w, hs, (struct dtls_bytes){id, sizeof(hs->ticket.credential)});
}

void dtls_resumption_answered(struct dp_worker *w, struct dtls_handshake *hs, bool known,
			      uint64_t endpoint)
{
	hs->kind = 0;
	hs->resuming = known;
	hs->ticket_endpoint = endpoint;
	if (known)
		(void)wolfSSL_only_dhe_psk(hs->ssl); // DTLS 1.3
	else
		w->counters.dtls_tickets_revoked++;
	dtls_handshake_resume(w, hs);
}

bool dtls_resumption_done(struct dtls_handshake *hs)
{
	if (!hs->ticket_taken || wolfSSL_session_reused(hs->ssl) != 1)
		return false;
	hs->credential = hs->ticket.credential;
	hs->endpoint = hs->ticket_endpoint;
	hs->kind = hs->credential_kind = hs->ticket.kind;
	return true;
}

// False: it is not known yet whose it would be.
static bool describe(const struct dtls_handshake *hs, struct dtls_ticket *ticket)
{
	if (hs->ticket_taken && wolfSSL_session_reused(hs->ssl) == 1) {
		*ticket = hs->ticket; // as old as that one: nobody is resumed for ever
		return true;
	}
	*ticket = (struct dtls_ticket){
		.credential = hs->credential,
		.born_s = wall_s(hs->worker),
		.until_s = hs->until_s ? hs->until_s : UINT32_MAX,
		.suite = (uint16_t)wolfSSL_get_current_cipher_suite(hs->ssl),
		.kind = hs->kind,
	};
	return hs->credential_kind != 0 && hs->credential_kind == hs->kind;
}

static int seal_ticket(struct dtls_handshake *hs, uint8_t *name, uint8_t *iv, uint8_t *mac,
		       uint8_t *text, size_t *len)
{
	struct dtls_ticket_binding binding = binding_of(hs);
	uint8_t nonce[DTLS_TICKET_NONCE];
	struct dtls_ticket ticket;

	if (!describe(hs, &ticket)) {
		hs->pausing = true;
		return WANT_WRITE;
	}
	if (wc_RNG_GenerateBlock(wolfSSL_GetRNG(hs->ssl), nonce, sizeof(nonce)) != 0 ||
	    !dtls_ticket_seal(&hs->worker->dtls->ticket_keys, &binding, &ticket, nonce, name, iv,
			      text, len, mac))
		return WOLFSSL_TICKET_RET_FATAL;
	hs->ticket_made = true;
	hs->worker->counters.dtls_tickets++;
	return WOLFSSL_TICKET_RET_OK;
}

static bool same(const struct dtls_ticket *a, const struct dtls_ticket *b)
{
	return a->credential == b->credential && a->born_s == b->born_s &&
	       a->until_s == b->until_s && a->suite == b->suite && a->kind == b->kind;
}

// Only what control was asked about.
static int open_ticket(struct dtls_handshake *hs, const uint8_t *name, const uint8_t *iv,
		       const uint8_t *mac, uint8_t *text, size_t *len)
{
	struct dtls_ticket_binding binding = binding_of(hs);
	struct dtls_ticket ticket;

	if (!hs->resuming ||
	    !dtls_ticket_open(&hs->worker->dtls->ticket_keys, &binding, name, iv, text, len, mac,
			      &ticket) ||
	    !same(&ticket, &hs->ticket))
		return WOLFSSL_TICKET_RET_REJECT;
	hs->ticket_taken = true;
	return WOLFSSL_TICKET_RET_OK;
}

int dtls_resumption_ticket(WOLFSSL *ssl, unsigned char *name, unsigned char *iv, unsigned char *mac,
			   int seal, unsigned char *text, int len, int *out_len, void *arg)
{
	struct dtls_handshake *hs = wolfSSL_get_psk_callback_ctx(ssl);
	size_t size = (size_t)len;
	int ret = seal ? seal_ticket(hs, name, iv, mac, text, &size)
		       : open_ticket(hs, name, iv, mac, text, &size);

	if (ret == WOLFSSL_TICKET_RET_OK)
		*out_len = (int)size;
	return ret;
}
