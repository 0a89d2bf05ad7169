// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/commands.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <rte_prefetch.h>

#include "dataplane/admission.h"
#include "dataplane/downlink.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/lifetime.h"
#include "dataplane/promise.h"
#include "dataplane/random.h"
#include "dataplane/trace.h"

#define DP_COMMANDS_MAX 256u // per round: a restore of millions must not starve the ports
// Per housekeeping, so some 64,000 a second: more keep-alives than that are reported late and, if
// the device speaks again meanwhile, once. A touch must not cost what an Update costs.
#define DP_TOUCHES_MAX 64u

static void detach(struct dp_worker *w)
{
	w->channel = NULL;
	w->sync = DP_SYNC_DETACHED;
	w->detached_since_us = w->now_us;
	dp_downlink_abandon(w);
	dp_trace_end(w);
}

void dp_bridge_follow(struct dp_worker *w)
{
	struct bridge_segment *offered = atomic_load_explicit(&w->offered, memory_order_acquire);

	if (offered == atomic_load_explicit(&w->adopted, memory_order_relaxed))
		return;
	if (w->channel)
		detach(w);
	if (!dp_promise_abandon(w)) // main waits until the offer is adopted
		return;
	if (offered) {
		w->channel = &offered->channels[w->index];
		w->next_seq = 1;
		dp_parked_init(&w->parked, 1);
		w->sync = DP_SYNC_RESTORING;
		w->held = false;
	}
	atomic_store_explicit(&w->adopted, offered, memory_order_release);
}

// The workers that a port serves: there may be fewer than there were when control wrote the peer
// down.
static uint16_t queues_of(const struct dp_worker *w, uint8_t port)
{
	return port < w->ports_count ? w->ports[port]->queues : w->workers;
}

// A session from before: control's word for one the dataplane does not have, and a fresh report to
// control for one it does (control may have missed what happened since).
static bool restore(struct dp_worker *w, const struct bridge_restore *cmd, uint32_t len)
{
	struct bridge_restore r = *cmd; // read once
	struct dp_session_rest *rest;
	struct dp_session *session;
	uint64_t age_us;

	if (r.endpoint_len == 0 ||
	    r.endpoint_len > len - offsetof(struct bridge_restore, endpoint) ||
	    r.location >> BRIDGE_LOCATION_BITS != 0 || BRIDGE_LOCATION_GEN(r.location) == 0 ||
	    BRIDGE_LOCATION_VSHARD(r.location) !=
		    dp_vshard_of_endpoint(cmd->endpoint, r.endpoint_len) ||
	    BRIDGE_LOCATION_VSHARD(r.location) % w->workers != w->index)
		return false;
	session = dp_session_slot(&w->sessions, r.location);
	if (session && session->location == r.location && session->state != DP_SESSION_FREE) {
		dp_session_touch(&w->sessions, session);
		return true;
	}
	session = dp_session_new_at(&w->sessions, r.location);
	if (!session)
		return false;
	if (r.remaining_s > r.lifetime_s)
		r.remaining_s = r.lifetime_s;
	age_us = (uint64_t)(r.lifetime_s - r.remaining_s) * 1000000;
	rest = dp_session_rest(&w->sessions, session);
	rest->version = r.version;
	rest->binding = r.binding;
	session->seen_us = w->now_us - age_us;
	session->lifetime_s = r.lifetime_s;
	if (r.queue_mode)
		session->flags |= DP_SESSION_F_QUEUE;
	session->peer = r.peer;
	rest->credential = r.credential;
	session->peer.worker = (uint8_t)(r.peer.worker % queues_of(w, r.peer.port));
	rest->mid_counter = (uint16_t)dp_random(w);
	rest->endpoint = dp_hash_endpoint(cmd->endpoint, r.endpoint_len, w->hash_seed);
	dp_session_activate(w, session);
	if (session->peer.worker == w->index) // where it comes in
		dp_admit_know(w, &session->peer);
	return true;
}

// Control has lost the registration, or never had it: its next Update is answered 4.04, so that the
// device registers.
static void forget(struct dp_worker *w, uint64_t location)
{
	struct dp_session *session;

	if (location >> BRIDGE_LOCATION_BITS != 0)
		return;
	session = dp_session_live(w, location);
	if (!session)
		return;
	w->counters.forgotten++;
	dp_session_drop(w, session);
}

static bool named(struct dp_worker *w, const struct bridge_named *cmd, uint32_t len)
{
	uint32_t endpoint_len = cmd->endpoint_len;

	return endpoint_len <= len - sizeof(*cmd) &&
	       dp_promise_named(w, cmd->seq, cmd->endpoint, endpoint_len);
}

// False when the record is not what its type says.
static bool execute(struct dp_worker *w, const struct bridge_record *rec, uint32_t len)
{
	const struct bridge_commit *commit = (const struct bridge_commit *)rec;
	const struct bridge_repeated *repeated = (const struct bridge_repeated *)rec;

	switch (rec->type) {
	case BRIDGE_COMMIT:
		if (len < sizeof(*commit))
			return false;
		dp_promise_commit(w, commit->seq);
		return true;
	case BRIDGE_REJECT:
		if (len < sizeof(*commit))
			return false;
		dp_promise_reject(w, commit->seq, commit->code, commit->reason);
		return true;
	case BRIDGE_REPEATED:
		if (len < sizeof(*repeated))
			return false;
		dp_promise_repeated(w, repeated->seq, repeated->location);
		return true;
	case BRIDGE_NAMED:
		return len >= sizeof(struct bridge_named) &&
		       named(w, (const struct bridge_named *)rec, len);
	case BRIDGE_UNKNOWN:
		if (len < sizeof(struct bridge_touch))
			return false;
		forget(w, ((const struct bridge_touch *)rec)->location);
		return true;
	case BRIDGE_SETTLE:
		if (len < sizeof(*commit))
			return false;
		dp_promise_settle_one(w, commit->seq);
		return true;
	case BRIDGE_RESTORE:
		// The struct's last bytes are the endpoint's first (or of the slot's rest when that
		// is shorter).
		if (len < offsetof(struct bridge_restore, endpoint))
			return false;
		if (restore(w, (const struct bridge_restore *)rec, len))
			w->counters.restored++;
		else
			w->counters.restore_failures++;
		return true;
	case BRIDGE_RESTORE_END:
		w->sync = DP_SYNC_READY;
		w->ever_restored = true;
		return true;
	case BRIDGE_HOLD:
		w->held = (rec->flags & 1) != 0;
		return true;
	case BRIDGE_REQUEST:
		if (len < sizeof(struct bridge_request))
			return false;
		dp_downlink_request(w, (const struct bridge_request *)rec, len);
		return true;
	case BRIDGE_CANCEL:
		if (len < sizeof(struct bridge_request))
			return false;
		dp_downlink_cancel(w, (const struct bridge_request *)rec);
		return true;
	case BRIDGE_CREDENTIAL:
		return len >= sizeof(struct bridge_credential) &&
		       (!w->dtls || dp_dtls_answer(w, (const struct bridge_credential *)rec, len));
	case BRIDGE_CREDENTIALS_RELOAD: // main's work
		atomic_store_explicit(&w->renew_wanted, true, memory_order_relaxed);
		return true;
	case BRIDGE_TICKET_KEYS:
		if (len < sizeof(struct bridge_ticket_keys))
			return false;
		if (w->dtls)
			dp_dtls_ticket_keys(w, (const struct bridge_ticket_keys *)rec);
		return true;
	case BRIDGE_CREDENTIAL_GONE:
		if (len < sizeof(struct bridge_credential_gone))
			return false;
		if (w->dtls)
			dp_dtls_credential_gone(
				w, ((const struct bridge_credential_gone *)rec)->credential);
		return true;
	case BRIDGE_DTLS_RESTORE:
		return len >= sizeof(struct bridge_dtls_restore) &&
		       dp_dtls_restore(w, (const struct bridge_dtls_restore *)rec, len);
	case BRIDGE_DTLS_KNOWN:
		return len >= sizeof(struct bridge_dtls_session) &&
		       dp_dtls_known(w, (const struct bridge_dtls_session *)rec);
	case BRIDGE_TRACE:
		if (len < sizeof(struct bridge_touch))
			return false;
		dp_trace_set(w, ((const struct bridge_touch *)rec)->location, rec->flags & 1);
		return true;
	default:
		return false;
	}
}

uint32_t dp_bridge_commands(struct dp_worker *w)
{
	const struct bridge_record *rec;
	uint32_t done = 0, len;

	if (!w->channel)
		return 0;
	while (done < DP_COMMANDS_MAX && (rec = bridge_ring_peek(&w->channel->commands, &len))) {
		if (!execute(w, rec, len)) {
			w->channel->commands.broken = true;
			break;
		}
		done++;
	}
	bridge_ring_release(&w->channel->commands);
	if (w->channel->commands.broken || w->channel->events.broken)
		atomic_store_explicit(&w->bridge_failed, true, memory_order_relaxed);
	return done + dp_promise_settle(w);
}

static bool report_touch(struct dp_worker *w, const struct dp_session *session)
{
	struct bridge_touch *ev = (struct bridge_touch *)bridge_ring_reserve(
		&w->channel->events, BRIDGE_EV_TOUCH, sizeof(*ev));

	if (!ev)
		return false;
	ev->location = session->location;
	ev->wall_ms = (session->seen_us + w->wall_offset_us) / 1000;
	ev->peer = session->peer;
	w->counters.touches++;
	return true;
}

void dp_bridge_touch_now(struct dp_worker *w, struct dp_session *session)
{
	if (w->sync != DP_SYNC_READY || !report_touch(w, session))
		dp_session_touch(&w->sessions, session);
}

uint32_t dp_bridge_touches(struct dp_worker *w)
{
	struct dp_sessions *sessions = &w->sessions;
	uint32_t due = sessions->touched_head - sessions->touched_tail;

	// Not while control restores (it would hear of devices it has yet to read), and never at
	// the expense of promises: touches keep, and collect.
	if (w->sync != DP_SYNC_READY || due == 0 ||
	    !bridge_ring_has(&w->channel->events, BRIDGE_EVENT_SLOTS / 2))
		return 0;
	if (due > DP_TOUCHES_MAX)
		due = DP_TOUCHES_MAX;
	// Devices speak in no order, so each session is a cache miss: all at once, see keepalive.c.
	for (uint32_t i = 0; i < due; i++)
		rte_prefetch0(dp_session_touched(sessions, i));
	uint32_t done = 0;
	for (uint32_t i = 0; i < due; i++) {
		struct dp_session *session = dp_session_touched(sessions, 0);

		sessions->touched_tail++;
		session->flags &= (uint8_t)~DP_SESSION_F_TOUCHED;
		if (session->state != DP_SESSION_ACTIVE)
			continue;
		if (!report_touch(w, session)) { // cannot be, by the room above; then it keeps
			dp_session_touch(sessions, session);
			break;
		}
		done++;
	}
	return done;
}

void dp_bridge_publish(struct dp_worker *w)
{
	const struct bridge_segment *segment =
		atomic_load_explicit(&w->adopted, memory_order_relaxed);
	uint64_t one = 1;

	if (w->channel && bridge_ring_publish(&w->channel->events))
		(void)!write(segment->event_doorbell, &one, sizeof(one));
}

void dp_bridge_stats(struct dp_worker *w)
{
	w->gauges.sessions = w->sessions.count;
	w->gauges.sessions_max = w->sessions.max;
	w->gauges.parked = w->parked.tail - w->parked.head;
	w->gauges.outstanding = w->exchanges.count;
	w->gauges.transfers = w->assembly.count;
	w->gauges.dedup_slots = dp_dedup_slots(&w->dedup);
	if (!w->channel)
		return;
	w->channel->stats->counters = w->counters;
	w->channel->stats->gauges = w->gauges;
}
