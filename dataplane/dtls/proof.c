// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/proof.h"

#include <string.h>

#include "dataplane/dtls/save.h"
#include "dataplane/dtls/state.h"
#include "dataplane/state/hash.h"
#include "lwm2m/coap/msg.h"

#define EMPTY_LEN 4 // RFC 7252 section 4.1

static void write_empty(const struct dp_worker *w, const struct dtls_session *session,
			enum coap_type type, uint8_t out[static EMPTY_LEN])
{
	uint64_t cid = dtls_table_cid(&w->dtls->table, session);
	uint64_t mid = dp_hash_mix(cid ^ w->hash_seed[3], w->hash_seed[1]);

	out[0] = (uint8_t)(0x40 | type << 4);
	out[1] = 0;
	out[2] = (uint8_t)(mid >> 8);
	out[3] = (uint8_t)mid;
}

void dtls_proof_ask(struct dp_worker *w, struct dtls_session *session, const struct dp_peer *at)
{
	uint8_t buf[DTLS_SEAL_HEAD + EMPTY_LEN + DTLS_SEAL_TAIL];
	struct dtls_record rec = {.session = session,
				  .data = buf + DTLS_SEAL_HEAD,
				  .len = EMPTY_LEN,
				  .type = DTLS_CONTENT_DATA};
	struct dp_peer peer = *at;

	write_empty(w, session, COAP_CON, rec.data);
	dtls_seal(w->dtls->aead, &rec, 1);
	if (rec.verdict != DTLS_DATA)
		return;
	if (rec.export_due)
		dtls_save_want(w, session);
	peer.flags = DP_PEER_F_SECURE;
	w->counters.dtls_proofs_wanted++;
	dtls_send_plain(w, &peer, rec.data, rec.len);
}

bool dtls_proof_is(const struct dp_worker *w, const struct dtls_record *record)
{
	uint8_t wanted[EMPTY_LEN];

	write_empty(w, record->session, COAP_RST, wanted);
	return record->len == EMPTY_LEN && memcmp(record->data, wanted, EMPTY_LEN) == 0;
}

void dtls_proof_take(struct dp_worker *w, const struct dtls_record *record)
{
	struct dtls_session *session = record->session;

	w->counters.dtls_proofs++;
	if (session->state != DTLS_SESSION_RESUMED)
		return;
	session->state = DTLS_SESSION_ACTIVE;
	session->read_window = UINT64_MAX;
}
