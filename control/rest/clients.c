// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/registration_json.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/rest/listing.h"
#include "control/rest/query.h"
#include "control/rest/resources.h"
#include "dataplane/bridge/location.h"

struct client_list {
	struct ctl_listing listing;
	struct ctl *ctl;
	uint64_t key; // of the last one written
	size_t prefix_len;
	char prefix[LWM2M_ENDPOINT_MAX];
};

#define SCAN_MAX 4096u // registrations looked at before a piece is written

static bool is_wanted(const struct client_list *list, const struct ctl_reg *reg)
{
	return reg->record->endpoint_len >= list->prefix_len &&
	       memcmp(ctl_record_endpoint(reg->record), list->prefix, list->prefix_len) == 0;
}

// Looks at no more than SCAN_MAX.
static enum ctl_listing_next next_reg(struct ctl_listing *listing, json_t **entry)
{
	struct client_list *list = (struct client_list *)listing;
	const struct ctl_registry *registry = list->ctl->registry;
	const struct ctl_reg *reg = ctl_registry_after(registry, list->key);

	for (unsigned i = 0; reg != NULL && !is_wanted(list, reg); i++) {
		if (i == SCAN_MAX)
			return CTL_LISTING_LATER;
		list->key = reg->key;
		reg = ctl_registry_next(registry, reg);
	}
	if (reg == NULL)
		return CTL_LISTING_END;
	list->key = reg->key;
	*entry = ctl_registration_json(reg->record, reg->seen_ms,
				       ctl_queue_asleep(list->ctl->queue, reg));
	return CTL_LISTING_ENTRY;
}

static const char *value_text(const struct ctl_query *query)
{
	return query->value.text ? query->value.text : "";
}

// Each fills its part of the list; false when the value is not acceptable.
static bool parse_limit(struct client_list *list, const struct ctl_query *query)
{
	list->listing.left = UINT64_MAX;
	return !query || ctl_query_number(query, &list->listing.left);
}

static bool parse_prefix(struct client_list *list, const struct ctl_query *query)
{
	if (!query)
		return true;
	if (!query->value.text || query->value.len > sizeof(list->prefix))
		return false;
	list->prefix_len = query->value.len;
	memcpy(list->prefix, query->value.text, query->value.len);
	return true;
}

// The registrationId of the last one that was seen. A device that has registered anew or left is
// not a place to go on from.
static bool parse_after(struct client_list *list, const struct ctl_query *query)
{
	const struct ctl_reg *reg;
	uint64_t location;

	if (!query)
		return true;
	location =
		query->value.text ? bridge_location_decode(query->value.text, query->value.len) : 0;
	reg = location != 0 ? ctl_registry_by_location(list->ctl->registry, location) : NULL;
	if (!reg)
		return false;
	list->key = reg->key;
	return true;
}

int ctl_clients_list(struct ctl_req *req, struct ctl_resp *resp)
{
	static const struct {
		const char *name;
		bool (*parse)(struct client_list *list, const struct ctl_query *query);
	} params[] = {
		{"limit", parse_limit},
		{"prefix", parse_prefix},
		{"after", parse_after},
	};
	struct client_list *list = calloc(1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	list->ctl = req->ctl;
	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		const struct ctl_query *query = ctl_req_query(req, params[i].name);

		if (params[i].parse(list, query))
			continue;
		free(list);
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid %s '%s'", params[i].name,
				     value_text(query));
	}
	list->listing.next = next_reg;
	ctl_listing_begin(&list->listing, resp);
	return 0;
}

int ctl_clients_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];
	const struct ctl_reg *reg =
		ctl_registry_by_endpoint(req->ctl->registry, name->text, name->len);

	if (!reg)
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "No registered client with id '%s'",
				     name->text);
	return ctl_resp_json(resp, 200,
			     ctl_registration_json(reg->record, reg->seen_ms,
						   ctl_queue_asleep(req->ctl->queue, reg)));
}
