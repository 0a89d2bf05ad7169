// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/write_body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/rest/device/write_format.h"

int ctl_write_body_refuse(const struct ctl_device_request *device, const char *why)
{
	return ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN, "Invalid request body: %s", why);
}

int ctl_write_body_refuse_encode(const struct ctl_device_request *device,
				 const struct lwm2m_encode_error *error)
{
	char text[LWM2M_PATH_TEXT_MAX];
	char why[CTL_NODE_WHY_MAX];

	if (error->path.depth == 0)
		return ctl_write_body_refuse(device, error->what);
	lwm2m_path_format(&error->path, text);
	snprintf(why, sizeof(why), "%s: %s", text, error->what);
	return ctl_write_body_refuse(device, why);
}

bool ctl_write_body_begin(struct ctl_write_body *body, const struct ctl_device_request *device,
			  int *err)
{
	const struct ctl_req *req = device->req;
	json_error_t error;
	size_t size = ctl_node_arena_size(req->body_len);

	*body = (struct ctl_write_body){.cap = req->ctl->cfg->lwm2m.body_max};
	body->json = json_loadb(req->body_len > 0 ? req->body : "", req->body_len,
				JSON_REJECT_DUPLICATES, &error);
	if (!body->json) {
		*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
				     "Invalid request body: %s (line %d, column %d)", error.text,
				     error.line, error.column);
		return false;
	}
	if (!json_is_object(body->json)) {
		*err = ctl_write_body_refuse(device, "it is not an object");
		return false;
	}
	body->arena = malloc(size);
	body->payload = malloc(body->cap);
	body->nodes = lwm2m_arena_begin(body->arena, size);
	*err = -ENOMEM;
	return body->arena && body->payload;
}

void ctl_write_body_end(struct ctl_write_body *body)
{
	json_decref(body->json);
	free(body->arena);
	free(body->payload);
}

bool ctl_write_body_encode(struct ctl_write_body *body, const struct ctl_device_request *device,
			   const struct lwm2m_path *path, const struct lwm2m_node *node,
			   struct ctl_operation *op, int *err)
{
	const struct lwm2m_model *model = ctl_operation_model(device->req->ctl, device->reg);
	struct lwm2m_encode_error error;
	size_t len;

	op->format = device->format != CTL_FORMAT_ANY ? device->format
						      : ctl_write_format(device->reg->record, node);
	if (!lwm2m_encode(model, op->format, path, node, body->payload, body->cap, &len, &error)) {
		*err = ctl_write_body_refuse_encode(device, &error);
		return false;
	}
	op->payload = body->payload;
	op->payload_len = (uint32_t)len;
	return true;
}
