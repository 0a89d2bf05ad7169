// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <ctype.h>

#include "bench/swarm/device/change.h"
#include "bench/swarm/device/firmware.h"
#include "bench/swarm/device/objects.h"
#include "bench/swarm/device/served.h"

#define REBOOT_US 200000u // the answer goes out first

// LwM2M core 1.1.1 section 6.3.5: digit or digit='text', separated by commas.
static bool arguments_ok(const char *p, size_t len)
{
	const char *end = len > 0 ? p + len : p;
	while (p < end) {
		if (!isdigit((unsigned char)*p++))
			return false;
		if (p + 1 < end && p[0] == '=' && p[1] == '\'') {
			p += 2;
			while (p < end && *p != '\'')
				p++;
			if (p++ == end)
				return false;
		}
		if (p == end)
			return true;
		if (*p++ != ',' || p == end)
			return false;
	}
	return true;
}

static void restart(struct device *dev, struct device_env *env, uint64_t in_us)
{
	dev->restart_us = env->now_us + in_us;
	dev->firmware_restart = false;
}

static uint8_t factory_reset(struct device *dev, struct device_env *env)
{
	uint32_t count;
	const struct store_entry *base = objects_factory(env->config->test_object, &count);
	store_fini(&dev->store);
	store_init(&dev->store, base, count);
	dev->lifetime_s = env->config->lifetime_s;
	restart(dev, env, REBOOT_US);
	return COAP_CHANGED;
}

// 1/0/4: away for 1/0/5 seconds.
static uint8_t disable(struct device *dev, struct device_env *env)
{
	struct lwm2m_path path = {.ids = {1, 0, 5}, .depth = 3};
	uint32_t at;
	int64_t seconds = store_find(&dev->store, &path, &at) == 1
				  ? store_at(&dev->store, at)->value.integer
				  : 86400;
	dev->leaving = true;
	dev->due_us = env->now_us;
	restart(dev, env, (uint64_t)(seconds > 0 ? seconds : 1) * 1000000u);
	return COAP_CHANGED;
}

static uint8_t run(struct device *dev, struct device_env *env, uint16_t object, uint16_t resource)
{
	switch (object << 16 | resource) {
	case 1 << 16 | 4:
		return disable(dev, env);
	case 1 << 16 | 8:
		dev->due_us = env->now_us;
		return COAP_CHANGED;
	case 3 << 16 | 4:
		restart(dev, env, REBOOT_US);
		return COAP_CHANGED;
	case 3 << 16 | 5:
		return factory_reset(dev, env);
	case 3 << 16 | 12: {
		struct lwm2m_path errors = {.ids = {3, 0, 11}, .depth = 3};
		struct lwm2m_path none = {.ids = {3, 0, 11, 0}, .depth = 4};
		struct lwm2m_value zero = {.type = LWM2M_INTEGER};
		return change_remove(dev, env, &errors) &&
				       change_value(dev, env, &none, true, &zero)
			       ? COAP_CHANGED
			       : COAP_INTERNAL_SERVER_ERROR;
	}
	case 5 << 16 | 2:
		return firmware_update(dev, env);
	case 5 << 16 | 10:
		return firmware_cancel(dev, env);
	default:
		return COAP_CHANGED; // nothing that would show
	}
}

uint8_t operation_execute(struct device *dev, struct device_env *env, struct request *req)
{
	char path[LWM2M_PATH_TEXT_MAX];
	uint32_t at;
	uint8_t code = operation_check_path(dev, env, &req->path);
	if (code != 0)
		return code;
	store_find(&dev->store, &req->path, &at);
	if (store_at(&dev->store, at)->value.type != LWM2M_NONE)
		return COAP_METHOD_NOT_ALLOWED;
	if (req->has_format && req->format != LWM2M_FORMAT_TEXT)
		return COAP_UNSUPPORTED_CONTENT_FORMAT;
	if (!arguments_ok((const char *)req->payload, req->len))
		return COAP_BAD_REQUEST;
	code = run(dev, env, req->path.ids[0], req->path.ids[2]);
	if (code != COAP_CHANGED)
		return code;
	env->counters->executes++;
	lwm2m_path_format(&req->path, path);
	device_note(env, "executed %s%s%.*s", path, req->len > 0 ? " " : "", (int)req->len,
		    req->len > 0 ? (const char *)req->payload : "");
	return COAP_CHANGED;
}
