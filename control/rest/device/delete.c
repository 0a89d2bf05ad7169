// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/device_request.h"
#include "control/rest/resources.h"

int ctl_instance_delete(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_DELETE_INSTANCE,
				   .paths_count = 1,
				   .accept = CTL_FORMAT_ANY,
				   .format = CTL_FORMAT_ANY};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 2, 2, "deleted", &err))
		return err;
	return ctl_device_request_run(&device, &op, ctl_operation_run);
}
