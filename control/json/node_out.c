// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/node_out.h"

#include <string.h>

#include "control/json/float_text.h"

static void quoted_signed(struct json_out *out, int64_t value)
{
	json_out_literal(out, "\"");
	json_out_signed(out, value);
	json_out_literal(out, "\"");
}

static void quoted_unsigned(struct json_out *out, uint64_t value)
{
	json_out_literal(out, "\"");
	json_out_unsigned(out, value);
	json_out_literal(out, "\"");
}

static void quoted_float(struct json_out *out, double value)
{
	char text[CTL_FLOAT_MAX];

	ctl_float_text(value, text);
	json_out_text(out, text, strlen(text));
}

static void value_out(struct json_out *out, const struct lwm2m_value *value)
{
	switch ((enum lwm2m_type)value->type) {
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		json_out_text(out, (const char *)value->bytes.data, value->bytes.len);
		break;
	case LWM2M_INTEGER:
		quoted_signed(out, value->integer);
		break;
	case LWM2M_UNSIGNED_INTEGER:
		quoted_unsigned(out, value->natural);
		break;
	case LWM2M_FLOAT:
		quoted_float(out, value->number);
		break;
	case LWM2M_BOOLEAN:
		if (value->boolean)
			json_out_literal(out, "true");
		else
			json_out_literal(out, "false");
		break;
	case LWM2M_OPAQUE:
		json_out_hex(out, value->bytes.data, value->bytes.len);
		break;
	case LWM2M_TIME:
		json_out_signed(out, value->integer * 1000);
		break;
	case LWM2M_OBJLNK:
		json_out_literal(out, "{\"objectId\":");
		json_out_unsigned(out, value->objlnk.object);
		json_out_literal(out, ",\"objectInstanceId\":");
		json_out_unsigned(out, value->objlnk.instance);
		json_out_literal(out, "}");
		break;
	case LWM2M_NONE:
	case LWM2M_TYPE_COUNT:
		json_out_literal(out, "null");
	}
}

static void id_out(struct json_out *out, const struct lwm2m_node *node)
{
	json_out_literal(out, ",\"id\":");
	json_out_unsigned(out, node->id);
}

static void type_out(struct json_out *out, const struct lwm2m_node *node)
{
	const char *name = lwm2m_type_name(node->value.type);

	json_out_literal(out, ",\"type\":\"");
	json_out_bytes(out, name, strlen(name));
	json_out_literal(out, "\"");
}

static void children_out(struct json_out *out, const struct lwm2m_node *parent)
{
	json_out_literal(out, "[");
	for (const struct lwm2m_node *child = parent->first; child != NULL; child = child->next) {
		node_out(out, child);
		if (child->next != NULL)
			json_out_literal(out, ",");
	}
	json_out_literal(out, "]");
}

static void values_out(struct json_out *out, const struct lwm2m_node *multi)
{
	json_out_literal(out, "{");
	for (const struct lwm2m_node *child = multi->first; child != NULL; child = child->next) {
		quoted_unsigned(out, child->id);
		json_out_literal(out, ":");
		value_out(out, &child->value);
		if (child->next != NULL)
			json_out_literal(out, ",");
	}
	json_out_literal(out, "}");
}

static void single_out(struct json_out *out, const struct lwm2m_node *node)
{
	id_out(out, node);
	type_out(out, node);
	json_out_literal(out, ",\"value\":");
	value_out(out, &node->value);
	json_out_literal(out, "}");
}

// The order of members is that of node_json.c.
void node_out(struct json_out *out, const struct lwm2m_node *node)
{
	switch ((enum lwm2m_kind)node->kind) {
	case LWM2M_KIND_ROOT:
		json_out_literal(out, "{\"kind\":\"root\",\"objects\":");
		children_out(out, node);
		json_out_literal(out, "}");
		break;
	case LWM2M_KIND_OBJECT:
		json_out_literal(out, "{\"instances\":");
		children_out(out, node);
		json_out_literal(out, ",\"kind\":\"obj\"");
		id_out(out, node);
		json_out_literal(out, "}");
		break;
	case LWM2M_KIND_INSTANCE:
		json_out_literal(out, "{\"kind\":\"instance\",\"resources\":");
		children_out(out, node);
		id_out(out, node);
		json_out_literal(out, "}");
		break;
	case LWM2M_KIND_SINGLE:
		json_out_literal(out, "{\"kind\":\"singleResource\"");
		single_out(out, node);
		break;
	case LWM2M_KIND_MULTI:
		json_out_literal(out, "{\"kind\":\"multiResource\",\"values\":");
		values_out(out, node);
		id_out(out, node);
		type_out(out, node);
		json_out_literal(out, "}");
		break;
	case LWM2M_KIND_RESOURCE_INSTANCE:
		json_out_literal(out, "{\"kind\":\"resourceInstance\"");
		single_out(out, node);
		break;
	}
}

void node_out_path(struct json_out *out, const struct lwm2m_path *path)
{
	char text[LWM2M_PATH_TEXT_MAX];
	size_t len = lwm2m_path_format(path, text);

	json_out_literal(out, "\"");
	json_out_bytes(out, text, len);
	json_out_literal(out, "\"");
}
