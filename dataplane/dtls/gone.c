// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/gone.h"

#include <string.h>

#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/save.h"
#include "dataplane/dtls/state.h"

#define SLOTS_PER_ROUND 256u

static uint64_t *find(struct dtls_gone *gone, uint64_t credential)
{
	uint64_t i = credential * 0x9e3779b97f4a7c15ull >> 32;

	while (gone->set[i % DTLS_GONE_SET] != 0 && gone->set[i % DTLS_GONE_SET] != credential)
		i++;
	return &gone->set[i % DTLS_GONE_SET];
}

static void cut(struct dp_worker *w, struct dtls_session *session)
{
	uint8_t out[DTLS_ANSWER_MAX];
	struct dp_peer peer;
	size_t len = dtls_close(w->dtls->aead, session, DTLS_ALERT_ACCESS_DENIED, out);

	dp_dtls_peer(w, session, &peer);
	if (len > 0)
		dtls_send_plain(w, &peer, out, len);
	dtls_session_end(w, session);
	w->counters.dtls_revoked++;
}

static void begin(struct dtls_gone *gone)
{
	for (uint32_t i = 0; i < gone->next_count; i++)
		*find(gone, gone->next[i]) = gone->next[i];
	gone->count = gone->next_count;
	gone->next_count = 0;
	gone->at = 0;
}

static void end(struct dtls_gone *gone)
{
	memset(gone->set, 0, sizeof(gone->set));
	gone->count = 0;
	if (gone->next_count > 0)
		begin(gone);
}

uint32_t dtls_gone_run(struct dp_worker *w)
{
	struct dtls_gone *gone = &w->dtls->gone;
	const struct dtls_table *table = &w->dtls->table;
	uint32_t looked = 0;

	if (gone->count == 0)
		return 0;
	for (; looked < SLOTS_PER_ROUND && gone->at < table->top; looked++, gone->at++) {
		struct dtls_session *session = &table->slots[gone->at];

		if (session->state > DTLS_SESSION_RESERVED && session->credential != 0 &&
		    *find(gone, session->credential) != 0)
			cut(w, session);
	}
	if (gone->at == table->top)
		end(gone);
	return 1 + looked;
}

// Control has answered for it before it was removed.
static void end_handshakes(struct dp_worker *w, uint64_t credential)
{
	struct dtls_handshakes *all = &w->dtls->handshakes;

	for (uint32_t i = 0; i < all->top && all->count > 0; i++) {
		struct dtls_handshake *hs = &all->pool[i];

		if (hs->worker && (hs->credential == credential ||
				   (hs->resuming && hs->ticket.credential == credential)))
			dtls_handshake_end(w, hs);
	}
}

void dtls_gone_add(struct dp_worker *w, uint64_t credential)
{
	struct dtls_gone *gone = &w->dtls->gone;

	if (credential == 0)
		return;
	end_handshakes(w, credential);
	while (gone->next_count == DTLS_GONE_MAX) // more at a time than anybody removes by hand
		dtls_gone_run(w);
	gone->next[gone->next_count++] = credential;
	if (gone->count == 0)
		begin(gone);
}
