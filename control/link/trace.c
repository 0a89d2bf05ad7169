// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Messages of devices that somebody looks at. The dataplane traces sessions, people look at
// endpoints: so it is asked anew when the device registers, and when it comes itself.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/link/coap_log.h"
#include "control/link/state.h"
#include "control/registry.h"

struct link_watch {
	struct link_watch *next;
	unsigned readers;
	size_t len;
	char endpoint[];
};

// Without room for the command nothing is told until the device registers again or the dataplane
// comes back: a log, not a promise.
static void trace_send(struct ctl_link *link, const struct ctl_reg *reg, bool on)
{
	uint64_t location = reg->record->location;
	uint32_t worker = link_worker_of(link, location);
	struct bridge_ring *ring = &link->seg.channels[worker].commands;
	struct bridge_touch *cmd;

	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return;
	cmd = (struct bridge_touch *)bridge_ring_reserve(ring, BRIDGE_TRACE, sizeof(*cmd));
	if (cmd == NULL)
		return;
	cmd->record.flags = on;
	cmd->location = location;
	cmd->wall_ms = 0;
	cmd->peer = reg->record->peer;
	link_publish(link, worker);
}

static void trace_set(struct ctl_link *link, const struct link_watch *watch, bool on)
{
	struct ctl_reg *reg;

	if (link->state != CTL_LINK_READY)
		return;
	reg = ctl_registry_by_endpoint(link->ctl->registry, watch->endpoint, watch->len);
	if (reg != NULL)
		trace_send(link, reg, on);
}

static struct link_watch **watch_find(struct ctl_link *link, const char *endpoint, size_t len)
{
	struct link_watch **at = &link->watches;

	while (*at != NULL && ((*at)->len != len || memcmp((*at)->endpoint, endpoint, len) != 0))
		at = &(*at)->next;
	return at;
}

int ctl_link_watch(struct ctl_link *link, const char *endpoint, size_t len)
{
	struct link_watch **at = watch_find(link, endpoint, len);

	if (*at != NULL) {
		(*at)->readers++;
		return 0;
	}
	*at = calloc(1, sizeof(**at) + len);
	if (*at == NULL)
		return -ENOMEM;
	(*at)->readers = 1;
	(*at)->len = len;
	memcpy((*at)->endpoint, endpoint, len);
	trace_set(link, *at, true);
	return 0;
}

void ctl_link_unwatch(struct ctl_link *link, const char *endpoint, size_t len)
{
	struct link_watch **at = watch_find(link, endpoint, len);
	struct link_watch *watch = *at;

	if (watch == NULL || --watch->readers > 0)
		return;
	trace_set(link, watch, false);
	*at = watch->next;
	free(watch);
}

void link_watches_send(struct ctl_link *link)
{
	for (struct link_watch *watch = link->watches; watch != NULL; watch = watch->next)
		trace_set(link, watch, true);
}

void link_watches_free(struct ctl_link *link)
{
	struct link_watch *watch;

	while ((watch = link->watches) != NULL) {
		link->watches = watch->next;
		free(watch);
	}
}

void link_watches_registered(struct ctl_link *link, const struct ctl_reg *reg)
{
	const struct ctl_record *record = reg->record;

	if (link->watches == NULL || link->state != CTL_LINK_READY)
		return;
	if (*watch_find(link, ctl_record_endpoint(record), record->endpoint_len) != NULL)
		trace_send(link, reg, true);
}

enum link_verdict link_on_trace(struct ctl_link *link, const struct bridge_trace *ev, uint32_t len,
				int *rc)
{
	struct coap_log log = {.wall_ms = ev->wall_ms, .incoming = (ev->record.flags & 1) == 0};
	struct json_out *out = ctl_group_text(link->group);
	struct ctl_group_values event = {.type = CTL_COAPLOG, .start = out->len};

	if (len < sizeof(*ev) || ev->coap_len > len - sizeof(*ev) ||
	    ev->wall_ms >= LINK_WALL_MS_MAX)
		return LINK_MALFORMED;
	event.reg = ctl_registry_by_location(link->ctl->registry, ev->location);
	// Also what the device got wrong is worth a look, but there is nothing to show of it.
	if (event.reg == NULL || coap_msg_parse(&log.msg, ev->coap, ev->coap_len) != COAP_OK)
		return LINK_DONE;
	log.record = event.reg->record;
	coap_log_out(out, &log, &link->scratch_text);
	event.wall_ms = ev->wall_ms;
	event.middle = out->len;
	*rc = ctl_group_values(link->group, &event);
	return LINK_DONE;
}
