// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What waits for a sleeping device, registered or not: to be looked at and taken back.
#include <errno.h>

#include "control/queue/queue.h"
#include "control/rest/query.h"
#include "control/rest/resources.h"

int ctl_queue_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];

	return ctl_resp_json(resp, 200, ctl_queue_json(req->ctl->queue, name->text, name->len));
}

int ctl_queue_delete(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_query id = {.value = req->args[1]};
	const struct ctl_text *name = &req->args[0];
	uint64_t number;

	if (!ctl_query_number(&id, &number) ||
	    !ctl_queue_remove(req->ctl->queue, name->text, name->len, number))
		return ctl_resp_text(resp, 404, CTL_TYPE_TEXT,
				     "No operation '%s' waits for '%s', or it is under way",
				     id.value.text, name->text);
	resp->status = 200; // without a body, as Leshan answers what it has deleted
	return 0;
}
