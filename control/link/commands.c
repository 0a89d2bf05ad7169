// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What goes down to the workers.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "control/link/state.h"
#include "control/metrics.h"

void link_publish(struct ctl_link *link, uint32_t worker)
{
	struct bridge_worker_channel *channel = &link->seg.channels[worker];
	uint64_t one = 1;

	// A full eventfd counter means that the bell is ringing already.
	if (bridge_ring_publish(&channel->commands) &&
	    write(channel->command_doorbell, &one, sizeof(one)) < 0 && errno != EAGAIN)
		link->doomed = true;
}

static struct bridge_commit *commit_reserve(struct ctl_link *link, uint32_t worker, uint16_t type,
					    uint64_t seq)
{
	struct bridge_commit *cmd = (struct bridge_commit *)bridge_ring_reserve(
		&link->seg.channels[worker].commands, type, sizeof(*cmd));

	if (cmd == NULL) { // there is always room but in a broken ring
		link->doomed = true;
		return NULL;
	}
	cmd->seq = seq;
	cmd->code = 0;
	cmd->reason = BRIDGE_REASON_NONE;
	return cmd;
}

void link_reject(struct ctl_link *link, uint32_t worker, uint64_t seq,
		 const struct link_refusal *refusal)
{
	struct bridge_commit *cmd = commit_reserve(link, worker, BRIDGE_REJECT, seq);

	if (cmd == NULL)
		return;
	cmd->code = refusal->code;
	cmd->reason = refusal->reason;
}

void link_repeated(struct ctl_link *link, uint32_t worker, uint64_t seq, uint64_t location)
{
	struct bridge_repeated *cmd = (struct bridge_repeated *)bridge_ring_reserve(
		&link->seg.channels[worker].commands, BRIDGE_REPEATED, sizeof(*cmd));

	if (cmd == NULL) { // there is always room but in a broken ring
		link->doomed = true;
		return;
	}
	cmd->seq = seq;
	cmd->location = location;
}

bool link_named(struct ctl_link *link, uint32_t worker, uint64_t seq, const char *endpoint,
		size_t len)
{
	struct bridge_ring *ring = &link->seg.channels[worker].commands;
	struct bridge_named *cmd;

	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return false;
	cmd = (struct bridge_named *)bridge_ring_reserve(ring, BRIDGE_NAMED,
							 (uint32_t)(sizeof(*cmd) + len));
	if (cmd == NULL)
		return false;
	cmd->seq = seq;
	cmd->endpoint_len = (uint32_t)len;
	cmd->reserved = 0;
	memcpy(cmd->endpoint, endpoint, len);
	return true;
}

void link_unknown(struct ctl_link *link, uint32_t worker, uint64_t location)
{
	struct bridge_ring *ring = &link->seg.channels[worker].commands;
	struct bridge_touch *cmd;

	// It may wait: the session is heard of again with its next Update.
	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return;
	cmd = (struct bridge_touch *)bridge_ring_reserve(ring, BRIDGE_UNKNOWN, sizeof(*cmd));
	if (cmd == NULL)
		return;
	*cmd = (struct bridge_touch){.record = cmd->record, .location = location};
	ctl_counters.sessions_unknown++;
	link_publish(link, worker);
}

void link_settle(struct ctl_link *link, uint32_t worker, uint64_t seq)
{
	commit_reserve(link, worker, BRIDGE_SETTLE, seq);
}

void link_commits_send(struct ctl_link *link, const uint64_t *taken)
{
	for (uint32_t w = 0; w < link->seg.workers; w++) {
		if (taken[w] == link->committed[w])
			continue;
		commit_reserve(link, w, BRIDGE_COMMIT, taken[w]);
		link->committed[w] = taken[w];
		link_publish(link, w);
	}
}

// Told again in the next round where there is no room now.
void link_hold_send(struct ctl_link *link)
{
	bool held = ctl_held(&link->ctl->holds);

	for (uint32_t w = 0; w < link->seg.workers; w++) {
		struct bridge_ring *ring = &link->seg.channels[w].commands;
		struct bridge_record *cmd;

		if (link->held_told[w] == held || bridge_ring_room(ring) < LINK_COMMITS_FREE)
			continue;
		cmd = bridge_ring_reserve(ring, BRIDGE_HOLD, sizeof(*cmd));
		if (cmd == NULL)
			continue;
		cmd->flags = held;
		link->held_told[w] = held;
		link_publish(link, w);
	}
}

static int request_send(struct ctl_link *link, uint16_t type, uint64_t location,
			uint64_t request_id, uint32_t timeout_ms, uint64_t token, const void *coap,
			size_t coap_len)
{
	struct bridge_request *cmd;
	struct bridge_ring *ring;
	uint32_t worker;

	if (link->state != CTL_LINK_READY)
		return -ENOTCONN;
	if (coap_len > BRIDGE_RECORD_MAX - sizeof(*cmd))
		return -EMSGSIZE;
	worker = link_worker_of(link, location);
	ring = &link->seg.channels[worker].commands;
	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return -EAGAIN;
	cmd = (struct bridge_request *)bridge_ring_reserve(ring, type,
							   (uint32_t)(sizeof(*cmd) + coap_len));
	if (cmd == NULL)
		return -EAGAIN;
	cmd->location = location;
	cmd->request_id = request_id;
	cmd->token = token;
	cmd->timeout_ms = timeout_ms;
	cmd->coap_len = (uint32_t)coap_len;
	if (coap_len > 0)
		memcpy(cmd->coap, coap, coap_len);
	link_publish(link, worker);
	return 0;
}

int ctl_link_request(struct ctl_link *link, uint64_t location, uint64_t request_id,
		     uint32_t timeout_ms, uint64_t token, const void *coap, size_t coap_len)
{
	return request_send(link, BRIDGE_REQUEST, location, request_id, timeout_ms, token, coap,
			    coap_len);
}

int ctl_link_cancel(struct ctl_link *link, uint64_t location, uint64_t request_id)
{
	return request_send(link, BRIDGE_CANCEL, location, request_id, 0, 0, NULL, 0);
}
