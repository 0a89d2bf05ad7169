// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Create: the body is the instance, or the object with one or more of them. Where the instance has
// no id, the device chooses one if the format can leave it out (TLV, LwM2M core 1.1.1 section
// 6.3.8), otherwise the first is taken that the device has not registered.
#include <errno.h>

#include "control/observe/registered.h"
#include "control/rest/device/write_body.h"
#include "control/rest/device/write_format.h"
#include "control/rest/resources.h"
#include "lwm2m/codec/decode.h"

static bool leaves_id_out(const struct ctl_device_request *device)
{
	const struct lwm2m_node instance = {.kind = LWM2M_KIND_INSTANCE};
	uint16_t format = device->format;

	if (format == CTL_FORMAT_ANY)
		format = ctl_write_format(device->reg->record, &instance);
	return format == LWM2M_FORMAT_TLV || format == LWM2M_FORMAT_TLV_OLD;
}

static int free_id(const struct ctl_record *record, struct lwm2m_path *instance)
{
	struct ctl_registered registered;
	int err = ctl_registered_init(&registered, record);

	if (err != 0)
		return err;
	instance->ids[1] = ctl_registered_free_id(&registered, instance->ids[0]);
	ctl_registered_fini(&registered);
	return 0;
}

// The instance's path, and what its payload is relative to: the object, or the instance itself when
// its id is left out. -EINVAL when the body has no valid id.
static int choose_id(const struct ctl_device_request *device, const json_t *json,
		     struct lwm2m_path *instance, struct lwm2m_path *base)
{
	const json_t *id = json_object_get(json, "id");

	if (instance->depth == 2)
		return 0;
	instance->depth = 2;
	if (id && !json_is_null(id)) {
		json_int_t n = json_integer_value(id);

		instance->ids[1] = (uint16_t)n;
		return json_is_integer(id) && n >= 0 && n < LWM2M_ID_RESERVED ? 0 : -EINVAL;
	}
	if (leaves_id_out(device)) {
		*base = *instance;
		return 0;
	}
	return free_id(device->reg->record, instance);
}

static bool is_object(const json_t *json)
{
	return json_object_get(json, "instances") != NULL;
}

static int create(const struct ctl_device_request *device, struct ctl_operation *op,
		  struct ctl_write_body *body)
{
	const struct lwm2m_model *model = ctl_operation_model(device->req->ctl, device->reg);
	struct lwm2m_path path = op->paths[0], base = {.ids = {path.ids[0]}, .depth = 1};
	char why[CTL_NODE_WHY_MAX];
	struct lwm2m_node *node;
	int err = 0;

	op->paths[0] = base;
	if (!is_object(body->json))
		err = choose_id(device, body->json, &path, &base);
	if (err == -ENOMEM)
		return err;
	if (err != 0)
		return ctl_write_body_refuse(device, "the instance has no valid id");
	if (!ctl_node_parse(model, &path, body->json, &body->nodes, &node, why))
		return ctl_write_body_refuse(device, why);
	if (!ctl_write_body_encode(body, device, &base, node, op, &err))
		return err;
	return ctl_device_request_run(device, op, ctl_operation_run);
}

int ctl_create_post(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_CREATE, .paths_count = 1, .accept = CTL_FORMAT_ANY};
	struct ctl_device_request device;
	struct ctl_write_body body;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 1, 2, "created", &err))
		return err;
	if (ctl_write_body_begin(&body, &device, &err))
		err = create(&device, &op, &body);
	ctl_write_body_end(&body);
	return err;
}
