// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/device_request.h"
#include "control/rest/resources.h"

// Without a format in the query no Accept is sent: the device answers in the format it likes best,
// which is what Leshan does.
int ctl_read_get(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_READ, .paths_count = 1};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 1, 4, "read", &err))
		return err;
	op.accept = device.format;
	return ctl_device_request_run(&device, &op, ctl_operation_run);
}
