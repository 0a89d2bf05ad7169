// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Write: PUT replaces; with replace=false it is a POST, which adds to what an instance or a
// multiple resource has (LwM2M transport 1.1.1 table 6.4.4-1).
#include <string.h>
#include <strings.h>

#include "control/rest/device/write_body.h"
#include "control/rest/resources.h"

// As Java reads a boolean: anything but true is false.
static bool replaces(const struct ctl_req *req)
{
	const struct ctl_query *query = ctl_req_query(req, "replace");

	return !query || (query->value.text && strcasecmp(query->value.text, "true") == 0);
}

static int write_body(const struct ctl_device_request *device, struct ctl_operation *op,
		      struct ctl_write_body *body)
{
	const struct lwm2m_model *model = ctl_operation_model(device->req->ctl, device->reg);
	const struct lwm2m_path *path = &op->paths[0];
	char why[CTL_NODE_WHY_MAX];
	struct lwm2m_node *node;
	int err;

	if (!ctl_node_parse(model, path, body->json, &body->nodes, &node, why))
		return ctl_write_body_refuse(device, why);
	if (op->kind == CTL_WRITE_PARTIAL && node->kind != LWM2M_KIND_INSTANCE &&
	    node->kind != LWM2M_KIND_MULTI)
		return ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
				     "Invalid request: only an object instance or a multiple "
				     "resource can be written with replace=false");
	if (!ctl_write_body_encode(body, device, path, node, op, &err))
		return err;
	return ctl_device_request_run(device, op, ctl_operation_run);
}

int ctl_write_put(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.paths_count = 1, .accept = CTL_FORMAT_ANY};
	struct ctl_device_request device;
	struct ctl_write_body body;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 2, 4, "written", &err))
		return err;
	op.kind = replaces(req) ? CTL_WRITE_REPLACE : CTL_WRITE_PARTIAL;
	if (ctl_write_body_begin(&body, &device, &err))
		err = write_body(&device, &op, &body);
	ctl_write_body_end(&body);
	return err;
}
