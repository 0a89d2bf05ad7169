// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Inside of the link: what its files share.
#pragma once

#include "control/link/ahead.h"
#include "control/link/group.h"
#include "control/link/link.h"
#include "dataplane/bridge/proto.h"

// Slots of every command ring that restoring and requests leave free, so that commits always find
// room. Below what bridge_ring_room looks up afresh, which is twice the largest record.
#define LINK_COMMAND_RESERVE 1024u

// Slots that events are not taken into: of the commits that answer them.
#define LINK_COMMITS_FREE 32u

#define LINK_WHOLES 4096u // buckets

struct link_attempt; // attach.c
struct link_polls;   // link.c
struct link_response;
struct link_send;
struct link_watch;
struct link_whole;

struct ctl_link {
	struct ctl *ctl;
	enum ctl_link_state state;
	struct bridge_segment seg;
	int conn_fd;
	struct link_polls *polls;
	struct link_attempt *attempt;
	struct ctl_group *group;
	uv_timer_t retry; // next attempt to attach
	uv_timer_t step;  // while restoring, or when a command ring is full
	uv_timer_t turn;  // tickets.c
	uv_idle_t again;  // while there are more events to take
	char *path;
	uint32_t delay_ms; // before the next attempt
	char why[160];     // of the last failed attempt, said once
	unsigned handles;  // not closed yet
	bool doomed;       // detach at the next opportunity
	bool malformed_logged;
	unsigned rounds;                        // on their way to disk
	uint64_t round_events;                  // promises in the one that is collected
	uint64_t attach;                        // counts them: rounds of another are not answered
	uint64_t taken[BRIDGE_WORKERS_MAX];     // highest seq seen per worker
	uint64_t sealed[BRIDGE_WORKERS_MAX];    // highest seq in a round that is on its way
	uint64_t committed[BRIDGE_WORKERS_MAX]; // highest seq answered per worker
	bool held_told[BRIDGE_WORKERS_MAX];     // what each worker was last told by BRIDGE_HOLD
	uint64_t restored_key;
	uint64_t attached_ms;
	struct link_ahead ahead;                          // records, out of the other side's reach
	struct link_response *responses, **responses_end; // taken, to be passed on after the commit
	struct link_send *sends, **sends_end; // of unknown devices, to be looked at again
	uint8_t *arena;                       // for decoding; grows
	size_t arena_cap;
	struct link_watch *watches; // devices that somebody looks at
	struct json_out scratch_text;
	struct link_whole *wholes[LINK_WHOLES]; // whole.c: by endpoint
	struct link_whole *wholes_todo;         // to be fetched or told
	uint64_t complained_ms;                 // when the last undecodable payload was logged
	uint64_t complaints;                    // left out since
	uint64_t queries_since_ms;              // credentials.c: the second that is counted
	uint32_t queries;                       // of it
	uint64_t dtls_key;                      // dtls.c: place of the last session handed over
	uint32_t dtls_handed;                   // in this step
	unsigned dtls_waits;                    // until it is on disk that a dataplane has come
	bool dtls_done;
	uint64_t tickets_period; // tickets.c: whose keys the dataplane has; 0: none
};

// How an event ended. REFUSED says with what in *refusal, REPEATED with what location; MALFORMED
// never happens between sane processes.
enum link_verdict { LINK_DONE, LINK_MALFORMED, LINK_REFUSED, LINK_REPEATED, LINK_LATER };

struct link_refusal {
	uint8_t code;      // CoAP; 0: RST
	uint32_t reason;   // enum bridge_reason
	uint64_t location; // REPEATED: that its Register led to, 0 for other requests
};

#define LINK_WALL_MS_MAX 253402300800000u // the year 10000: more cannot be told in RFC 3339

// link.c: a turn of the loop from now, when there is something to commit.
void link_round_soon(struct ctl_link *link);

// attach.c: connects without blocking the loop; link_attached or link_attach_failed follows.
int link_attach_begin(struct ctl_link *link);
void link_attach_abandon(struct ctl_link *link);
void link_attached(struct ctl_link *link, int conn_fd, const struct bridge_segment *seg);
void link_attach_failed(struct ctl_link *link, const char *why);

// restore.c: one bounded step; true when all is handed over.
bool link_restore_step(struct ctl_link *link);

// A device may be waiting for what becomes of such an event.
static inline bool link_is_promise(uint16_t type)
{
	return (type >= BRIDGE_EV_REGISTER && type <= BRIDGE_EV_EXPIRE) ||
	       type == BRIDGE_EV_NOTIFY || type == BRIDGE_EV_SEND;
}

// events.c: the device need not wait for the disk.
bool link_is_memory(const struct ctl_link *link, uint16_t event);
// Takes at most that many events of a worker. How many, or -ENOMEM.
int link_events_take(struct ctl_link *link, uint32_t worker, uint32_t max);
// What a round took.
struct link_response *link_responses_take(struct ctl_link *link);
void link_responses_deliver(struct ctl_link *link, struct link_response *responses);
void link_responses_free(struct link_response *responses);

// True when the event's lengths and time hold water.
static inline bool link_uplink_ok(const struct bridge_uplink *ev, uint32_t len)
{
	return len >= sizeof(*ev) && ev->coap_len <= len - sizeof(*ev) &&
	       ev->wall_ms < LINK_WALL_MS_MAX;
}

// repeated.c: whether the event was committed once already, through a dataplane or by a control
// that died since.
bool link_is_repeated(struct ctl_link *link, const struct bridge_uplink *ev, uint64_t exchange,
		      struct link_refusal *refusal);
// The event of this exchange (link_exchanges_hash) is part of the group now.
void link_repeated_note(struct ctl_link *link, uint64_t exchange);

// notify.c, send.c: *rc is 0 or -ENOMEM.
enum link_verdict link_on_notify(struct ctl_link *link, const struct bridge_uplink *ev,
				 struct link_refusal *refusal, int *rc);
// LATER: nobody is known at that address, yet; link_sends_retry settles it.
enum link_verdict link_on_send(struct ctl_link *link, uint32_t worker,
			       const struct bridge_uplink *ev, struct link_refusal *refusal,
			       int *rc);
// Once every worker's events of the round were applied: one of them may have told of the address.
int link_sends_retry(struct ctl_link *link);
void link_sends_drop(struct ctl_link *link);

// trace.c
enum link_verdict link_on_trace(struct ctl_link *link, const struct bridge_trace *ev, uint32_t len,
				int *rc);
void link_watches_send(struct ctl_link *link); // to a dataplane that just came
void link_watches_registered(struct ctl_link *link, const struct ctl_reg *reg);
void link_watches_free(struct ctl_link *link);

// credentials.c
enum link_verdict link_on_credential_query(struct ctl_link *link, uint32_t worker,
					   const struct bridge_credential_query *ev, uint32_t len);

// dtls.c. A dataplane has come; it gets its sessions in steps, false: there are more.
void link_dtls_begin(struct ctl_link *link);
bool link_dtls_restore_step(struct ctl_link *link);
enum link_verdict link_on_dtls_save(struct ctl_link *link, uint32_t worker,
				    const struct bridge_dtls_save *ev, uint32_t len);
enum link_verdict link_on_dtls_end(struct ctl_link *link, uint32_t worker,
				   const struct bridge_dtls_session *ev, uint32_t len);

// tickets.c. A dataplane has come. Turn: timer.
void link_tickets_begin(struct ctl_link *link);
void link_tickets_turn(uv_timer_t *timer);

// commands.c
static inline uint32_t link_worker_of(const struct ctl_link *link, uint64_t location)
{
	return BRIDGE_LOCATION_VSHARD(location) % link->seg.workers;
}
void link_reject(struct ctl_link *link, uint32_t worker, uint64_t seq,
		 const struct link_refusal *refusal);
void link_repeated(struct ctl_link *link, uint32_t worker, uint64_t seq, uint64_t location);
// The endpoint of a Register that does not say it. False: no room now.
bool link_named(struct ctl_link *link, uint32_t worker, uint64_t seq, const char *endpoint,
		size_t len);
// There is no such registration: the worker shall not keep the session alive.
void link_unknown(struct ctl_link *link, uint32_t worker, uint64_t location);
// Told to the device at once, not when it is on disk; published with the round.
void link_settle(struct ctl_link *link, uint32_t worker, uint64_t seq);
// Everything up to taken, of each worker, is on disk.
void link_commits_send(struct ctl_link *link, const uint64_t *taken);
void link_hold_send(struct ctl_link *link); // to workers that know it otherwise
// Makes what was reserved visible and rings the worker's bell if it sleeps.
void link_publish(struct ctl_link *link, uint32_t worker);
