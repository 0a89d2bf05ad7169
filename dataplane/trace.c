// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/trace.h"

#include <string.h>

#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"

#define TO_DEVICE 1u // struct bridge_trace, record.flags

static void forget(struct dp_worker *w, uint32_t i)
{
	struct dp_traced *traced = &w->traced;

	traced->locations[i] = traced->locations[--traced->count];
}

// Sessions end without a look at this list.
static void forget_ended(struct dp_worker *w)
{
	for (uint32_t i = w->traced.count; i-- > 0;)
		if (!dp_session_live(w, w->traced.locations[i]))
			forget(w, i);
}

void dp_trace_set(struct dp_worker *w, uint64_t location, bool on)
{
	struct dp_session *session = dp_session_live(w, location);
	struct dp_traced *traced = &w->traced;

	if (!session || on == ((session->flags & DP_SESSION_F_TRACED) != 0))
		return;
	if (!on) {
		session->flags &= (uint8_t)~DP_SESSION_F_TRACED;
		for (uint32_t i = traced->count; i-- > 0;)
			if (traced->locations[i] == location)
				forget(w, i);
		return;
	}
	if (traced->count == DP_TRACED_MAX)
		forget_ended(w);
	if (traced->count == DP_TRACED_MAX) {
		w->counters.traces_refused++;
		return;
	}
	traced->locations[traced->count++] = location;
	session->flags |= DP_SESSION_F_TRACED;
}

void dp_trace_end(struct dp_worker *w)
{
	while (w->traced.count > 0) {
		uint64_t location = w->traced.locations[--w->traced.count];
		struct dp_session *session = dp_session_slot(&w->sessions, location);

		if (session && session->location == location)
			session->flags &= (uint8_t)~DP_SESSION_F_TRACED;
	}
}

static void tell(struct dp_worker *w, uint64_t location, uint16_t flags, const void *coap,
		 uint32_t coap_len)
{
	struct bridge_trace *ev = NULL;

	// Half of the ring is for what matters more.
	if (w->sync == DP_SYNC_READY &&
	    bridge_ring_has(&w->channel->events, BRIDGE_EVENT_SLOTS / 2))
		ev = (struct bridge_trace *)bridge_ring_reserve(
			&w->channel->events, BRIDGE_EV_TRACE, (uint32_t)sizeof(*ev) + coap_len);
	if (!ev) {
		w->counters.traces_lost++;
		return;
	}
	ev->record.flags = flags;
	ev->location = location;
	ev->wall_ms = (w->now_us + w->wall_offset_us) / 1000;
	ev->coap_len = coap_len;
	ev->reserved = 0;
	memcpy(ev->coap, coap, coap_len);
	w->counters.traces++;
}

void dp_trace_incoming(struct dp_worker *w, const struct dp_session *session, struct rte_mbuf *m)
{
	struct dp_pkt *pkt = dp_pkt(m);
	uint32_t len;
	const uint8_t *message = dp_pkt_message(m, &len);

	pkt->flags |= DP_PKT_F_TRACED;
	pkt->location = session->location;
	tell(w, session->location, 0, message, len);
}

void dp_trace_outgoing(struct dp_worker *w, uint64_t location, const void *coap, uint32_t coap_len)
{
	tell(w, location, TO_DEVICE, coap, coap_len);
}
