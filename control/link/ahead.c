// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/link/ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/link/exchanges.h"
#include "control/link/state.h"
#include "control/observe/observations.h"
#include "control/registry.h"

#define USUAL_MAX 1024u // bytes of an event that is no large one

int link_ahead_init(struct link_ahead *ahead)
{
	// Taking stops once the room of as many usual ones is used up: then one of any size fits.
	ahead->bytes = malloc((size_t)LINK_AHEAD_MAX * USUAL_MAX + BRIDGE_RECORD_MAX);
	return ahead->bytes != NULL ? 0 : -ENOMEM;
}

void link_ahead_fini(struct link_ahead *ahead)
{
	free(ahead->bytes);
}

static unsigned copies_take(struct link_ahead *ahead, struct bridge_ring *ring, unsigned max)
{
	const struct bridge_record *record;
	uint8_t *to = ahead->bytes;
	unsigned count = 0;
	uint32_t len;

	while (count < max && to - ahead->bytes <= (ptrdiff_t)LINK_AHEAD_MAX * USUAL_MAX &&
	       (record = bridge_ring_peek(ring, &len)) != NULL) {
		struct link_event *event = &ahead->events[count++];

		memcpy(to, record, len);
		event->record = (struct bridge_record *)(void *)to;
		event->record->len = event->len = len;
		to += (len + 15) & ~(size_t)15;
	}
	return count;
}

static unsigned promises_find(struct link_ahead *ahead, unsigned count, struct link_event **found)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		struct link_event *event = &ahead->events[i];

		event->exchange = 0;
		if (link_is_promise(event->record->type) &&
		    link_uplink_ok((struct bridge_uplink *)event->record, event->len))
			found[n++] = event;
	}
	return n;
}

// Of promises and of touches, which are most of what comes from devices at rest.
static unsigned locations_find(const struct link_ahead *ahead, unsigned count, uint64_t *found)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct link_event *event = &ahead->events[i];
		const struct bridge_record *record = event->record;

		if (event->len >= sizeof(struct bridge_uplink) && link_is_promise(record->type))
			found[n++] = ((const struct bridge_uplink *)record)->location;
		else if (event->len >= sizeof(struct bridge_touch) &&
			 record->type == BRIDGE_EV_TOUCH)
			found[n++] = ((const struct bridge_touch *)record)->location;
	}
	return n;
}

static void exchanges_prefetch(struct ctl_link *link, struct link_event **promises, unsigned count)
{
	const struct link_exchanges *exchanges = ctl_group_exchanges(link->group);

	for (unsigned i = 0; i < count; i++) {
		const struct bridge_uplink *ev = (struct bridge_uplink *)promises[i]->record;

		promises[i]->exchange =
			link_exchanges_hash(exchanges, &ev->peer, ev->coap, ev->coap_len);
		link_exchanges_prefetch(exchanges, promises[i]->exchange);
	}
}

static void observations_prefetch(struct ctl_link *link, struct link_event **promises,
				  unsigned count)
{
	for (unsigned step = 0; step < CTL_OBSERVATION_STEPS; step++) {
		for (unsigned i = 0; i < count; i++) {
			const struct bridge_uplink *ev =
				(struct bridge_uplink *)promises[i]->record;

			ctl_observations_prefetch(
				link->ctl->observations,
				ctl_registry_by_location(link->ctl->registry, ev->location), step);
		}
	}
}

// Step by step for all of them: what one step points to has come when the next one needs it.
static void look_ahead(struct ctl_link *link, unsigned count)
{
	struct link_event *promises[LINK_AHEAD_MAX];
	unsigned promises_n = promises_find(&link->ahead, count, promises);
	uint64_t locations[LINK_AHEAD_MAX];
	unsigned locations_n = locations_find(&link->ahead, count, locations);

	exchanges_prefetch(link, promises, promises_n);
	for (unsigned step = 0; step < CTL_REGISTRY_STEPS; step++)
		for (unsigned i = 0; i < locations_n; i++)
			ctl_registry_prefetch(link->ctl->registry, locations[i], step);
	observations_prefetch(link, promises, promises_n);
}

unsigned link_ahead_take(struct ctl_link *link, struct bridge_ring *ring, unsigned max)
{
	unsigned count =
		copies_take(&link->ahead, ring, max < LINK_AHEAD_MAX ? max : LINK_AHEAD_MAX);

	look_ahead(link, count);
	return count;
}
