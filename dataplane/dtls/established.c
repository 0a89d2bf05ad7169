// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// How a handshake ends once the peer has proved something: in a session, or not.
#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/secrets.h"
#include "dataplane/dtls/state.h"
#include "dataplane/random.h"

// Handshakes have slots of their own, so that only who has proved something displaces anybody.
static void make_room(struct dp_worker *w, const struct dtls_session *session)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_session *stale;

	if (dtls->table.count - dtls->handshakes.count <= dtls->max_sessions)
		return;
	stale = dtls_table_stalest(&dtls->table, dp_random(w), session);
	if (!stale)
		return;
	w->counters.dtls_displaced++;
	dtls_session_end(w, stale);
}

void dtls_handshake_establish(struct dp_worker *w, struct dtls_handshake *hs)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_session *session = hs->session, *former;
	struct dtls_traffic_secrets *secrets = dtls_table_secrets(&dtls->table, session);
	bool resumed = hs->resumed;
	uint8_t kind = hs->kind;

	if (dtls_session_init(session, secrets, &hs->keys) < 0) {
		w->counters.dtls_failed_other++;
		dtls_handshake_end(w, hs);
		return;
	}
	if (hs->ticket_made && !hs->resumed && !dtls_suite_is_13(session->suite))
		session->ticket =
			dtls_flights_keep(&dtls->flights, dtls_table_cid(&dtls->table, session),
					  hs->sent, hs->sent_len);
	session->credential = hs->credential;
	dtls_session_set_endpoint(session, hs->endpoint);
	former = dtls_table_bind(&dtls->table, session, &hs->peer);
	if (former)
		dtls_session_end(w, former);
	dtls_save_want(w, session);
	hs->session = NULL;
	dtls_handshake_end(w, hs);
	make_room(w, session);
	if (resumed)
		w->counters.dtls_handshakes_ticket++;
	else if (kind == BRIDGE_CREDENTIAL_PSK)
		w->counters.dtls_handshakes_psk++;
	else if (kind == BRIDGE_CREDENTIAL_RPK)
		w->counters.dtls_handshakes_rpk++;
	else
		w->counters.dtls_handshakes_x509++;
}

// Takes the keys of one that waits in the middle, true: the peer has them, too (DTLS 1.3).
static bool cut_short(struct dp_worker *w, struct dtls_handshake *hs)
{
	struct dtls_memory *before = dtls_memory_use(&w->dtls->memory);
	bool done = dtls_secrets_harvest(w->dtls->aead, hs->ssl, hs) &&
		    dtls_suite_is_13(hs->keys.suite);

	wolfSSL_free(hs->ssl);
	hs->ssl = NULL;
	dtls_memory_use(before);
	return done;
}

void dtls_handshake_deny(struct dp_worker *w, struct dtls_handshake *hs)
{
	uint8_t out[DTLS_ANSWER_MAX];
	size_t len = 0;

	if (hs->ssl && !cut_short(w, hs)) { // it has not our Finished yet
		dtls_alert_plain(w, &hs->peer, DTLS_ALERT_ACCESS_DENIED);
		dtls_handshake_end(w, hs);
		return;
	}
	if (dtls_session_init(hs->session, dtls_table_secrets(&w->dtls->table, hs->session),
			      &hs->keys) == 0)
		len = dtls_close(w->dtls->aead, hs->session, DTLS_ALERT_ACCESS_DENIED, out);
	if (len > 0)
		dtls_send_plain(w, &hs->peer, out, len);
	dtls_handshake_end(w, hs);
}
