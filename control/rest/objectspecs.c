// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The order of members is that of Leshan's demo server.
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/models/models.h"
#include "control/rest/resources.h"

static json_t *operations_json(uint8_t operations)
{
	switch (operations) {
	case LWM2M_OP_READ:
		return json_string("R");
	case LWM2M_OP_WRITE:
		return json_string("W");
	case LWM2M_OP_READ | LWM2M_OP_WRITE:
		return json_string("RW");
	case LWM2M_OP_EXECUTE:
		return json_string("E");
	default:
		return json_string("NONE");
	}
}

static json_t *type_json(enum lwm2m_type type)
{
	char text[32];

	snprintf(text, sizeof(text), "%s", lwm2m_type_name(type));
	for (char *p = text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return json_string(text);
}

static const char *instance_type(bool multiple)
{
	return multiple ? "multiple" : "single";
}

static json_t *resource_json(const struct lwm2m_resource_info *resource)
{
	return json_pack("{s:i, s:s, s:o, s:s, s:b, s:o, s:s, s:s, s:s}", "id",
			 (int)resource->resource, "name", resource->name, "operations",
			 operations_json(resource->operations), "instancetype",
			 instance_type(resource->multiple), "mandatory", (int)resource->mandatory,
			 "type", type_json(resource->type), "range", resource->range, "units",
			 resource->units, "description", resource->description);
}

static json_t *resources_json(const struct ctl_definition *definition)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < definition->resources_count; i++) {
		if (json_array_append_new(list, resource_json(&definition->resources[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *definition_json(const struct ctl_definition *definition)
{
	return json_pack(
		"{s:i, s:s, s:s, s:b, s:s, s:o, s:s, s:s, s:s, s:o}", "id", (int)definition->object,
		"name", definition->name, "instancetype", instance_type(definition->multiple),
		"mandatory", (int)definition->mandatory, "urn", definition->urn, "version",
		json_sprintf("%u.%u", definition->version >> 8, definition->version & 0xffu),
		"lwm2mversion", definition->enabler, "description", definition->description,
		"description2", definition->description2, "resourcedefs",
		resources_json(definition));
}

int ctl_objectspecs_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];
	const struct ctl_reg *reg =
		ctl_registry_by_endpoint(req->ctl->registry, name->text, name->len);
	const struct ctl_definition **definitions;
	size_t count;
	json_t *list;

	if (reg == NULL)
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "no registered client with id '%s'",
				     name->text);
	definitions = ctl_models_registered(req->ctl->models, reg->record, &count);
	if (definitions == NULL)
		return -ENOMEM;
	list = json_array();
	for (size_t i = 0; list != NULL && i < count; i++) {
		if (json_array_append_new(list, definition_json(definitions[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	free(definitions);
	return ctl_resp_json(resp, 200, list);
}
