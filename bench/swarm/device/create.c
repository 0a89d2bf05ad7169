// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/change.h"
#include "bench/swarm/device/objects.h"
#include "bench/swarm/device/served.h"
#include "bench/swarm/device/write.h"

// What a new temperature sensor has before it has measured anything.
static bool furnish(struct device *dev, struct device_env *env, uint16_t object, uint16_t instance)
{
	struct lwm2m_path path = {.ids = {object, instance, 5700}, .depth = 3};
	struct lwm2m_value value = {.number = 0, .type = LWM2M_FLOAT};
	return object != 3303 || change_value(dev, env, &path, false, &value);
}

// The new instance's content and id. A payload of bare resources leaves the id to the device.
static bool decode_new(struct device *dev, struct device_env *env, struct request *req,
		       struct lwm2m_path *path, struct lwm2m_node **node)
{
	struct lwm2m_decode_error err;
	struct lwm2m_arena start = req->arena;
	*path = req->path;
	path->depth = 2;
	if (req->len > 0 &&
	    lwm2m_decode(&lwm2m_model_builtin, req->format, &req->path, req->payload, req->len,
			 &req->arena, node, &err) &&
	    (*node)->first != NULL && (*node)->first == (*node)->last &&
	    (*node)->first->kind == LWM2M_KIND_INSTANCE) {
		*node = (*node)->first;
		path->ids[1] = (*node)->id;
		return true;
	}
	req->arena = start;
	path->ids[1] = store_free_instance(&dev->store, path->ids[0]);
	if (req->len == 0) {
		*node = lwm2m_node_new(&req->arena, LWM2M_KIND_INSTANCE, path->ids[1]);
		return true;
	}
	if (lwm2m_decode(&lwm2m_model_builtin, req->format, path, req->payload, req->len,
			 &req->arena, node, &err))
		return true;
	device_note(env, "malformed %s", err.what);
	return false;
}

static bool add_instance(struct device *dev, struct device_env *env, const struct lwm2m_path *path)
{
	char text[LWM2M_PATH_TEXT_MAX];
	lwm2m_path_format(path, text);
	device_note(env, "created %s", text);
	return change_add_instance(dev, env, path->ids[0], path->ids[1]) &&
	       furnish(dev, env, path->ids[0], path->ids[1]);
}

uint8_t operation_create(struct device *dev, struct device_env *env, struct request *req)
{
	struct lwm2m_path path;
	struct lwm2m_node *node = NULL;
	uint32_t at;
	uint8_t code = operation_check_path(dev, env, &req->path);
	if (code != 0)
		return code;
	if (!objects_class(env->config->test_object, req->path.ids[0])->creatable)
		return COAP_METHOD_NOT_ALLOWED;
	if (req->len > 0 && (!req->has_format || !operation_has_format(env->config, req->format)))
		return COAP_UNSUPPORTED_CONTENT_FORMAT;
	if (!decode_new(dev, env, req, &path, &node) || node == NULL)
		return COAP_BAD_REQUEST;
	if (store_find(&dev->store, &path, &at) > 0)
		return COAP_BAD_REQUEST; // is there already
	code = write_check_instance(&path, node);
	if (code != 0)
		return code;
	if (!add_instance(dev, env, &path) || !write_instance(dev, env, &path, node, false))
		return COAP_INTERNAL_SERVER_ERROR;
	env->counters->creates++;
	req->has_location = true;
	req->location[0] = path.ids[0];
	req->location[1] = path.ids[1];
	return COAP_CREATED;
}

uint8_t operation_delete(struct device *dev, struct device_env *env, struct request *req)
{
	char text[LWM2M_PATH_TEXT_MAX];
	uint8_t code = operation_check_path(dev, env, &req->path);
	if (code != 0)
		return code;
	if (req->path.depth != 2 ||
	    !objects_class(env->config->test_object, req->path.ids[0])->creatable)
		return COAP_METHOD_NOT_ALLOWED;
	if (!change_remove(dev, env, &req->path))
		return COAP_INTERNAL_SERVER_ERROR;
	env->counters->deletes++;
	lwm2m_path_format(&req->path, text);
	device_note(env, "deleted %s", text);
	return COAP_DELETED;
}

bool device_create(struct device *dev, struct device_env *env, uint16_t object, uint16_t instance)
{
	struct lwm2m_path path = {.ids = {object, instance}, .depth = 2};
	uint32_t at;
	return objects_class(env->config->test_object, object) != NULL &&
	       store_find(&dev->store, &path, &at) == 0 && add_instance(dev, env, &path);
}

bool device_delete(struct device *dev, struct device_env *env, uint16_t object, uint16_t instance)
{
	struct lwm2m_path path = {.ids = {object, instance}, .depth = 2};
	uint32_t at;
	return store_find(&dev->store, &path, &at) > 0 && change_remove(dev, env, &path);
}
