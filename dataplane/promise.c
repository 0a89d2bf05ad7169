// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/promise.h"

#include <string.h>

#include "dataplane/bridge/location.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/handoff.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/tx.h"

#define DP_KEPT       8u   // one in so many
#define DP_SETTLE_MAX 256u // per round: the ports must not wait for thousands of answers

static const char *const reasons[BRIDGE_REASON_COUNT] = {
#define X(name, text) [BRIDGE_REASON_##name] = text,
	BRIDGE_REASONS(X)
#undef X
};

bool dp_promise_room(struct dp_worker *w)
{
	return w->sync == DP_SYNC_READY && !w->held && !dp_parked_full(&w->parked) &&
	       bridge_ring_room(&w->channel->events) >= 2 * BRIDGE_RECORD_MAX / BRIDGE_SLOT;
}

bool dp_promise_possible(struct dp_worker *w, struct rte_mbuf *m)
{
	if (dp_promise_room(w))
		return true;
	if (w->sync == DP_SYNC_READY || w->held) { // control is behind, or asked for it
		dp_reply_unavailable(w, m, DP_RETRY_AFTER_S);
	} else if (w->now_us - w->detached_since_us < DP_PATIENCE_US) {
		w->counters.drop_control_away++;
		dp_reply_forget(w, m);
	} else if (w->sync == DP_SYNC_RESTORING) {
		w->counters.drop_restoring++;
		dp_reply_forget(w, m);
	} else {
		dp_reply_unavailable(w, m, DP_RETRY_AFTER_S);
	}
	return false;
}

bool dp_promise_possible_for_new(struct dp_worker *w, struct rte_mbuf *m)
{
	if (!dp_promise_possible(w, m))
		return false;
	if (w->parked.tail - w->parked.head < DP_PARKED_MAX - DP_PARKED_MAX / DP_KEPT &&
	    bridge_ring_has(&w->channel->events, BRIDGE_EVENT_SLOTS / DP_KEPT) && !w->buffers_low)
		return true;
	dp_reply_unavailable(w, m, DP_RETRY_AFTER_S);
	return false;
}

static struct dp_parked_entry *promise(struct dp_worker *w, uint16_t event,
				       const struct dp_session *session, uint64_t location,
				       struct rte_mbuf *m, enum dp_parked_kind kind, uint16_t flags)
{
	struct dp_parked_entry *entry = dp_parked_push(&w->parked);
	uint32_t coap_len = 0;
	const uint8_t *coap = m ? dp_pkt_message(m, &coap_len) : NULL;
	struct bridge_uplink *ev = (struct bridge_uplink *)bridge_ring_reserve(
		&w->channel->events, event, (uint32_t)sizeof(*ev) + coap_len);

	assert(ev); // dp_promise_room saw to it
	ev->record.seq = w->next_seq++;
	ev->record.flags = flags;
	ev->location = location;
	ev->wall_ms = (w->now_us + w->wall_offset_us) / 1000;
	ev->peer = m ? dp_pkt(m)->peer : session->peer;
	ev->credential = m ? dp_pkt_credential(dp_pkt(m))
			   : dp_session_rest(&w->sessions, session)->credential;
	ev->coap_len = coap_len;
	ev->reserved = 0;
	if (m)
		memcpy(ev->coap, coap, coap_len);
	w->counters.promises++;

	*entry = (struct dp_parked_entry){
		.request = m,
		.location = location,
		.kind = (uint8_t)kind,
	};
	return entry;
}

struct dp_parked_entry *dp_promise(struct dp_worker *w, uint16_t event,
				   const struct dp_session *session, struct rte_mbuf *m,
				   enum dp_parked_kind kind)
{
	return promise(w, event, session, session ? session->location : 0, m, kind, 0);
}

void dp_promise_unnamed(struct dp_worker *w, const struct dp_session *session, struct rte_mbuf *m)
{
	promise(w, BRIDGE_EV_REGISTER, session, session->location, m, DP_PARKED_REGISTER, 1);
}

void dp_promise_lost(struct dp_worker *w, struct rte_mbuf *m)
{
	promise(w, BRIDGE_EV_DEREGISTER, NULL, dp_pkt(m)->location, m, DP_PARKED_DEREGISTER, 1);
}

void dp_promise_save(struct dp_worker *w, uint64_t cid, uint64_t credential, uint64_t number,
		     const uint8_t session[static BRIDGE_DTLS_SESSION_BYTES])
{
	struct bridge_dtls_save *ev = (struct bridge_dtls_save *)bridge_ring_reserve(
		&w->channel->events, BRIDGE_EV_DTLS_SAVE, sizeof(*ev));

	assert(ev); // dp_promise_room saw to it
	ev->record.seq = w->next_seq++;
	ev->cid = cid;
	ev->credential = credential;
	memcpy(ev->session, session, sizeof(ev->session));
	w->counters.promises++;
	*dp_parked_push(&w->parked) = (struct dp_parked_entry){
		.location = cid,
		.former = number,
		.kind = DP_PARKED_DTLS,
	};
}

static void answer_created(struct dp_worker *w, struct rte_mbuf *m, uint64_t location)
{
	char id[BRIDGE_LOCATION_CHARS];
	struct coap_writer writer;

	bridge_location_encode(location, id);
	dp_reply_begin(w, m, &writer, COAP_CREATED);
	coap_write_opt(&writer, COAP_OPT_LOCATION_PATH, "rd", 2);
	coap_write_opt(&writer, COAP_OPT_LOCATION_PATH, id, sizeof(id));
	dp_reply_end(w, m, &writer, DP_DEDUP_STORED);
}

// Undoes what the event had begun.
static void undo(struct dp_worker *w, const struct dp_parked_entry *entry)
{
	struct dp_session *session = dp_session_slot(&w->sessions, entry->location);

	if (entry->kind == DP_PARKED_DTLS) {
		dp_dtls_unsaved(w, entry->location);
		return;
	}
	if (!session || session->location != entry->location)
		return;
	if (entry->kind == DP_PARKED_REGISTER && session->state == DP_SESSION_PROVISIONAL) {
		dp_session_free(&w->sessions, session);
	} else if (entry->kind == DP_PARKED_EXPIRE && session->state == DP_SESSION_EXPIRED) {
		session->state = DP_SESSION_ACTIVE;
		wheel_arm(&w->session_wheel, &dp_session_rest(&w->sessions, session)->timer,
			  wheel_tick(w->now_us + DP_EXPIRE_AGAIN_US));
	}
}

static void apply_update(struct dp_worker *w, struct dp_session *session,
			 const struct dp_parked_entry *entry)
{
	if (entry->changes & DP_PARKED_SETS_LIFETIME)
		session->lifetime_s = entry->lifetime_s;
	if (entry->changes & DP_PARKED_SETS_BINDING)
		dp_session_rest(&w->sessions, session)->binding = entry->binding;
	if (entry->changes & DP_PARKED_SETS_QUEUE)
		session->flags = (uint8_t)((session->flags & ~DP_SESSION_F_QUEUE) |
					   (entry->queue_mode ? DP_SESSION_F_QUEUE : 0));
}

// What the event had begun is undone: the registration that control has is the one from before.
static void register_again(struct dp_worker *w, const struct dp_parked_entry *entry)
{
	undo(w, entry);
	w->counters.repeated++;
	answer_created(w, entry->request, entry->former);
}

static void fulfil(struct dp_worker *w, const struct dp_parked_entry *entry)
{
	struct dp_session *session = dp_session_slot(&w->sessions, entry->location);

	if (session && session->location != entry->location)
		session = NULL;
	switch ((enum dp_parked_kind)entry->kind) {
	case DP_PARKED_REGISTER:
		assert(session && session->state == DP_SESSION_PROVISIONAL);
		dp_session_activate(w, session);
		w->counters.registers++;
		answer_created(w, entry->request, entry->location);
		break;
	case DP_PARKED_UPDATE:
		if (session && !entry->repeated)
			apply_update(w, session, entry);
		// Replaced or removed while the commit was under way, or about to be: its expiry is
		// the next that control commits.
		if (!session || session->state != DP_SESSION_ACTIVE) {
			dp_reply_error(w, entry->request, COAP_NOT_FOUND, NULL);
			break;
		}
		dp_session_rearm(w, session);
		w->counters.updates++;
		dp_reply_code(w, entry->request, COAP_CHANGED);
		break;
	case DP_PARKED_DEREGISTER:
		if (session)
			dp_session_drop(w, session);
		w->counters.deregisters++;
		dp_reply_code(w, entry->request, COAP_DELETED);
		break;
	case DP_PARKED_EXPIRE:
		if (session && session->state == DP_SESSION_EXPIRED) {
			dp_session_drop(w, session);
			w->counters.expirations++;
		}
		break;
	case DP_PARKED_NOTIFY:
		w->counters.notifications++;
		if (dp_pkt(entry->request)->type == COAP_CON) {
			dp_reply_ack(w, entry->request);
			break;
		}
		w->counters.notifications_non++;
		dp_reply_silence(w, entry->request);
		break;
	case DP_PARKED_SEND:
		w->counters.sends++;
		dp_reply_code(w, entry->request, COAP_CHANGED);
		break;
	case DP_PARKED_DTLS:
		dp_dtls_saved(w, entry->location, entry->former);
		break;
	}
}

// RFC 7641 section 3.6: RST, to a Non-confirmable notification too, ends the observation.
static void refuse_notification(struct dp_worker *w, struct rte_mbuf *m)
{
	w->counters.notifications_rejected++;
	dp_reply_reset(w, m);
}

// An error is no answer to a response.
static void give_back_notification(struct dp_worker *w, struct rte_mbuf *m)
{
	w->counters.drop_notification++;
	dp_reply_forget(w, m);
}

void dp_promise_commit(struct dp_worker *w, uint64_t seq)
{
	uint64_t last = w->parked.tail - 1; // control may have committed more than there was

	if (seq > last)
		seq = last;
	if (seq > w->parked.committed)
		w->parked.committed = seq;
}

static bool has_room(const struct dp_worker *w, const struct dp_parked_entry *entry)
{
	const struct dp_peer *peer;

	if (!entry->request)
		return true;
	peer = &dp_pkt(entry->request)->peer;
	return peer->worker == w->index ? dp_tx_room(w, peer->port)
					: dp_handoff_room(w, peer->worker);
}

static void settle(struct dp_worker *w, const struct dp_parked_entry *entry)
{
	if (entry->settled)
		return;
	if (!entry->rejected && entry->repeated && entry->kind == DP_PARKED_REGISTER) {
		register_again(w, entry);
		return;
	}
	if (!entry->rejected) {
		w->counters.repeated += entry->repeated;
		fulfil(w, entry);
		return;
	}
	if (entry->kind == DP_PARKED_DTLS) // it would be again
		return;
	undo(w, entry);
	if (!entry->request)
		return;
	if (entry->kind != DP_PARKED_NOTIFY)
		dp_reply_verdict(w, entry->request, entry->reject_code,
				 reasons[entry->reject_reason]);
	else if (entry->reject_code == 0)
		refuse_notification(w, entry->request);
	else
		give_back_notification(w, entry->request);
}

void dp_promise_settle_one(struct dp_worker *w, uint64_t seq)
{
	struct dp_parked_entry *entry = dp_parked_find(&w->parked, seq);

	if (!entry || entry->settled || !has_room(w, entry))
		return;
	settle(w, entry);
	entry->settled = true;
	entry->request = NULL; // it was taken
	// Their commit has nothing left to do, and may be long in coming.
	while ((entry = dp_parked_first(&w->parked)) && entry->settled)
		dp_parked_pop(&w->parked);
}

uint32_t dp_promise_settle(struct dp_worker *w)
{
	struct dp_parked_entry *entry;
	uint32_t done = 0;

	while (w->parked.head <= w->parked.committed && (entry = dp_parked_first(&w->parked))) {
		if (done == DP_SETTLE_MAX || !has_room(w, entry))
			return done ? done : 1;
		settle(w, dp_parked_pop(&w->parked));
		done++;
	}
	return done;
}

static uint8_t reject_code(const struct dp_parked_entry *entry, uint32_t code)
{
	if (code == 0 && entry->kind == DP_PARKED_NOTIFY)
		return 0;
	return code <= UINT8_MAX && COAP_CODE_CLASS(code) >= 4 && COAP_CODE_CLASS(code) <= 5
		       ? (uint8_t)code
		       : COAP_INTERNAL_SERVER_ERROR;
}

void dp_promise_reject(struct dp_worker *w, uint64_t seq, uint32_t code, uint32_t why)
{
	struct dp_parked_entry *entry = dp_parked_find(&w->parked, seq);

	if (!entry)
		return;
	entry->rejected = true;
	entry->reject_code = reject_code(entry, code);
	entry->reject_reason = why < BRIDGE_REASON_COUNT ? (uint8_t)why : BRIDGE_REASON_NONE;
}

void dp_promise_repeated(struct dp_worker *w, uint64_t seq, uint64_t location)
{
	struct dp_parked_entry *entry = dp_parked_find(&w->parked, seq);

	if (!entry)
		return;
	entry->repeated = true;
	entry->former = location & (((uint64_t)1 << BRIDGE_LOCATION_BITS) - 1);
}

bool dp_promise_named(struct dp_worker *w, uint64_t seq, const void *endpoint, size_t len)
{
	struct dp_parked_entry *entry = dp_parked_find(&w->parked, seq);
	struct dp_session *session;

	if (!entry || entry->kind != DP_PARKED_REGISTER ||
	    dp_vshard_of_endpoint(endpoint, len) != BRIDGE_LOCATION_VSHARD(entry->location))
		return false;
	session = dp_session_slot(&w->sessions, entry->location);
	if (session && session->location == entry->location &&
	    session->state == DP_SESSION_PROVISIONAL)
		dp_session_rest(&w->sessions, session)->endpoint =
			dp_hash_endpoint(endpoint, len, w->hash_seed);
	return true;
}

bool dp_promise_abandon(struct dp_worker *w)
{
	struct dp_parked_entry *entry;

	while ((entry = dp_parked_first(&w->parked))) {
		if (!has_room(w, entry))
			return false;
		if (w->parked.head <= w->parked.committed) { // on disk: the promise is kept
			settle(w, dp_parked_pop(&w->parked));
			continue;
		}
		dp_parked_pop(&w->parked);
		if (entry->settled)
			continue;
		undo(w, entry);
		if (!entry->request)
			continue;
		w->counters.drop_parked_lost++;
		dp_reply_forget(w, entry->request);
	}
	return true;
}
