// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What devices can know the gateway by.
#include "control/rest/resources.h"
#include "control/security/own.h"

int ctl_security_server_get(struct ctl_req *req, struct ctl_resp *resp)
{
	return ctl_resp_json(resp, 200, ctl_own_json(req->ctl->own));
}
