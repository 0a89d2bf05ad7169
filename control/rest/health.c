// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/link/link.h"
#include "control/rest/resources.h"

int ctl_health_get(struct ctl_req *req, struct ctl_resp *resp)
{
	return ctl_resp_text(resp, 200, CTL_TYPE_TEXT, "ok");
}

int ctl_ready_get(struct ctl_req *req, struct ctl_resp *resp)
{
	switch (ctl_link_state(req->ctl->link)) {
	case CTL_LINK_READY:
		return ctl_resp_text(resp, 200, CTL_TYPE_TEXT, "ready");
	case CTL_LINK_RESTORING:
		return ctl_resp_text(resp, 503, CTL_TYPE_TEXT,
				     "restoring registrations into the dataplane");
	case CTL_LINK_DETACHED:
		break;
	}
	return ctl_resp_text(resp, 503, CTL_TYPE_TEXT, "dataplane detached");
}
