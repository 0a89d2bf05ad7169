// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/locations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/load/answer.h"

void locations_invent(struct swarm *swarm)
{
	uint8_t buf[64];
	struct coap_writer w;
	struct coap_msg msg;
	char id[16];

	for (uint32_t i = 0; i < swarm->sc->devices; i++) {
		snprintf(id, sizeof(id), "%09u", i);
		coap_write_begin(&w, buf, sizeof(buf), COAP_ACK, COAP_CREATED, 0, NULL, 0);
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, "rd");
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, id);
		coap_msg_parse(&msg, buf, coap_write_finish(&w));
		request_set_location(&swarm->templates, &swarm->devices[i], &msg);
	}
}

int64_t locations_shared(const struct swarm *swarm)
{
	const struct device *devices = swarm->devices;
	uint32_t size = 64;
	int64_t shared = 0;

	while (size < swarm->sc->devices * 2ull)
		size *= 2;
	uint32_t *table = calloc(size, sizeof(*table)); // device + 1, open addressing
	if (!table)
		return -ENOMEM;
	for (uint32_t i = 0; i < swarm->sc->devices; i++) {
		const struct device *dev = &devices[i];
		if (dev->tail_len == 0)
			continue;
		uint32_t at = answer_digest(dev->tail, sizeof(dev->tail));
		for (; table[at & (size - 1)] != 0; at++) {
			if (memcmp(devices[table[at & (size - 1)] - 1].tail, dev->tail,
				   sizeof(dev->tail)) == 0)
				break;
		}
		if (table[at & (size - 1)] != 0)
			shared++;
		else
			table[at & (size - 1)] = i + 1;
	}
	free(table);
	return shared;
}
