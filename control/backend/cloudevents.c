// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/backend/cloudevents.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "control/rest/registration_json.h"

static const char *const types[] = {
	[CTL_REGISTERED] = "sluice.registration",
	[CTL_UPDATED] = "sluice.update",
	[CTL_DEREGISTERED] = "sluice.deregistration",
};

static const char *const reasons[] = {
	[CTL_REASON_DEREGISTERED] = "deregistered",
	[CTL_REASON_EXPIRED] = "expired",
	[CTL_REASON_REPLACED] = "replaced",
};

static json_t *time_json(uint64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	char date[32];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return json_null();
	return json_sprintf("%s.%03uZ", date, (unsigned)(wall_ms % 1000));
}

static json_t *data_json(const struct ctl_outbox_entry *entry, const struct ctl_record *record)
{
	json_t *registration = ctl_registration_json(record, record->updated_ms);

	if (entry->type == CTL_UPDATED)
		return json_pack(
			"{s:o, s:o}", "registration", registration, "update",
			ctl_update_json(record, entry->update_params, entry->update_links != 0));
	if (entry->type == CTL_DEREGISTERED)
		return json_pack("{s:o, s:s}", "registration", registration, "reason",
				 reasons[entry->reason]);
	return json_pack("{s:o}", "registration", registration);
}

char *cloudevent_text(const char *uuid, uint64_t key, const struct ctl_outbox_entry *entry,
		      const struct ctl_record *record)
{
	// json_pack takes over the parts, also when one is missing and it fails.
	json_t *event =
		json_pack("{s:s, s:o, s:s, s:s, s:s%, s:o, s:s, s:o}", "specversion", "1.0", "id",
			  json_sprintf("%s-%" PRIu64, uuid, key), "source", "/sluice", "type",
			  types[entry->type], "subject", ctl_record_endpoint(record),
			  (size_t)record->endpoint_len, "time", time_json(entry->wall_ms),
			  "datacontenttype", "application/json", "data", data_json(entry, record));
	char *text = event != NULL ? json_dumps(event, JSON_COMPACT) : NULL;

	json_decref(event);
	return text;
}
