// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/composite_request.h"

#include <string.h>

#include "control/rest/device/write_format.h"
#include "control/rest/query.h"
#include "lwm2m/codec/decode.h"

static bool parse_format(const struct ctl_device_request *device, const char *name,
			 uint16_t *format, int *err)
{
	const struct ctl_query *query = ctl_req_query(device->req, name);

	*format = ctl_composite_format(device->reg->record);
	if (!query)
		return true;
	if (ctl_query_format(query, format) &&
	    (*format == LWM2M_FORMAT_SENML_JSON || *format == LWM2M_FORMAT_SENML_CBOR))
		return true;
	*err = ctl_resp_text(device->resp, 400, CTL_TYPE_TEXT,
			     "Invalid %s '%s' (SENML_JSON or SENML_CBOR)", name,
			     query->value.text ? query->value.text : "");
	return false;
}

bool ctl_composite_formats(const struct ctl_device_request *device, struct ctl_operation *op,
			   int *err)
{
	return parse_format(device, "pathformat", &op->format, err) &&
	       parse_format(device, "nodeformat", &op->accept, err);
}

bool ctl_composite_paths(const struct ctl_device_request *device, struct ctl_operation *op,
			 int *err)
{
	const struct ctl_query *query = ctl_req_query(device->req, "paths");
	const char *p = query && query->value.text ? query->value.text : "";

	op->paths_count = 0;
	while (*p) {
		size_t len = strcspn(p, ",");

		if (op->paths_count == CTL_PATHS_MAX) {
			*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
					     "Invalid request: more than %u paths", CTL_PATHS_MAX);
			return false;
		}
		if (!lwm2m_path_parse(&op->paths[op->paths_count], p, len)) {
			*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
					     CTL_INVALID_PATH "Invalid elements in path %.*s",
					     (int)(len < 1024 ? len : 1024), p);
			return false;
		}
		op->paths_count++;
		p += len;
		p += *p == ',';
	}
	if (op->paths_count == 0)
		*err = ctl_resp_text(device->resp, 400, CTL_TYPE_PLAIN,
				     "Invalid request: paths is missing");
	return op->paths_count > 0;
}
