// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/write.h"

#include "bench/swarm/device/change.h"
#include "bench/swarm/device/read.h"

uint8_t write_check(const struct lwm2m_path *path, const struct lwm2m_node *node)
{
	const struct lwm2m_resource_info *info = lwm2m_resource_info(path->ids[0], path->ids[2]);
	bool several = node->kind == LWM2M_KIND_MULTI || node->kind == LWM2M_KIND_RESOURCE_INSTANCE;
	if (info == NULL)
		return COAP_NOT_FOUND;
	if ((info->operations & LWM2M_OP_WRITE) == 0)
		return COAP_METHOD_NOT_ALLOWED;
	if (several != info->multiple)
		return COAP_BAD_REQUEST;
	return 0;
}

uint8_t write_check_instance(const struct lwm2m_path *path, const struct lwm2m_node *node)
{
	struct lwm2m_path at = *path;
	at.depth = 3;
	for (const struct lwm2m_node *child = node->first; child != NULL; child = child->next) {
		at.ids[2] = child->id;
		uint8_t code = write_check(&at, child);
		if (code != 0)
			return code;
	}
	return 0;
}

static void note(struct device_env *env, const struct lwm2m_path *path,
		 const struct lwm2m_value *value)
{
	char text[LWM2M_PATH_TEXT_MAX];
	env->counters->writes++;
	if (env->event == NULL)
		return;
	lwm2m_path_format(path, text);
	switch (value->type) {
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		device_note(env, "write %s %.*s", text, (int)value->bytes.len,
			    (const char *)value->bytes.data);
		break;
	case LWM2M_OPAQUE:
		device_note(env, "write %s %zu bytes", text, value->bytes.len);
		break;
	case LWM2M_FLOAT:
		device_note(env, "write %s %.15g", text, value->number);
		break;
	case LWM2M_BOOLEAN:
		device_note(env, "write %s %s", text, value->boolean ? "true" : "false");
		break;
	case LWM2M_UNSIGNED_INTEGER:
		device_note(env, "write %s %llu", text, (unsigned long long)value->natural);
		break;
	case LWM2M_OBJLNK:
		device_note(env, "write %s %u:%u", text, value->objlnk.object,
			    value->objlnk.instance);
		break;
	default:
		device_note(env, "write %s %lld", text, (long long)value->integer);
	}
}

bool write_resource(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		    const struct lwm2m_node *node, bool replace)
{
	struct lwm2m_path at = *path;
	if (node->kind != LWM2M_KIND_MULTI) {
		note(env, path, &node->value);
		return change_value(dev, env, path, path->depth == 4, &node->value);
	}
	if (replace && !change_remove(dev, env, path))
		return false;
	at.depth = 4;
	for (const struct lwm2m_node *child = node->first; child != NULL; child = child->next) {
		at.ids[3] = child->id;
		note(env, &at, &child->value);
		if (!change_value(dev, env, &at, true, &child->value))
			return false;
	}
	return true;
}

// What may be written and is not in the new content goes, unless an instance cannot be without.
static bool remove_others(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
			  const struct lwm2m_node *node)
{
	uint32_t at, i = 0;
	while (i < store_find(&dev->store, path, &at)) {
		const struct store_entry *e = store_at(&dev->store, at + i);
		const struct lwm2m_resource_info *info =
			lwm2m_resource_info(e->object, e->resource);
		struct lwm2m_path old = {.ids = {e->object, e->instance, e->resource}, .depth = 3};
		if (!e->optional || info == NULL || (info->operations & LWM2M_OP_WRITE) == 0 ||
		    lwm2m_node_child(node, e->resource) != NULL)
			i++;
		else if (!change_remove(dev, env, &old))
			return false;
	}
	return true;
}

bool write_instance(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		    const struct lwm2m_node *node, bool replace)
{
	struct lwm2m_path at = *path;
	if (replace && !remove_others(dev, env, path, node))
		return false;
	at.depth = 3;
	for (const struct lwm2m_node *child = node->first; child != NULL; child = child->next) {
		at.ids[2] = child->id;
		if (!write_resource(dev, env, &at, child, replace))
			return false;
	}
	return true;
}

uint8_t operation_write(struct device *dev, struct device_env *env, struct request *req,
			bool replace)
{
	struct lwm2m_decode_error err;
	struct lwm2m_node *node;
	// Plain text needs no Content-Format, RFC 7252 section 5.5.1.
	uint16_t format = req->has_format ? req->format : LWM2M_FORMAT_TEXT;
	uint8_t code = operation_check_path(dev, env, &req->path);
	if (code != 0)
		return code;
	if (req->path.depth < 2)
		return COAP_METHOD_NOT_ALLOWED;
	if (!operation_has_format(env->config, format))
		return COAP_UNSUPPORTED_CONTENT_FORMAT;
	const struct lwm2m_resource_info *info =
		lwm2m_resource_info(req->path.ids[0], req->path.ids[2]);
	if (req->path.depth > 2 && info != NULL && (info->operations & LWM2M_OP_WRITE) == 0)
		return COAP_METHOD_NOT_ALLOWED;
	if (!lwm2m_decode(&lwm2m_model_builtin, format, &req->path, req->payload, req->len,
			  &req->arena, &node, &err)) {
		device_note(env, "malformed %s", err.what);
		return COAP_BAD_REQUEST;
	}
	bool instance = req->path.depth == 2;
	code = instance ? write_check_instance(&req->path, node) : write_check(&req->path, node);
	if (code != 0)
		return code;
	bool done = instance ? write_instance(dev, env, &req->path, node, replace)
			     : write_resource(dev, env, &req->path, node, true);
	return done ? COAP_CHANGED : COAP_INTERNAL_SERVER_ERROR;
}

static uint8_t check_entry(const struct device *dev, const struct device_env *env,
			   const struct lwm2m_entry *entry)
{
	uint8_t code = operation_check_path(dev, env, &entry->path);
	if (code != 0)
		return code;
	if (entry->path.depth < 3)
		return COAP_BAD_REQUEST;
	return write_check(&entry->path, entry->node);
}

// All of it or nothing, LwM2M core 1.1.1 section 6.3.10.
uint8_t operation_write_composite(struct device *dev, struct device_env *env, struct request *req)
{
	struct lwm2m_path root = {.depth = 0};
	struct lwm2m_decode_error err;
	struct lwm2m_pack pack;
	if (!req->has_format || !operation_has_format(env->config, req->format) ||
	    (req->format != LWM2M_FORMAT_SENML_JSON && req->format != LWM2M_FORMAT_SENML_CBOR))
		return COAP_UNSUPPORTED_CONTENT_FORMAT;
	if (!lwm2m_decode_pack(&lwm2m_model_builtin, req->format, &root, req->payload, req->len,
			       &req->arena, &pack, &err)) {
		device_note(env, "malformed %s", err.what);
		return COAP_BAD_REQUEST;
	}
	for (const struct lwm2m_entry *e = pack.first; e != NULL; e = e->next) {
		uint8_t code = check_entry(dev, env, e);
		if (code != 0)
			return code;
	}
	for (const struct lwm2m_entry *e = pack.first; e != NULL; e = e->next) {
		if (!write_resource(dev, env, &e->path, e->node, false))
			return COAP_INTERNAL_SERVER_ERROR;
	}
	return COAP_CHANGED;
}
