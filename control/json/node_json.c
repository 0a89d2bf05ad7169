// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/node_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/json/float_text.h"
#include "control/json/json_text.h"
#include "lwm2m/codec/pack.h"

// The arena of a decode: a node is some 80 bytes and the smallest one takes two bytes of TLV, with
// at most three nodes above the first.
#define ARENA_PER_BYTE 96u
#define ARENA_EXTRA    4096u

static json_t *hex_json(const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * len + 1);
	json_t *json;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	json = json_stringn(text, 2 * len);
	free(text);
	return json;
}

static json_t *float_json(double value)
{
	char text[CTL_FLOAT_MAX];

	ctl_float_text(value, text);
	return json_string(text);
}

static json_t *value_json(const struct lwm2m_value *value)
{
	switch ((enum lwm2m_type)value->type) {
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		return json_text((const char *)value->bytes.data, value->bytes.len);
	case LWM2M_INTEGER:
		return json_sprintf("%" PRId64, value->integer);
	case LWM2M_UNSIGNED_INTEGER:
		return json_sprintf("%" PRIu64, value->natural);
	case LWM2M_FLOAT:
		return float_json(value->number);
	case LWM2M_BOOLEAN:
		return json_boolean(value->boolean);
	case LWM2M_OPAQUE:
		return hex_json(value->bytes.data, value->bytes.len);
	case LWM2M_TIME:
		return json_integer((json_int_t)value->integer * 1000);
	case LWM2M_OBJLNK:
		return json_pack("{s:i, s:i}", "objectId", (int)value->objlnk.object,
				 "objectInstanceId", (int)value->objlnk.instance);
	case LWM2M_NONE:
	case LWM2M_TYPE_COUNT:
		break;
	}
	return json_null();
}

static json_t *children_json(const struct lwm2m_node *parent)
{
	json_t *list = json_array();

	for (const struct lwm2m_node *child = parent->first; list && child; child = child->next) {
		if (json_array_append_new(list, ctl_node_json(child)) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

// {"0":"3800","1":"5000"}
static json_t *values_json(const struct lwm2m_node *multi)
{
	json_t *values = json_object();

	for (const struct lwm2m_node *child = multi->first; values && child; child = child->next) {
		char id[6];

		snprintf(id, sizeof(id), "%u", child->id);
		if (json_object_set_new(values, id, value_json(&child->value)) != 0) {
			json_decref(values);
			values = NULL;
		}
	}
	return values;
}

static json_t *single_json(const char *kind, const struct lwm2m_node *node)
{
	return json_pack("{s:s, s:i, s:s, s:o}", "kind", kind, "id", (int)node->id, "type",
			 lwm2m_type_name(node->value.type), "value", value_json(&node->value));
}

// The order of keys is that of Leshan's answers, odd as it is.
json_t *ctl_node_json(const struct lwm2m_node *node)
{
	switch ((enum lwm2m_kind)node->kind) {
	case LWM2M_KIND_ROOT:
		return json_pack("{s:s, s:o}", "kind", "root", "objects", children_json(node));
	case LWM2M_KIND_OBJECT:
		return json_pack("{s:o, s:s, s:i}", "instances", children_json(node), "kind", "obj",
				 "id", (int)node->id);
	case LWM2M_KIND_INSTANCE:
		return json_pack("{s:s, s:o, s:i}", "kind", "instance", "resources",
				 children_json(node), "id", (int)node->id);
	case LWM2M_KIND_SINGLE:
		return single_json("singleResource", node);
	case LWM2M_KIND_MULTI:
		return json_pack("{s:s, s:o, s:i, s:s}", "kind", "multiResource", "values",
				 values_json(node), "id", (int)node->id, "type",
				 lwm2m_type_name(node->value.type));
	case LWM2M_KIND_RESOURCE_INSTANCE:
		return single_json("resourceInstance", node);
	}
	return NULL;
}

json_t *ctl_content_json(const struct lwm2m_model *model, const struct lwm2m_path *path,
			 uint16_t format, const void *payload, size_t len, const char **why)
{
	size_t cap = ARENA_EXTRA + len * ARENA_PER_BYTE;
	void *buf = malloc(cap);
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, cap);
	struct lwm2m_decode_error err;
	struct lwm2m_node *node;
	json_t *json = NULL;

	*why = "out of memory";
	if (buf && lwm2m_decode(model, format, path, payload, len, &arena, &node, &err))
		json = ctl_node_json(node);
	else if (buf)
		*why = err.what;
	free(buf);
	return json;
}

static json_t *nodes_json(struct lwm2m_node *root, const struct lwm2m_path *paths, size_t count)
{
	json_t *nodes = json_object();

	for (size_t i = 0; nodes && i < count; i++) {
		const struct lwm2m_node *node = lwm2m_tree_find(root, &paths[i]);
		char path[LWM2M_PATH_TEXT_MAX];

		lwm2m_path_format(&paths[i], path);
		if (json_object_set_new(nodes, path, node ? ctl_node_json(node) : json_null()) !=
		    0) {
			json_decref(nodes);
			nodes = NULL;
		}
	}
	return nodes;
}

json_t *ctl_contents_json(const struct lwm2m_model *model, const struct lwm2m_path *paths,
			  size_t count, uint16_t format, const void *payload, size_t len,
			  const char **why)
{
	size_t cap = ARENA_EXTRA + len * ARENA_PER_BYTE;
	void *buf = malloc(cap);
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, cap);
	const struct lwm2m_path root = {0};
	struct lwm2m_decode_error err;
	struct lwm2m_node *node;
	json_t *json = NULL;

	*why = "out of memory";
	if (buf && lwm2m_decode(model, format, &root, payload, len, &arena, &node, &err))
		json = nodes_json(node, paths, count);
	else if (buf)
		*why = err.what;
	free(buf);
	return json;
}
