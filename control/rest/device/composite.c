// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <stdio.h>
#include <string.h>

#include "control/rest/device/composite_request.h"
#include "control/rest/device/write_body.h"
#include "control/rest/resources.h"

int ctl_composite_get(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_READ_COMPOSITE};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_composite_formats(&device, &op, &err) || !ctl_composite_paths(&device, &op, &err))
		return err;
	return ctl_device_request_run(&device, &op, ctl_operation_run);
}

// One entry of the body: a path and the node it names.
static bool parse_entry(const struct ctl_device_request *device, struct ctl_write_body *body,
			const char *key, const json_t *json, struct lwm2m_entry *entry,
			char why[static CTL_NODE_WHY_MAX])
{
	const struct lwm2m_model *model = ctl_operation_model(device->req->ctl, device->reg);

	if (!lwm2m_path_parse(&entry->path, key, strlen(key))) {
		snprintf(why, CTL_NODE_WHY_MAX, "'%.64s' is not a path", key);
		return false;
	}
	return ctl_node_parse(model, &entry->path, json, &body->nodes, &entry->node, why);
}

static int write_entries(const struct ctl_device_request *device, struct ctl_operation *op,
			 struct ctl_write_body *body)
{
	const struct lwm2m_model *model = ctl_operation_model(device->req->ctl, device->reg);
	struct lwm2m_entry entries[CTL_PATHS_MAX] = {0};
	struct lwm2m_pack pack = {.first = entries};
	char why[CTL_NODE_WHY_MAX];
	struct lwm2m_encode_error error;
	const char *key;
	json_t *json;
	size_t len;

	json_object_foreach(body->json, key, json)
	{
		if (pack.count == CTL_PATHS_MAX)
			return ctl_write_body_refuse(device, "it has too many paths");
		if (!parse_entry(device, body, key, json, &entries[pack.count], why))
			return ctl_write_body_refuse(device, why);
		op->paths[pack.count] = entries[pack.count].path;
		if (pack.count > 0)
			entries[pack.count - 1].next = &entries[pack.count];
		pack.count++;
	}
	if (pack.count == 0)
		return ctl_write_body_refuse(device, "it has no path");
	if (!lwm2m_encode_pack(model, op->format, &pack, body->payload, body->cap, &len, &error))
		return ctl_write_body_refuse_encode(device, &error);
	op->paths_count = (uint8_t)pack.count;
	op->payload = body->payload;
	op->payload_len = (uint32_t)len;
	return ctl_device_request_run(device, op, ctl_operation_run);
}

// A Write-Composite's payload is its nodes, so nodeformat is the one that counts.
int ctl_composite_put(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_WRITE_COMPOSITE};
	struct ctl_device_request device;
	struct ctl_write_body body;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_composite_formats(&device, &op, &err))
		return err;
	op.format = op.accept;
	op.accept = CTL_FORMAT_ANY;
	if (ctl_write_body_begin(&body, &device, &err))
		err = write_entries(&device, &op, &body);
	ctl_write_body_end(&body);
	return err;
}
