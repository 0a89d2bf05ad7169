// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/device_request.h"
#include "control/rest/resources.h"
#include "lwm2m/codec/decode.h"

// The body is the arguments (LwM2M core 1.1.1 section 6.3.5), which go to the device as they are.
int ctl_execute_post(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_EXECUTE,
				   .paths_count = 1,
				   .accept = CTL_FORMAT_ANY,
				   .format = LWM2M_FORMAT_TEXT,
				   .payload = req->body,
				   .payload_len = (uint32_t)req->body_len};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 3, 3, "executed", &err))
		return err;
	if (req->body_len > req->ctl->cfg->lwm2m.body_max)
		return ctl_resp_text(resp, 400, CTL_TYPE_PLAIN,
				     "Invalid request body: it is larger than lwm2m.body_max");
	return ctl_device_request_run(&device, &op, ctl_operation_run);
}
