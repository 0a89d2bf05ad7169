// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/save.h"

#include <stddef.h>
#include <string.h>

#include "dataplane/dtls/export.h"
#include "dataplane/dtls/state.h"
#include "dataplane/promise.h"

#define SAVES_PER_ROUND 64u
#define SLOTS_PER_ROUND 1024u

static void push(struct dp_dtls *dtls, uint64_t cid)
{
	struct dtls_saves *saves = &dtls->saves;

	if (saves->tail - saves->head < DTLS_SAVES) {
		saves->cids[saves->tail++ & (DTLS_SAVES - 1)] = cid;
		return;
	}
	saves->scanning = true;
	saves->scan = 0;
}

void dtls_save_want(struct dp_worker *w, struct dtls_session *session)
{
	if (session->save == DTLS_SAVE_WANTED)
		return;
	session->save = DTLS_SAVE_WANTED;
	push(w->dtls, dtls_table_cid(&w->dtls->table, session));
}

void dtls_save_due(struct dp_worker *w, struct dtls_session *session)
{
	if (session->blocks > 0 && session->save == DTLS_SAVE_NONE && dtls_session_lives(session))
		dtls_save_want(w, session);
}

void dtls_session_end(struct dp_worker *w, struct dtls_session *session)
{
	uint64_t cid = dtls_table_cid(&w->dtls->table, session);
	bool begun = session->state > DTLS_SESSION_RESERVED;

	dtls_table_remove(&w->dtls->table, session);
	if (begun)
		push(w->dtls, cid);
}

// Registrations go first: snapshots can wait.
static bool has_room(struct dp_worker *w)
{
	return dp_promise_room(w) &&
	       w->parked.tail - w->parked.head < DP_PARKED_MAX - DP_PARKED_MAX / 4 &&
	       bridge_ring_has(&w->channel->events, BRIDGE_EVENT_SLOTS / 2);
}

static void write_down(struct dp_worker *w, struct dtls_session *session, bool final)
{
	struct dtls_exported flat;

	if (!dtls_export(&w->dtls->table, session, final, w->now_us, &flat))
		return;
	dp_promise_save(w, dtls_table_cid(&w->dtls->table, session), session->credential,
			session->write_next, flat.bytes);
	explicit_bzero(&flat, sizeof(flat));
	session->save = DTLS_SAVE_SENT;
}

static void tell_end(struct dp_worker *w, uint64_t cid)
{
	struct bridge_dtls_session *ev = (struct bridge_dtls_session *)bridge_ring_reserve(
		&w->channel->events, BRIDGE_EV_DTLS_END, sizeof(*ev));

	if (ev) // there is room, by has_room
		ev->cid = cid;
}

// Sessions that did not fit into the queue.
static void look_through(struct dp_dtls *dtls)
{
	struct dtls_saves *saves = &dtls->saves;

	for (uint32_t n = 0; n < SLOTS_PER_ROUND && saves->tail - saves->head < DTLS_SAVES; n++) {
		struct dtls_session *session = &dtls->table.slots[saves->scan];

		if (saves->scan++ >= dtls->table.top) {
			saves->scanning = false;
			return;
		}
		if (dtls_session_lives(session) && session->save == DTLS_SAVE_WANTED)
			push(dtls, dtls_table_cid(&dtls->table, session));
	}
}

uint32_t dtls_saves_run(struct dp_worker *w)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_saves *saves = &dtls->saves;
	uint32_t done = 0;

	while (saves->head != saves->tail && done < SAVES_PER_ROUND && has_room(w)) {
		uint64_t cid = saves->cids[saves->head++ & (DTLS_SAVES - 1)];
		struct dtls_session *session = dtls_table_find(&dtls->table, cid);

		if (!session)
			tell_end(w, cid);
		else if (session->save == DTLS_SAVE_WANTED)
			write_down(w, session, false);
		done++;
	}
	if (saves->scanning && w->sync == DP_SYNC_READY)
		look_through(dtls);
	return done;
}

void dp_dtls_saved(struct dp_worker *w, uint64_t cid, uint64_t number)
{
	struct dtls_session *session = w->dtls ? dtls_table_find(&w->dtls->table, cid) : NULL;
	uint64_t begun;

	w->counters.dtls_saved++;
	if (!session)
		return;
	if (session->save == DTLS_SAVE_SENT)
		session->save = DTLS_SAVE_NONE;
	if (DTLS_EPOCH(number) != DTLS_EPOCH(session->write_next))
		return; // other keys by now, whose snapshot follows
	begun = session->write_next / DTLS_EXPORT_BLOCK - number / DTLS_EXPORT_BLOCK;
	session->blocks = begun < DTLS_EXPORT_BLOCKS ? begun & 3 : DTLS_EXPORT_BLOCKS;
	if (session->blocks > 0)
		dtls_save_want(w, session);
}

void dp_dtls_unsaved(struct dp_worker *w, uint64_t cid)
{
	struct dtls_session *session = w->dtls ? dtls_table_find(&w->dtls->table, cid) : NULL;

	if (session)
		dtls_save_want(w, session);
}

// Nothing is sealed with a session's keys once it has been written for the last time.
uint32_t dp_dtls_leave(struct dp_worker *w)
{
	struct dp_dtls *dtls = w->dtls;
	struct dtls_saves *saves = &dtls->saves;
	uint32_t done = 0;

	if (saves->head != saves->tail || w->parked.head != w->parked.tail)
		return 0;
	for (; saves->leaving < dtls->table.top && dp_promise_room(w); saves->leaving++) {
		struct dtls_session *session = &dtls->table.slots[saves->leaving];

		if (!dtls_session_lives(session))
			continue;
		write_down(w, session, true);
		session->state = DTLS_SESSION_CLOSED;
		done++;
	}
	return done;
}

// A worker that has its sessions knows best which of them there are.
bool dp_dtls_known(struct dp_worker *w, const struct bridge_dtls_session *cmd)
{
	uint64_t cid = cmd->cid;

	if (DTLS_CID_WORKER(cid) != w->index)
		return false;
	if (w->dtls && !dtls_table_find(&w->dtls->table, cid))
		push(w->dtls, cid);
	return true;
}

// Its port may not be there any more, or be in the clear.
static bool has_port(const struct dp_worker *w, const struct dtls_session *session)
{
	return session->port < w->ports_count && w->ports[session->port]->secure != PKTIO_PLAIN;
}

static bool take_back(struct dp_worker *w, const struct bridge_dtls_restore *cmd,
		      const struct bridge_dtls_restore *r)
{
	struct dtls_session *session = NULL, *other;
	struct dtls_exported flat;

	memcpy(flat.bytes, cmd->session, sizeof(flat.bytes));
	if (dtls_exported_cid(&flat) == r->cid)
		session = dtls_import(&w->dtls->table, &flat, r->skipped, w->now_us, &other);
	explicit_bzero(&flat, sizeof(flat));
	if (!session)
		return false;
	session->credential = r->credential;
	dtls_session_set_endpoint(session, dp_dtls_endpoint_tag(w, cmd->endpoint, r->endpoint_len));
	if (other)
		dtls_session_end(w, other);
	if (has_port(w, session))
		return true;
	dtls_session_end(w, session);
	return false;
}

// It was taken back before, by this process, and has ended since. A second time it would begin with
// the same numbers.
static bool was_here(const struct dtls_table *table, uint64_t cid)
{
	const struct dtls_session *slot = dtls_table_slot(table, cid);

	return slot && slot->generation == DTLS_CID_GENERATION(cid);
}

bool dp_dtls_restore(struct dp_worker *w, const struct bridge_dtls_restore *cmd, uint32_t len)
{
	struct bridge_dtls_restore r;

	memcpy(&r, cmd, offsetof(struct bridge_dtls_restore, session)); // read once
	if (r.endpoint_len > len - sizeof(*cmd) || DTLS_CID_WORKER(r.cid) != w->index)
		return false;
	if (w->dtls && !w->ever_restored && !was_here(&w->dtls->table, r.cid)) {
		if (take_back(w, cmd, &r))
			w->counters.dtls_restored++;
		else
			w->counters.dtls_restore_failures++;
		return true;
	}
	return dp_dtls_known(w, &(struct bridge_dtls_session){.cid = r.cid});
}
