// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The keys that the dataplane seals session tickets under. They follow from the key file and from
// the time, so that a ticket is good whichever process was started anew since; the dataplane has
// those of two periods only, and what is older cannot be opened with what it knows.
#include <string.h>
#include <time.h>

#include "control/link/state.h"
#include "control/security/credentials.h"
#include "control/security/seal.h"

#define USE "session tickets"

static_assert(CTL_SEAL_DERIVED == BRIDGE_TICKET_KEY_LEN, "derived keys are used as they are");

static bool room_for_all(struct ctl_link *link)
{
	for (uint32_t w = 0; w < link->seg.workers; w++)
		if (bridge_ring_room(&link->seg.channels[w].commands) <= LINK_COMMAND_RESERVE)
			return false;
	return true;
}

static void send_all(struct ctl_link *link, uint64_t period,
		     const uint8_t now[static BRIDGE_TICKET_KEY_LEN],
		     const uint8_t before[static BRIDGE_TICKET_KEY_LEN])
{
	for (uint32_t w = 0; w < link->seg.workers; w++) {
		struct bridge_ticket_keys *cmd = (struct bridge_ticket_keys *)bridge_ring_reserve(
			&link->seg.channels[w].commands, BRIDGE_TICKET_KEYS, sizeof(*cmd));

		if (cmd == NULL) // there was room
			continue;
		cmd->period = period;
		memcpy(cmd->now, now, BRIDGE_TICKET_KEY_LEN);
		memcpy(cmd->before, before, BRIDGE_TICKET_KEY_LEN);
		link_publish(link, w);
	}
}

// Without room, memory or dataplane: at the next turn.
static void turn(struct ctl_link *link)
{
	const struct ctl_seal *seal = ctl_credentials_seal(link->ctl->credentials);
	uint32_t lifetime_s = link->ctl->cfg->security.ticket_lifetime_s;
	uint8_t now[CTL_SEAL_DERIVED], before[CTL_SEAL_DERIVED];
	uint64_t period;

	if (lifetime_s == 0 || link->state == CTL_LINK_DETACHED)
		return;
	period = (uint64_t)time(NULL) / lifetime_s;
	if (period == link->tickets_period || !room_for_all(link))
		return;
	if (ctl_seal_derive(seal, USE, period, now) &&
	    ctl_seal_derive(seal, USE, period - 1, before)) {
		send_all(link, period, now, before);
		link->tickets_period = period;
	}
	explicit_bzero(now, sizeof(now));
	explicit_bzero(before, sizeof(before));
}

void link_tickets_begin(struct ctl_link *link)
{
	link->tickets_period = 0;
	turn(link);
}

void link_tickets_turn(uv_timer_t *timer)
{
	turn(timer->data);
}
