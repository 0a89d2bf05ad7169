// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/read.h"

#include <stdlib.h>

#include "bench/swarm/device/served.h"

static bool readable(const struct store_entry *e)
{
	const struct lwm2m_resource_info *info;
	if (e->resource == STORE_INSTANCE || e->value.type == LWM2M_NONE)
		return false;
	info = lwm2m_resource_info(e->object, e->resource);
	return info == NULL || (info->operations & LWM2M_OP_READ) != 0;
}

// The child of that kind and id below parent, new unless it is the last one.
static struct lwm2m_node *descend(struct lwm2m_arena *arena, struct lwm2m_node *parent,
				  enum lwm2m_kind kind, uint16_t id)
{
	if (parent->last != NULL && parent->last->id == id)
		return parent->last;
	struct lwm2m_node *node = lwm2m_node_new(arena, kind, id);
	if (node != NULL)
		lwm2m_node_append(parent, node);
	return node;
}

// Adds one entry below the root of a whole tree.
static bool add(struct lwm2m_arena *arena, struct lwm2m_node *root, const struct store_entry *e,
		const struct store_context *ctx)
{
	struct lwm2m_node *node = descend(arena, root, LWM2M_KIND_OBJECT, e->object);
	if (node != NULL)
		node = descend(arena, node, LWM2M_KIND_INSTANCE, e->instance);
	if (node == NULL || e->resource == STORE_INSTANCE)
		return node != NULL;
	node = descend(arena, node, e->multiple ? LWM2M_KIND_MULTI : LWM2M_KIND_SINGLE,
		       e->resource);
	if (node == NULL)
		return false;
	if (e->multiple) {
		node->value.type = e->value.type;
		node = descend(arena, node, LWM2M_KIND_RESOURCE_INSTANCE, e->index);
	}
	if (node == NULL)
		return false;
	node->value = store_value(e, ctx);
	if (node->value.type == LWM2M_STRING || node->value.type == LWM2M_CORELINK) {
		// The context's texts end with the caller of this.
		uint8_t *copy = lwm2m_arena_take(arena, node->value.bytes.len + 1);
		if (copy == NULL)
			return false;
		for (size_t i = 0; i < node->value.bytes.len; i++)
			copy[i] = node->value.bytes.data[i];
		node->value.bytes.data = copy;
	}
	return true;
}

struct lwm2m_node *read_node(const struct device *dev, const struct device_env *env,
			     const struct lwm2m_path *path, struct lwm2m_arena *arena)
{
	char endpoint[DEVICE_ENDPOINT_MAX];
	struct store_context ctx = device_context(dev, env, endpoint);
	struct lwm2m_node *node = lwm2m_node_new(arena, LWM2M_KIND_ROOT, 0);
	uint32_t at, n = store_find(&dev->store, path, &at);
	for (uint32_t i = 0; node != NULL && i < n; i++) {
		const struct store_entry *e = store_at(&dev->store, at + i);
		// An instance without readable resources still is one.
		if ((readable(e) || (e->resource == STORE_INSTANCE && path->depth < 3)) &&
		    !add(arena, node, e, &ctx))
			return NULL;
	}
	if (path->depth == 1 && n == 0 && node != NULL)
		return lwm2m_node_new(arena, LWM2M_KIND_OBJECT, path->ids[0]);
	for (unsigned depth = 0; depth < path->depth && node != NULL; depth++)
		node = lwm2m_node_child(node, path->ids[depth]);
	return node;
}

static bool append(struct lwm2m_pack *pack, struct lwm2m_entry ***end, struct lwm2m_arena *arena,
		   const struct lwm2m_path *path, struct lwm2m_node *node)
{
	struct lwm2m_entry *entry = lwm2m_arena_take(arena, sizeof(*entry));
	if (entry == NULL)
		return false;
	*entry = (struct lwm2m_entry){.path = *path, .node = node};
	**end = entry;
	*end = &entry->next;
	pack->count++;
	return true;
}

bool read_pack(const struct device *dev, const struct device_env *env,
	       const struct lwm2m_path *paths, uint32_t count, struct lwm2m_arena *arena,
	       struct lwm2m_pack *pack)
{
	struct lwm2m_entry **end = &pack->first;
	*pack = (struct lwm2m_pack){0};
	for (uint32_t i = 0; i < count; i++) {
		struct lwm2m_node *node = NULL;
		if (operation_check_path(dev, env, &paths[i]) == 0)
			node = read_node(dev, env, &paths[i], arena);
		if (node != NULL && !append(pack, &end, arena, &paths[i], node))
			return false;
	}
	return true;
}

static bool single_value_format(uint16_t format)
{
	return format == LWM2M_FORMAT_TEXT || format == LWM2M_FORMAT_OPAQUE ||
	       format == LWM2M_FORMAT_CBOR;
}

static bool is_single(const struct lwm2m_node *node)
{
	return node->kind == LWM2M_KIND_SINGLE || node->kind == LWM2M_KIND_RESOURCE_INSTANCE;
}

// A device whose default is for single values answers larger things in what else it has.
static uint16_t default_format(const struct device_config *config, const struct lwm2m_node *node)
{
	if (is_single(node) || !single_value_format(config->default_format))
		return config->default_format;
	for (uint8_t i = 0; i < config->formats_count; i++) {
		if (!single_value_format(config->formats[i]))
			return config->formats[i];
	}
	return LWM2M_FORMAT_TLV;
}

static bool fits(uint16_t format, const struct lwm2m_node *node)
{
	if (single_value_format(format) && !is_single(node))
		return false;
	return format != LWM2M_FORMAT_OPAQUE || node->value.type == LWM2M_OPAQUE;
}

uint8_t operation_read(struct device *dev, struct device_env *env, struct request *req)
{
	struct lwm2m_encode_error err;
	uint8_t code = operation_check_path(dev, env, &req->path);
	if (code != 0)
		return code;
	struct lwm2m_node *node = read_node(dev, env, &req->path, &req->arena);
	if (node == NULL)
		return COAP_METHOD_NOT_ALLOWED; // executable, or written only
	req->body_format = req->has_accept ? req->accept : default_format(env->config, node);
	if (!operation_has_format(env->config, req->body_format) || !fits(req->body_format, node))
		return COAP_NOT_ACCEPTABLE;
	if (!lwm2m_encode(&lwm2m_model_builtin, req->body_format, &req->path, node, req->body,
			  REQUEST_BODY_MAX, &req->body_len, &err))
		return COAP_INTERNAL_SERVER_ERROR;
	return COAP_CONTENT;
}

static uint16_t composite_format(const struct device_config *config, const struct request *req)
{
	if (req->has_accept)
		return req->accept;
	if (req->has_format) // the answer comes as the question did
		return req->format;
	return operation_has_format(config, LWM2M_FORMAT_SENML_CBOR) ? LWM2M_FORMAT_SENML_CBOR
								     : LWM2M_FORMAT_SENML_JSON;
}

static uint8_t read_paths(struct device *dev, struct device_env *env, struct request *req,
			  const struct lwm2m_path *paths, uint32_t count)
{
	struct lwm2m_encode_error err;
	struct lwm2m_pack pack;
	req->body_format = composite_format(env->config, req);
	if (!operation_has_format(env->config, req->body_format) ||
	    (req->body_format != LWM2M_FORMAT_SENML_JSON &&
	     req->body_format != LWM2M_FORMAT_SENML_CBOR))
		return COAP_NOT_ACCEPTABLE;
	if (!read_pack(dev, env, paths, count, &req->arena, &pack))
		return COAP_INTERNAL_SERVER_ERROR;
	if (pack.count == 0)
		return COAP_NOT_FOUND;
	if (!lwm2m_encode_pack(&lwm2m_model_builtin, req->body_format, &pack, req->body,
			       REQUEST_BODY_MAX, &req->body_len, &err))
		return COAP_INTERNAL_SERVER_ERROR;
	return COAP_CONTENT;
}

uint8_t observe_read(struct device *dev, struct device_env *env, struct request *req,
		     const struct lwm2m_path *paths, uint32_t count)
{
	uint8_t code =
		count > 0 ? read_paths(dev, env, req, paths, count) : operation_read(dev, env, req);
	req->has_body = code == COAP_CONTENT;
	return code;
}

uint8_t operation_read_composite(struct device *dev, struct device_env *env, struct request *req)
{
	struct lwm2m_path paths[OBSERVE_PATHS_MAX];
	struct lwm2m_decode_error err;
	uint32_t count;
	if (!req->has_format || !operation_has_format(env->config, req->format))
		return COAP_UNSUPPORTED_CONTENT_FORMAT;
	if (!lwm2m_decode_paths(req->format, req->payload, req->len, paths, OBSERVE_PATHS_MAX,
				&count, &err))
		return COAP_BAD_REQUEST;
	for (uint32_t i = 0; i < count; i++) {
		if (paths[i].depth > 0 && paths[i].ids[0] == 0)
			return COAP_UNAUTHORIZED;
	}
	uint8_t code = read_paths(dev, env, req, paths, count);
	if (code != COAP_CONTENT || !req->has_observe)
		return code;
	if (req->observe == 0)
		observe_begin(dev, env, req, paths, count);
	else
		observe_end(dev, env, req);
	return code;
}
