// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdlib.h>

#include "control/observe/observations.h"
#include "control/rest/device/composite_request.h"
#include "control/rest/resources.h"

// "/3/0/9" or, of a composite, "[/3/0/9, /1/0/1]". NULL when memory is out.
static char *paths_text(const struct ctl_operation *op, bool composite)
{
	char *text = malloc((size_t)op->paths_count * (LWM2M_PATH_TEXT_MAX + 2) + 3), *to = text;

	if (!text)
		return NULL;
	if (composite)
		*to++ = '[';
	for (uint8_t i = 0; i < op->paths_count; i++) {
		if (i > 0) {
			*to++ = ',';
			*to++ = ' ';
		}
		to += lwm2m_path_format(&op->paths[i], to);
	}
	if (composite)
		*to++ = ']';
	*to = '\0';
	return text;
}

// In Leshan's words, its two spaces included.
static int none(const struct ctl_device_request *device, const struct ctl_operation *op,
		bool composite)
{
	char *text = paths_text(op, composite);
	int err;

	if (!text)
		return -ENOMEM;
	err = ctl_resp_text(device->resp, 404, CTL_TYPE_PLAIN, "no %s %s for  client '%s'",
			    composite ? "composite observation for paths" : "observation for path",
			    text, device->req->args[0].text);
	free(text);
	return err;
}

// Passively nothing is asked of the device, and it does not matter whether there was one.
static int cancel(const struct ctl_device_request *device, struct ctl_operation *op, bool composite)
{
	struct ctl *ctl = device->req->ctl;
	const struct ctl_observation *observation;
	int err;

	if (ctl_req_query(device->req, "active")) {
		observation = ctl_observation_find(ctl->observations, device->reg, op->paths,
						   op->paths_count, composite);
		if (!observation || observation->state != CTL_OBSERVATION_ACTIVE)
			return none(device, op, composite);
		op->kind = composite ? CTL_OBSERVE_COMPOSITE_CANCEL : CTL_OBSERVE_CANCEL;
		op->accept = observation->accept;
		op->format = observation->format;
		return ctl_device_request_run(device, op, ctl_observe_run);
	}
	err = ctl_observe_forget(ctl, device->reg, op->paths, op->paths_count, composite);
	if (err == -EROFS)
		return ctl_resp_text(device->resp, 503, CTL_TYPE_TEXT, "%s",
				     ctl_hold_why(&ctl->holds, CTL_HOLD_STORE));
	if (err != 0 && err != -ENOENT)
		return err;
	device->resp->status = 200;
	return 0;
}

int ctl_observe_post(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_OBSERVE, .paths_count = 1, .format = CTL_FORMAT_ANY};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 1, 4, "observed", &err))
		return err;
	op.accept = device.format;
	return ctl_device_request_run(&device, &op, ctl_observe_run);
}

int ctl_observe_delete(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.paths_count = 1};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 1, 4, "observed", &err))
		return err;
	return cancel(&device, &op, false);
}

int ctl_observe_composite_post(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_OBSERVE_COMPOSITE};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_composite_formats(&device, &op, &err) || !ctl_composite_paths(&device, &op, &err))
		return err;
	return ctl_device_request_run(&device, &op, ctl_observe_run);
}

int ctl_observe_composite_delete(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {0};
	struct ctl_device_request device;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_composite_paths(&device, &op, &err))
		return err;
	return cancel(&device, &op, true);
}
