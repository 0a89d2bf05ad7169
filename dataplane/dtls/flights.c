// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/flights.h"

#include <errno.h>
#include <string.h>

#include "dataplane/dtls/content.h"
#include "dataplane/dtls/hello.h"
#include "dataplane/dtls/suite.h"
#include "dataplane/state/region.h"

int dtls_flights_init(struct dtls_flights *flights, uint32_t max)
{
	memset(flights, 0, sizeof(*flights));
	flights->max = max;
	flights->kept = dp_region_alloc(max * sizeof(*flights->kept));
	return flights->kept ? 0 : -ENOMEM;
}

void dtls_flights_fini(struct dtls_flights *flights)
{
	dp_region_free(flights->kept, flights->max * sizeof(*flights->kept));
	memset(flights, 0, sizeof(*flights));
}

uint32_t dtls_flights_keep(struct dtls_flights *flights, uint64_t cid, const uint8_t *datagram,
			   size_t len)
{
	struct dtls_bytes record = dtls_ticket_record(datagram, len);
	struct dtls_flight_kept *kept = &flights->kept[flights->next];

	if (!record.data || record.len > DTLS_FLIGHT_MAX)
		return 0;
	kept->cid = cid;
	kept->len = (uint16_t)record.len;
	memcpy(kept->record, record.data, record.len);
	flights->next = (flights->next + 1) % flights->max;
	return (uint32_t)(kept - flights->kept) + 1;
}

size_t dtls_flights_again(const struct dtls_flights *flights, uint32_t place, uint64_t cid,
			  uint64_t number, uint8_t out[static DTLS_FLIGHT_MAX])
{
	const struct dtls_flight_kept *kept;

	if (place == 0 || place > flights->max || flights->kept[place - 1].cid != cid)
		return 0;
	kept = &flights->kept[place - 1];
	memcpy(out, kept->record, kept->len);
	dtls_store_uint(out + 3, number, 8);
	return kept->len;
}
