// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/backend/cloudevents.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/registration_json.h"

static const char *const types[] = {
	[CTL_REGISTERED] = "sluice.registration",
	[CTL_UPDATED] = "sluice.update",
	[CTL_DEREGISTERED] = "sluice.deregistration",
	[CTL_NOTIFICATION] = "sluice.notification",
	[CTL_SEND] = "sluice.send",
	[CTL_RESPONSE] = "sluice.response",
};

static const char *const reasons[] = {
	[CTL_REASON_DEREGISTERED] = "deregistered",
	[CTL_REASON_EXPIRED] = "expired",
	[CTL_REASON_REPLACED] = "replaced",
};

static json_t *data_json(const struct ctl_outbox_entry *entry, const struct ctl_record *record)
{
	json_t *registration = ctl_registration_json(record, record->updated_ms, false);

	if (entry->type == CTL_UPDATED)
		return json_pack(
			"{s:o, s:o}", "registration", registration, "update",
			ctl_update_json(record, entry->update_params, entry->update_links != 0));
	if (entry->type == CTL_DEREGISTERED)
		return json_pack("{s:o, s:s}", "registration", registration, "reason",
				 reasons[entry->reason]);
	return json_pack("{s:o}", "registration", registration);
}

static void registration_out(struct json_out *out, const struct ctl_outbox_view *view)
{
	json_t *data = data_json(&view->entry, view->record);
	char *text = data != NULL ? json_dumps(data, JSON_COMPACT) : NULL;

	json_decref(data);
	if (text == NULL)
		out->failed = true;
	else
		json_out_bytes(out, text, strlen(text));
	free(text);
}

// The data was made when the event happened; the payload goes in before its closing brace.
static void values_out(struct json_out *out, const struct ctl_outbox_view *view, bool raw)
{
	const struct ctl_outbox_data *data = &view->data;

	if (!raw || data->raw_len == 0) {
		json_out_bytes(out, view->json, data->json_len);
		return;
	}
	json_out_bytes(out, view->json, data->json_len - 1);
	json_out_literal(out, ",\"raw\":{\"contentFormat\":");
	if (data->format == CTL_OUTBOX_NO_FORMAT)
		json_out_literal(out, "null");
	else
		json_out_unsigned(out, data->format);
	json_out_literal(out, ",\"payload\":");
	json_out_base64(out, view->raw, data->raw_len);
	json_out_literal(out, "}}");
}

static void head_out(struct json_out *out, const char *uuid, uint64_t key, uint8_t type)
{
	json_out_literal(out, "{\"specversion\":\"1.0\",\"id\":\"");
	json_out_bytes(out, uuid, strlen(uuid));
	json_out_literal(out, "-");
	json_out_unsigned(out, key);
	json_out_literal(out, "\",\"source\":\"/sluice\",\"type\":\"");
	json_out_bytes(out, types[type], strlen(types[type]));
	json_out_literal(out, "\",\"subject\":");
}

void cloudevent_out(struct json_out *out, const char *uuid, uint64_t key,
		    const struct ctl_outbox_view *view, bool raw)
{
	const struct ctl_record *record = view->record;

	head_out(out, uuid, key, view->entry.type);
	json_out_text(out, view->endpoint, view->endpoint_len);
	json_out_literal(out, ",\"time\":");
	json_out_time(out, view->entry.wall_ms);
	json_out_literal(out, ",\"datacontenttype\":\"application/json\",\"data\":");
	if (record != NULL)
		registration_out(out, view);
	else
		values_out(out, view, raw);
	json_out_literal(out, "}");
}
