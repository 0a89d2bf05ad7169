// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdio.h>

#include "control/link/link.h"
#include "control/rest/resources.h"

int ctl_health_get(struct ctl_req *req, struct ctl_resp *resp)
{
	return ctl_resp_text(resp, 200, CTL_TYPE_TEXT, "ok");
}

static const char *link_text(enum ctl_link_state state)
{
	switch (state) {
	case CTL_LINK_READY:
		return NULL;
	case CTL_LINK_RESTORING:
		return "restoring registrations into the dataplane";
	case CTL_LINK_DETACHED:
		break;
	}
	return "dataplane detached";
}

// A line for each thing that is not as it should be.
static int not_ready(const struct ctl *ctl, struct ctl_resp *resp)
{
	const char *text = link_text(ctl_link_state(ctl->link));
	FILE *out = open_memstream(&resp->body, &resp->body_len);

	if (out == NULL)
		return -ENOMEM;
	if (text != NULL)
		fprintf(out, "%s\n", text);
	for (enum ctl_hold i = 0; i < CTL_HOLD_COUNT; i++)
		if (ctl_hold_why(&ctl->holds, i) != NULL)
			fprintf(out, "%s: %s\n", ctl_hold_name(i), ctl_hold_why(&ctl->holds, i));
	if (fclose(out) != 0)
		return -ENOMEM;
	resp->status = 503;
	resp->content_type = CTL_TYPE_TEXT;
	return 0;
}

int ctl_ready_get(struct ctl_req *req, struct ctl_resp *resp)
{
	if (ctl_link_state(req->ctl->link) != CTL_LINK_READY || ctl_held(&req->ctl->holds))
		return not_ready(req->ctl, resp);
	return ctl_resp_text(resp, 200, CTL_TYPE_TEXT, "ready");
}
