// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/whose.h"

#include <errno.h>
#include <string.h>

#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/resumption.h"
#include "dataplane/dtls/state.h"
#include "dataplane/random.h"
#include "dataplane/state/hash.h"
#include "dataplane/tx.h"

#define ENDPOINT_HASH_BITS 40 // below the virtual shard
#define MADE_UP_KEY_LEN    16

bool dtls_whose_ask(struct dp_worker *w, const struct dtls_handshake *hs, struct dtls_bytes id)
{
	struct bridge_credential_query *ev;

	// Half of the ring is for promises.
	if (w->sync != DP_SYNC_READY || id.len > BRIDGE_CREDENTIAL_ID_MAX ||
	    !bridge_ring_has(&w->channel->events, BRIDGE_EVENT_SLOTS / 2))
		return false;
	ev = (struct bridge_credential_query *)bridge_ring_reserve(
		&w->channel->events, BRIDGE_EV_CREDENTIAL_QUERY, (uint32_t)sizeof(*ev) + id.len);
	if (!ev)
		return false;
	ev->query = dtls_handshake_query(&w->dtls->handshakes, hs);
	ev->kind = hs->kind;
	ev->id_len = id.len;
	memcpy(ev->id, id.data, id.len);
	w->counters.dtls_queries++;
	return true;
}

int dtls_whose_keep(struct dtls_handshake *hs, const uint8_t *proof, uint32_t len)
{
	dtls_whose_forget(hs);
	hs->proof = XMALLOC(len, NULL, DYNAMIC_TYPE_TMP_BUFFER);
	if (!hs->proof)
		return -ENOMEM;
	memcpy(hs->proof, proof, len);
	hs->proof_len = len;
	return 0;
}

void dtls_whose_forget(struct dtls_handshake *hs)
{
	XFREE(hs->proof, NULL, DYNAMIC_TYPE_TMP_BUFFER);
	hs->proof = NULL;
	hs->proof_len = 0;
}

uint64_t dp_dtls_endpoint_tag(const struct dp_worker *w, const void *name, size_t len)
{
	uint64_t hash = dp_hash_endpoint(name, len, w->hash_seed).lo;

	return (uint64_t)dp_vshard_of_endpoint(name, len) << ENDPOINT_HASH_BITS |
	       (hash & ((1ull << ENDPOINT_HASH_BITS) - 1));
}

// A key nobody has: an unknown identity must fail as a wrong key does, and no sooner.
static void make_up_key(struct dp_worker *w, struct dtls_handshake *hs)
{
	uint64_t random[2] = {dp_random(w), dp_random(w)};

	memcpy(hs->psk, random, MADE_UP_KEY_LEN);
	hs->psk_len = MADE_UP_KEY_LEN;
	hs->unknown = true;
}

static bool lengths_ok(const struct bridge_credential *c, uint32_t len)
{
	return c->key_len <= BRIDGE_CREDENTIAL_KEY_MAX &&
	       (uint32_t)c->key_len + c->endpoint_len <= len - sizeof(*c);
}

bool dp_dtls_answer(struct dp_worker *w, const struct bridge_credential *cmd, uint32_t len)
{
	struct bridge_credential c = *cmd; // read once
	struct dtls_handshake *hs;
	bool known = c.verdict == 0;
	uint64_t endpoint;

	if (!lengths_ok(&c, len))
		return false;
	hs = w->dtls ? dtls_handshake_asked(&w->dtls->handshakes, c.query) : NULL;
	if (!hs || hs->state == DTLS_HANDSHAKE_RUNNING || hs->kind != c.kind)
		return true; // over, or given up waiting
	endpoint = known ? dp_dtls_endpoint_tag(w, cmd->bytes + c.key_len, c.endpoint_len) : 0;
	if (c.kind == BRIDGE_CREDENTIAL_AGAIN) {
		dtls_resumption_answered(w, hs, known && c.credential == hs->ticket.credential,
					 endpoint);
		return true;
	}
	if (known) {
		hs->credential = c.credential;
		hs->credential_kind = (uint8_t)c.kind;
		hs->endpoint = endpoint;
		hs->until_s = c.until_s;
	}
	if (hs->state == DTLS_HANDSHAKE_PROVING && !known) {
		w->counters.dtls_unknown_identity++;
		dtls_handshake_deny(w, hs);
		return true;
	}
	if (known && c.key_len > 0) {
		memcpy(hs->psk, cmd->bytes, c.key_len);
		hs->psk_len = (uint8_t)c.key_len;
	} else {
		make_up_key(w, hs);
	}
	hs->key_known = true;
	dtls_handshake_resume(w, hs);
	return true;
}

uint64_t dtls_whose_identity(const struct dp_worker *w, const void *identity, size_t len)
{
	return dp_hash_endpoint(identity, len, w->hash_seed).lo;
}

unsigned int dtls_handshake_psk(WOLFSSL *ssl, const char *identity, unsigned char *key,
				unsigned int room)
{
	const struct dtls_handshake *hs = wolfSSL_get_psk_callback_ctx(ssl);

	if (!hs || !hs->key_known || hs->psk_len > room)
		return 0;
	// DTLS 1.3: there may be others, and session tickets that are of no use.
	if (hs->psk_only &&
	    dtls_whose_identity(hs->worker, identity, strlen(identity)) != hs->identity)
		return 0;
	memcpy(key, hs->psk, hs->psk_len);
	return hs->psk_len;
}

unsigned int dtls_handshake_psk_13(WOLFSSL *ssl, const char *identity, unsigned char *key,
				   unsigned int room, const char **suite)
{
	const struct dtls_handshake *hs = wolfSSL_get_psk_callback_ctx(ssl);
	const char *name = hs ? dtls_suite13_name(hs->suite13) : NULL;

	if (!name)
		return 0;
	*suite = name;
	return dtls_handshake_psk(ssl, identity, key, room);
}

int dtls_handshake_verify(int good, WOLFSSL_X509_STORE_CTX *store)
{
	struct dtls_handshake *hs = store->userCtx;

	if (!good || !hs || store->totalCerts < 1 || store->error_depth != 0)
		return good;
	return dtls_whose_keep(hs, store->certs[0].buffer, store->certs[0].length) == 0;
}
