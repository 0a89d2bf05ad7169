// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/link/link.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/downlink.h"
#include "control/link/whole.h"
#include "control/log.h"
#include "control/memory.h"
#include "control/metrics.h"
#include "control/observe/observations.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/security/credentials.h"
#include "control/security/own.h"
#include "control/store/store.h"

LOG_TYPE("link");

#define RETRY_MIN_MS 50u
#define RETRY_MAX_MS 250u // devices wait for it
#define STEP_MS      1u
#define TURN_MS      10000u             // a key of session tickets may be that late
#define SETTLED_MS   10000u             // attached for longer: the next attempt comes soon
#define EVENTS_ROUND 4096u              // per worker and group commit
#define ROUNDS_MAX   16u                // on their way to disk; each answers with a slot per worker
#define BACKLOG_MAX  ((size_t)64 << 20) // bytes on their way to disk
// Slots a worker must have free before events are taken from it.
#define COMMANDS_FREE (2 * LINK_COMMITS_FREE)

struct link_polls {
	uv_poll_t conn; // readable: the dataplane is gone
	uv_poll_t bell;
	unsigned open;
};

static void detach(struct ctl_link *link, const char *why);
static void round_run(struct ctl_link *link);
static void on_again(uv_idle_t *idle);

static void on_retry(uv_timer_t *timer)
{
	struct ctl_link *link = timer->data;
	int rc = link_attach_begin(link);

	if (rc != 0)
		link_attach_failed(link, strerror(-rc));
}

static void retry_later(struct ctl_link *link)
{
	uv_timer_start(&link->retry, on_retry, link->delay_ms, 0);
	link->delay_ms = link->delay_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : link->delay_ms * 2;
}

void link_attach_failed(struct ctl_link *link, const char *why)
{
	if (strcmp(link->why, why) != 0) {
		snprintf(link->why, sizeof(link->why), "%s", why);
		LOG(info, "waiting for the dataplane (%s)", why);
	}
	retry_later(link);
}

static void on_conn(uv_poll_t *poll, int status, int events)
{
	struct ctl_link *link = poll->data;
	char byte;

	// Nothing is ever said on this connection after the handshake; it ends with the process.
	if (status == 0 && read(link->conn_fd, &byte, 1) < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	detach(link, "dataplane went away");
}

static void on_bell(uv_poll_t *poll, int status, int events)
{
	struct ctl_link *link = poll->data;
	uint64_t rings;

	if (read(link->seg.event_doorbell, &rings, sizeof(rings)) < 0 && errno != EAGAIN)
		link->doomed = true;
	for (uint32_t w = 0; w < link->seg.workers; w++)
		bridge_ring_wake(&link->seg.channels[w].events);
	round_run(link);
}

void link_round_soon(struct ctl_link *link)
{
	if (link->state != CTL_LINK_DETACHED)
		uv_idle_start(&link->again, on_again);
}

static void on_again(uv_idle_t *idle)
{
	round_run(idle->data);
}

static void on_step(uv_timer_t *timer)
{
	struct ctl_link *link = timer->data;

	if (link->state == CTL_LINK_RESTORING && link_restore_step(link)) {
		link->state = CTL_LINK_READY;
		LOG(info, "ready, %zu registrations restored in %" PRIu64 " ms",
		    ctl_registry_count(link->ctl->registry),
		    uv_now(link->ctl->loop) - link->attached_ms);
		link_watches_send(link);
		ctl_downlink_on_ready(link->ctl->downlink);
		ctl_queue_on_ready(link->ctl->queue);
		ctl_credentials_on_ready(link->ctl->credentials);
		ctl_own_on_ready(link->ctl);
		link_wholes_resume(link);
	}
	if (link->state != CTL_LINK_RESTORING)
		uv_timer_stop(&link->step);
	round_run(link);
}

static int polls_open(struct ctl_link *link)
{
	struct link_polls *polls = calloc(1, sizeof(*polls));
	int rc;

	if (polls == NULL)
		return -ENOMEM;
	rc = uv_poll_init(link->ctl->loop, &polls->conn, link->conn_fd);
	if (rc != 0) {
		free(polls);
		return rc;
	}
	link->polls = polls;
	polls->open = 1;
	polls->conn.data = link;
	rc = uv_poll_init(link->ctl->loop, &polls->bell, link->seg.event_doorbell);
	if (rc != 0)
		return rc;
	polls->open = 2;
	polls->bell.data = link;
	rc = uv_poll_start(&polls->conn, UV_READABLE | UV_DISCONNECT, on_conn);
	return rc != 0 ? rc : uv_poll_start(&polls->bell, UV_READABLE, on_bell);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct link_polls *polls = handle->data;

	if (--polls->open == 0)
		free(polls);
}

static void polls_close(struct ctl_link *link)
{
	struct link_polls *polls = link->polls;
	bool both = polls != NULL && polls->open == 2;

	link->polls = NULL;
	if (polls == NULL)
		return;
	polls->conn.data = polls->bell.data = polls;
	uv_close((uv_handle_t *)&polls->conn, on_poll_closed);
	if (both)
		uv_close((uv_handle_t *)&polls->bell, on_poll_closed);
}

void link_attached(struct ctl_link *link, int conn_fd, const struct bridge_segment *seg)
{
	int rc;

	link->seg = *seg;
	link->conn_fd = conn_fd;
	link->state = CTL_LINK_RESTORING;
	link->doomed = link->malformed_logged = false;
	link->restored_key = 0;
	link->attached_ms = uv_now(link->ctl->loop);
	link_tickets_begin(link);
	link_dtls_begin(link);
	link->attach++;
	memset(link->taken, 0, sizeof(link->taken));
	memset(link->sealed, 0, sizeof(link->sealed));
	memset(link->committed, 0, sizeof(link->committed));
	memset(link->held_told, 0, sizeof(link->held_told));
	link->why[0] = '\0';
	rc = polls_open(link);
	if (rc != 0) {
		detach(link, uv_strerror(rc));
		return;
	}
	ctl_counters.attaches++;
	LOG(info, "attached to dataplane pid %" PRIu32 " with %" PRIu32 " worker%s",
	    seg->header->dataplane_pid, seg->workers, seg->workers == 1 ? "" : "s");
	uv_timer_start(&link->step, on_step, 0, STEP_MS);
}

static void detach(struct ctl_link *link, const char *why)
{
	LOG(warning, "detached (%s)", why);
	link->state = CTL_LINK_DETACHED;
	uv_timer_stop(&link->step);
	uv_idle_stop(&link->again);
	link_responses_free(link_responses_take(link));
	link_sends_drop(link);
	polls_close(link);
	bridge_segment_close(&link->seg);
	close(link->conn_fd);
	link->conn_fd = -1;
	ctl_downlink_on_detached(link->ctl->downlink);
	// Two that cannot get along must not spin.
	if (uv_now(link->ctl->loop) - link->attached_ms > SETTLED_MS)
		link->delay_ms = RETRY_MIN_MS;
	retry_later(link);
}

// Takes events of all workers. True in *more when some are left, in *starved when a worker has no
// room for their answers.
static int events_take(struct ctl_link *link, bool *more, bool *starved)
{
	int rc = 0;

	for (uint32_t w = 0; rc >= 0 && w < link->seg.workers; w++) {
		uint32_t room = bridge_ring_room(&link->seg.channels[w].commands);
		// An event may be refused and settled.
		uint32_t max = room < COMMANDS_FREE ? 0 : (room - LINK_COMMITS_FREE) / 2;

		if (max == 0) {
			*starved = true;
			continue;
		}
		if (max > EVENTS_ROUND)
			max = EVENTS_ROUND;
		rc = link_events_take(link, w, max);
		if (rc == (int)max)
			*more = true;
	}
	return rc < 0 ? rc : link_sends_retry(link);
}

static bool is_broken(const struct ctl_link *link)
{
	bool broken = link->doomed;

	for (uint32_t w = 0; w < link->seg.workers; w++)
		broken |= link->seg.channels[w].events.broken ||
			  link->seg.channels[w].commands.broken;
	return broken;
}

static bool fall_asleep(struct ctl_link *link)
{
	bool asleep = true;

	for (uint32_t w = 0; w < link->seg.workers; w++)
		asleep &= bridge_ring_sleep(&link->seg.channels[w].events);
	return asleep;
}

// Events that were taken together, and share a change set.
struct link_round {
	struct ctl_link *link;
	struct ctl_group_batch *batch;
	struct link_response *responses;
	uint64_t attach;
	uint64_t events; // of the dataplane
	uint64_t taken_ns;
	uint64_t taken[BRIDGE_WORKERS_MAX];
};

static void round_measure(const struct link_round *round)
{
	ctl_histogram_add(&ctl_histograms.commit_latency_microseconds,
			  (uv_hrtime() - round->taken_ns) / 1000, round->events);
	ctl_histogram_add(&ctl_histograms.commit_events, round->events, 1);
}

// Nothing is promised to a dataplane that is gone; what the devices did is told all the same.
static void on_committed(int err, void *arg)
{
	struct link_round *round = arg;
	struct ctl_link *link = round->link;
	bool attached = link->state != CTL_LINK_DETACHED && link->attach == round->attach;

	link->rounds--;
	if (err != 0) {
		ctl_group_drop(link->group, round->batch);
		attached = false;
	} else {
		if (attached)
			link_commits_send(link, round->taken);
		if (round->events > 0)
			round_measure(round);
		ctl_group_publish(link->group, round->batch);
	}
	if (attached) {
		link_wholes_start(link); // of devices that are awake now
		link_responses_deliver(link, round->responses);
		link_round_soon(link);
	} else {
		link_responses_free(round->responses);
	}
	free(round);
}

static bool has_taken(const struct ctl_link *link)
{
	return link->responses != NULL || !ctl_group_empty(link->group) ||
	       memcmp(link->taken, link->sealed, sizeof(link->taken)) != 0;
}

static int round_submit(struct ctl_link *link, uint64_t taken_ns)
{
	struct link_round *round;

	if (!has_taken(link))
		return 0;
	round = malloc(sizeof(*round));
	if (round == NULL)
		return -ENOMEM;
	round->link = link;
	round->attach = link->attach;
	round->events = link->round_events;
	round->taken_ns = taken_ns;
	link->round_events = 0;
	round->batch = ctl_group_seal(link->group);
	if (round->batch == NULL) {
		free(round);
		return -ENOMEM;
	}
	round->responses = link_responses_take(link);
	memcpy(round->taken, link->taken, sizeof(round->taken));
	memcpy(link->sealed, link->taken, sizeof(link->sealed));
	link->rounds++;
	ctl_store_submit(link->ctl->store, on_committed, round);
	return 0;
}

// Taking more would only fill memory.
static bool disk_is_behind(const struct ctl_link *link)
{
	return link->rounds >= ROUNDS_MAX || ctl_store_backlog(link->ctl->store) > BACKLOG_MAX;
}

static void round_run(struct ctl_link *link)
{
	bool more = false, starved = false, behind = disk_is_behind(link);
	uint64_t started_ns = uv_hrtime();
	int rc = behind ? 0 : events_take(link, &more, &starved);

	if (rc == 0)
		rc = link_wholes_tell(link);
	if (rc == 0)
		rc = round_submit(link, started_ns);
	if (rc != 0)
		ctl_out_of_memory();
	for (uint32_t w = 0; w < link->seg.workers; w++)
		link_publish(link, w);
	link_hold_send(link);
	link_wholes_start(link);
	if (is_broken(link)) {
		ctl_counters.bridge_errors++;
		detach(link, "the bridge is broken");
		return;
	}
	// With a worker's commands full there is no bell to wait for.
	if (starved && !uv_is_active((uv_handle_t *)&link->step))
		uv_timer_start(&link->step, on_step, STEP_MS, STEP_MS);
	// With the disk behind the next commit begins another round.
	if (!behind && (more || link->wholes_todo != NULL || (!starved && !fall_asleep(link))))
		uv_idle_start(&link->again, on_again);
	else
		uv_idle_stop(&link->again);
}

static void on_event(const struct ctl_event *event, void *arg)
{
	if (event->type == CTL_REGISTERED)
		link_watches_registered(arg, event->reg);
	if (event->type == CTL_AWAKE)
		link_wholes_awake(arg, event->reg);
}

static void on_held(bool held, void *arg)
{
	struct ctl_link *link = arg;

	if (link->state != CTL_LINK_DETACHED)
		link_hold_send(link);
}

int ctl_link_start(struct ctl *ctl, struct ctl_link **out)
{
	struct ctl_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return -ENOMEM;
	link->ctl = ctl;
	link->conn_fd = -1;
	link->delay_ms = RETRY_MIN_MS;
	link->responses_end = &link->responses;
	link->sends_end = &link->sends;
	link->group = ctl_group_new(ctl);
	if (asprintf(&link->path, "%s/bridge.sock", ctl->cfg->state) < 0)
		link->path = NULL;
	if (link_ahead_init(&link->ahead) != 0 || link->group == NULL || link->path == NULL ||
	    ctl_hub_subscribe(ctl->hub, on_event, link) != 0) {
		link_ahead_fini(&link->ahead);
		ctl_group_free(link->group);
		free(link->path);
		free(link);
		return -ENOMEM;
	}
	uv_timer_init(ctl->loop, &link->retry);
	uv_timer_init(ctl->loop, &link->step);
	uv_timer_init(ctl->loop, &link->turn);
	uv_idle_init(ctl->loop, &link->again);
	ctl_holds_listen(&ctl->holds, on_held, link);
	link->handles = 4;
	link->retry.data = link->step.data = link->turn.data = link->again.data = link;
	uv_timer_start(&link->retry, on_retry, 0, 0);
	uv_timer_start(&link->turn, link_tickets_turn, TURN_MS, TURN_MS);
	*out = link;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct ctl_link *link = handle->data;

	if (--link->handles > 0)
		return;
	ctl_group_free(link->group);
	link_ahead_fini(&link->ahead);
	free(link->arena);
	json_out_free(&link->scratch_text);
	link_watches_free(link);
	free(link->path);
	free(link);
}

void ctl_link_quit(struct ctl_link *link)
{
	if (link->state == CTL_LINK_READY) { // what came up until now still gets its answer
		round_run(link);
		ctl_store_try(link->ctl->store);
	}
	if (link->state != CTL_LINK_DETACHED)
		detach(link, "stopping");
	link_attach_abandon(link);
	uv_timer_stop(&link->retry);
}

void ctl_link_stop(struct ctl_link *link)
{
	ctl_link_quit(link);
	link_wholes_clear(link);
	ctl_holds_listen(&link->ctl->holds, NULL, NULL);
	uv_close((uv_handle_t *)&link->retry, on_closed);
	uv_close((uv_handle_t *)&link->step, on_closed);
	uv_close((uv_handle_t *)&link->turn, on_closed);
	uv_close((uv_handle_t *)&link->again, on_closed);
}

enum ctl_link_state ctl_link_state(const struct ctl_link *link)
{
	return link->state;
}

const struct bridge_segment *ctl_link_segment(const struct ctl_link *link)
{
	return link->state == CTL_LINK_DETACHED ? NULL : &link->seg;
}
