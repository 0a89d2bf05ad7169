// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <string.h>

#include "bench/swarm/device/objects.h"
#include "bench/swarm/device/served.h"

uint8_t operation_check_path(const struct device *dev, const struct device_env *env,
			     const struct lwm2m_path *path)
{
	uint32_t at;
	// A server never sees Security, LwM2M core 1.1.1 section 6.3.
	if (path->depth > 0 && path->ids[0] == 0)
		return COAP_UNAUTHORIZED;
	if (path->depth == 1)
		return objects_class(env->config->test_object, path->ids[0]) ? 0 : COAP_NOT_FOUND;
	return store_find(&dev->store, path, &at) > 0 ? 0 : COAP_NOT_FOUND;
}

bool operation_has_format(const struct device_config *config, uint16_t format)
{
	if (format == LWM2M_FORMAT_TEXT || format == LWM2M_FORMAT_OPAQUE)
		return true;
	// The numbers that 1.0 clients used before there were assigned ones.
	if (format == LWM2M_FORMAT_TLV_OLD || format == LWM2M_FORMAT_JSON_OLD)
		format += 10000;
	for (uint8_t i = 0; i < config->formats_count; i++) {
		if (config->formats[i] == format)
			return true;
	}
	return false;
}

static uint8_t read_or_discover(struct device *dev, struct device_env *env, struct request *req)
{
	uint8_t code;
	if (req->path.depth == 0)
		return COAP_METHOD_NOT_ALLOWED;
	if (req->has_accept && req->accept == LWM2M_FORMAT_LINK)
		return operation_discover(dev, env, req);
	code = operation_read(dev, env, req);
	if (code != COAP_CONTENT || !req->has_observe)
		return code;
	if (req->observe == 0)
		observe_begin(dev, env, req, &req->path, 1);
	else
		observe_end(dev, env, req);
	return code;
}

static bool is_numeric(const struct device *dev, const struct lwm2m_path *path)
{
	uint32_t at;
	if (path->depth < 3 || store_find(&dev->store, path, &at) == 0)
		return false;
	uint8_t type = store_at(&dev->store, at)->value.type;
	return type == LWM2M_INTEGER || type == LWM2M_UNSIGNED_INTEGER || type == LWM2M_FLOAT ||
	       type == LWM2M_TIME;
}

static uint8_t write_or_attributes(struct device *dev, struct device_env *env, struct request *req)
{
	char path[LWM2M_PATH_TEXT_MAX];
	if (req->len > 0 || req->has_format || !req->has_query)
		return operation_write(dev, env, req, true);
	if (req->path.depth == 0)
		return COAP_BAD_REQUEST;
	uint8_t code = operation_check_path(dev, env, &req->path);
	if (code == 0)
		code = attributes_write(dev->served, &req->path, is_numeric(dev, &req->path),
					req->msg);
	lwm2m_path_format(&req->path, path);
	if (code == COAP_CHANGED)
		device_note(env, "attributes %s", path);
	return code;
}

static uint8_t post(struct device *dev, struct device_env *env, struct request *req)
{
	switch (req->path.depth) {
	case 1:
		return operation_create(dev, env, req);
	case 2:
		return operation_write(dev, env, req, false);
	case 3:
		return operation_execute(dev, env, req);
	default:
		return COAP_METHOD_NOT_ALLOWED;
	}
}

// Composite operations came with 1.1.
static bool has_composite(const struct device_env *env, const struct request *req)
{
	return env->config->version >= 11 && req->path.depth == 0;
}

void operation_run(struct device *dev, struct device_env *env, struct request *req)
{
	switch (req->msg->code) {
	case COAP_GET:
		req->code = read_or_discover(dev, env, req);
		break;
	case COAP_PUT:
		req->code = write_or_attributes(dev, env, req);
		break;
	case COAP_POST:
		req->code = post(dev, env, req);
		break;
	case COAP_DELETE:
		req->code = operation_delete(dev, env, req);
		break;
	case COAP_FETCH:
		req->code = has_composite(env, req) ? operation_read_composite(dev, env, req)
						    : COAP_METHOD_NOT_ALLOWED;
		break;
	case COAP_IPATCH:
		req->code = has_composite(env, req) ? operation_write_composite(dev, env, req)
						    : COAP_METHOD_NOT_ALLOWED;
		break;
	default:
		req->code = COAP_METHOD_NOT_ALLOWED;
	}
	req->has_body = req->code == COAP_CONTENT;
}
