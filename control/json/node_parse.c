// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/node_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/value_parse.h"

struct parser {
	const struct lwm2m_model *model;
	struct lwm2m_arena *arena;
	char *why;
};

size_t ctl_node_arena_size(size_t json_len)
{
	// Each node and each hex value may cost the alignment of the arena.
	return (sizeof(struct lwm2m_node) + 32) * LWM2M_NODES_MAX + json_len;
}

static bool fail(const struct parser *p, const struct lwm2m_path *path, const char *what)
{
	char text[LWM2M_PATH_TEXT_MAX];

	lwm2m_path_format(path, text);
	snprintf(p->why, CTL_NODE_WHY_MAX, "%s %s", text, what);
	return false;
}

static struct lwm2m_node *add(const struct parser *p, struct lwm2m_node *parent,
			      enum lwm2m_kind kind, const struct lwm2m_path *path)
{
	struct lwm2m_node *node = lwm2m_node_new(p->arena, kind, path->ids[path->depth - 1]);

	if (!node)
		fail(p, path, "does not fit");
	else if (parent)
		lwm2m_node_append(parent, node);
	return node;
}

// What the JSON says it is; without "kind", what its keys say. LWM2M_KIND_ROOT for anything else.
static enum lwm2m_kind kind_of(const json_t *json, uint8_t depth)
{
	static const struct {
		const char *kind, *key;
		enum lwm2m_kind to;
	} kinds[] = {
		{"singleResource", "value", LWM2M_KIND_SINGLE},
		{"multiResource", "values", LWM2M_KIND_MULTI},
		{"resourceInstance", "value", LWM2M_KIND_RESOURCE_INSTANCE},
		{"instance", "resources", LWM2M_KIND_INSTANCE},
		{"obj", "instances", LWM2M_KIND_OBJECT},
	};
	const json_t *kind = json_object_get(json, "kind");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kind ? json_is_string(kind) &&
				    strcmp(json_string_value(kind), kinds[i].kind) == 0
			 : json_object_get(json, kinds[i].key) != NULL) {
			if (!kind && depth == 4 && kinds[i].to == LWM2M_KIND_SINGLE)
				return LWM2M_KIND_RESOURCE_INSTANCE;
			return kinds[i].to;
		}
	}
	return LWM2M_KIND_ROOT;
}

static bool fits(enum lwm2m_kind kind, uint8_t depth)
{
	return kind == lwm2m_kind_of_depth(depth) || (kind == LWM2M_KIND_MULTI && depth == 3);
}

// The id of an element, if it has one. False when it is none.
static bool id_of(const json_t *json, bool *given, uint16_t *id)
{
	const json_t *value = json_object_get(json, "id");
	json_int_t n = json_integer_value(value);

	*given = value && !json_is_null(value);
	if (!*given)
		return true;
	*id = (uint16_t)n;
	return json_is_integer(value) && n >= 0 && n < LWM2M_ID_RESERVED;
}

static bool type_of(const struct parser *p, const struct lwm2m_path *path, const json_t *json,
		    enum lwm2m_type *type)
{
	const struct lwm2m_resource_info *info =
		lwm2m_model_resource(p->model, path->ids[0], path->ids[2]);
	const json_t *given = json_object_get(json, "type");

	*type = info ? (enum lwm2m_type)info->type : LWM2M_NONE;
	if (!given || json_is_null(given))
		return true;
	*type = json_is_string(given) ? ctl_type_parse(json_string_value(given)) : LWM2M_TYPE_COUNT;
	return *type != LWM2M_TYPE_COUNT || fail(p, path, "has an unknown type");
}

static bool parse_value(const struct parser *p, const struct lwm2m_path *path,
			struct lwm2m_node *node, enum lwm2m_type type, const json_t *json)
{
	const char *what = ctl_value_parse(&node->value, type, json, p->arena);

	return !what || fail(p, path, what);
}

static struct lwm2m_node *parse_single(const struct parser *p, const struct lwm2m_path *path,
				       const json_t *json, struct lwm2m_node *parent,
				       enum lwm2m_kind kind)
{
	struct lwm2m_node *node = add(p, parent, kind, path);
	enum lwm2m_type type;

	if (!node || !type_of(p, path, json, &type) ||
	    !parse_value(p, path, node, type, json_object_get(json, "value")))
		return NULL;
	return node;
}

// "0" and the like, as a key.
static bool key_id(const char *key, uint16_t *id)
{
	char text[8];
	struct lwm2m_path path;
	int len = snprintf(text, sizeof(text), "/%s", key);

	if (len >= (int)sizeof(text) || !lwm2m_path_parse(&path, text, (size_t)len) ||
	    path.depth != 1)
		return false;
	*id = path.ids[0];
	return true;
}

static struct lwm2m_node *parse_multi(const struct parser *p, const struct lwm2m_path *path,
				      const json_t *json, struct lwm2m_node *parent)
{
	json_t *values = json_object_get(json, "values"), *value;
	struct lwm2m_path below = {.ids = {path->ids[0], path->ids[1], path->ids[2]}, .depth = 4};
	struct lwm2m_node *node = add(p, parent, LWM2M_KIND_MULTI, path), *child;
	enum lwm2m_type type;
	const char *key;

	if (!node || !type_of(p, path, json, &type))
		return NULL;
	if (!json_is_object(values)) {
		fail(p, path, "has no object of values");
		return NULL;
	}
	json_object_foreach(values, key, value)
	{
		if (!key_id(key, &below.ids[3])) {
			fail(p, path, "has a value whose key is not an id");
			return NULL;
		}
		child = add(p, node, LWM2M_KIND_RESOURCE_INSTANCE, &below);
		if (!child || !parse_value(p, &below, child, type, value))
			return NULL;
		type = (enum lwm2m_type)child->value.type; // without one, the first value's
	}
	node->value.type = (uint8_t)type;
	if (type == LWM2M_NONE) {
		fail(p, path, "has neither a type nor values");
		return NULL;
	}
	return node;
}

static struct lwm2m_node *parse(const struct parser *p, const struct lwm2m_path *path,
				const json_t *json, struct lwm2m_node *parent);

static struct lwm2m_node *parse_list(const struct parser *p, const struct lwm2m_path *path,
				     const json_t *json, struct lwm2m_node *parent,
				     enum lwm2m_kind kind)
{
	const char *key = kind == LWM2M_KIND_OBJECT ? "instances" : "resources";
	const json_t *list = json_object_get(json, key);
	struct lwm2m_node *node = add(p, parent, kind, path);
	struct lwm2m_path below = *path;
	bool given;

	if (!node)
		return NULL;
	if (!json_is_array(list)) {
		fail(p, path, "has no list of what is in it");
		return NULL;
	}
	below.depth++;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		if (!id_of(item, &given, &below.ids[path->depth]) || !given) {
			fail(p, path, "has an element without a valid id");
			return NULL;
		}
		if (lwm2m_node_child(node, below.ids[path->depth])) {
			fail(p, &below, "is there twice");
			return NULL;
		}
		if (!parse(p, &below, item, node))
			return NULL;
	}
	return node;
}

static struct lwm2m_node *parse(const struct parser *p, const struct lwm2m_path *path,
				const json_t *json, struct lwm2m_node *parent)
{
	enum lwm2m_kind kind = kind_of(json, path->depth);
	uint16_t id = 0;
	bool given;

	if (kind == LWM2M_KIND_ROOT)
		fail(p, path, "is of no known kind");
	else if (!fits(kind, path->depth))
		fail(p, path, "is of another kind");
	else if (!id_of(json, &given, &id) || (given && id != path->ids[path->depth - 1]))
		fail(p, path, "has another id");
	else if (kind == LWM2M_KIND_MULTI)
		return parse_multi(p, path, json, parent);
	else if (kind == LWM2M_KIND_OBJECT || kind == LWM2M_KIND_INSTANCE)
		return parse_list(p, path, json, parent, kind);
	else
		return parse_single(p, path, json, parent, kind);
	return NULL;
}

bool ctl_node_parse(const struct lwm2m_model *model, const struct lwm2m_path *path,
		    const json_t *json, struct lwm2m_arena *arena, struct lwm2m_node **node,
		    char why[static CTL_NODE_WHY_MAX])
{
	struct parser p = {model, arena, why};

	if (path->depth == 0)
		return fail(&p, path, "cannot be written");
	*node = parse(&p, path, json, NULL);
	return *node != NULL;
}
