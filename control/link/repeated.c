// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A message that a device repeats because it never heard that the first one was taken.
#include <time.h>

#include "control/link/exchanges.h"
#include "control/link/state.h"
#include "control/metrics.h"
#include "control/registry.h"

// The registration that the endpoint of a Register has. A device that is not registered any more
// means a new one: it may count its message ids from the start again.
static const struct ctl_reg *registered(struct ctl_link *link, const struct bridge_uplink *ev)
{
	struct lwm2m_register reg;
	struct coap_msg msg;
	const char *why;

	if (coap_msg_parse(&msg, ev->coap, ev->coap_len) != COAP_OK ||
	    lwm2m_register_parse(&reg, &msg, &why) != 0 || reg.ep == NULL)
		return NULL;
	return ctl_registry_by_endpoint(link->ctl->registry, reg.ep, reg.ep_len);
}

bool link_is_repeated(struct ctl_link *link, const struct bridge_uplink *ev, uint64_t exchange,
		      struct link_refusal *refusal)
{
	const struct link_exchanges *exchanges = ctl_group_exchanges(link->group);
	const struct ctl_reg *reg;

	if (exchange == 0 || !link_exchanges_known(exchanges, exchange))
		return false;
	if (ev->record.type == BRIDGE_EV_REGISTER) {
		reg = registered(link, ev);
		if (reg == NULL || link_worker_of(link, reg->record->location) !=
					   link_worker_of(link, ev->location))
			return false;
		refusal->location = reg->record->location;
	}
	ctl_counters.exchanges_repeated++;
	return true;
}

void link_repeated_note(struct ctl_link *link, uint64_t exchange)
{
	struct link_exchanges *exchanges = ctl_group_exchanges(link->group);

	if (exchange != 0 && !link_exchanges_known(exchanges, exchange))
		link_exchanges_note(exchanges, exchange, (uint32_t)time(NULL));
}
