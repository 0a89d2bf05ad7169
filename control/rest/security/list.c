// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdlib.h>

#include "control/rest/listing.h"
#include "control/rest/query.h"
#include "control/rest/resources.h"
#include "control/security/credentials.h"
#include "control/security/json.h"

struct credential_list {
	struct ctl_listing listing;
	const struct ctl_credentials *credentials;
	uint64_t id; // of the last one written
};

static enum ctl_listing_next next_credential(struct ctl_listing *listing, json_t **entry)
{
	struct credential_list *list = (struct credential_list *)listing;
	const struct ctl_credential *credential =
		ctl_credentials_after(list->credentials, list->id);

	if (credential == NULL)
		return CTL_LISTING_END;
	list->id = credential->id;
	*entry = ctl_credential_json(credential);
	return CTL_LISTING_ENTRY;
}

// The endpoint of the last one that was seen.
static bool parse_after(struct credential_list *list, const struct ctl_query *query)
{
	const struct ctl_credential *credential =
		query->value.text != NULL
			? ctl_credentials_of(list->credentials, query->value.text, query->value.len)
			: NULL;

	if (credential != NULL)
		list->id = credential->id;
	return credential != NULL;
}

int ctl_security_clients_list(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_query *limit = ctl_req_query(req, "limit");
	const struct ctl_query *after = ctl_req_query(req, "after");
	struct credential_list *list = calloc(1, sizeof(*list));
	const struct ctl_query *bad = NULL;

	if (list == NULL)
		return -ENOMEM;
	list->credentials = req->ctl->credentials;
	list->listing.next = next_credential;
	list->listing.left = UINT64_MAX;
	if (limit != NULL && !ctl_query_number(limit, &list->listing.left))
		bad = limit;
	else if (after != NULL && !parse_after(list, after))
		bad = after;
	if (bad != NULL) {
		free(list);
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "Invalid %s '%s'", bad->name.text,
				     bad->value.text != NULL ? bad->value.text : "");
	}
	ctl_listing_begin(&list->listing, resp);
	return 0;
}
