// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/firmware.h"

#include <string.h>

#include "bench/swarm/device/change.h"

#define RESTART_US 500000u // long enough for State 3 to be seen

enum state { IDLE, DOWNLOADING, DOWNLOADED, UPDATING };
enum result { INITIAL = 0, SUCCESS = 1, INTEGRITY_FAILED = 5, CANCELLED = 10 };
enum resource { PACKAGE = 0, URI = 1, STATE = 3, RESULT = 5 };

static int64_t state_of(const struct device *dev)
{
	struct lwm2m_path path = {.ids = {5, 0, STATE}, .depth = 3};
	uint32_t at;
	return store_find(&dev->store, &path, &at) == 1 ? store_at(&dev->store, at)->value.integer
							: IDLE;
}

static void set(struct device *dev, struct device_env *env, enum state state, enum result result)
{
	change_integer(dev, env, 5, STATE, state);
	change_integer(dev, env, 5, RESULT, result);
	device_note(env, "firmware %d %d", (int)state, (int)result);
}

void firmware_written(struct device *dev, struct device_env *env, uint16_t resource,
		      const struct lwm2m_value *value)
{
	if (resource != PACKAGE && resource != URI)
		return;
	if (value->bytes.len == 0)
		set(dev, env, IDLE, INITIAL);
	else if (value->bytes.len >= 3 && memcmp(value->bytes.data, "BAD", 3) == 0)
		set(dev, env, IDLE, INTEGRITY_FAILED); // what tests send to see a failure
	else
		set(dev, env, DOWNLOADED, INITIAL);
}

uint8_t firmware_update(struct device *dev, struct device_env *env)
{
	if (state_of(dev) != DOWNLOADED)
		return COAP_METHOD_NOT_ALLOWED;
	set(dev, env, UPDATING, INITIAL);
	dev->restart_us = env->now_us + RESTART_US;
	dev->firmware_restart = true;
	return COAP_CHANGED;
}

uint8_t firmware_cancel(struct device *dev, struct device_env *env)
{
	if (state_of(dev) != DOWNLOADED && state_of(dev) != DOWNLOADING)
		return COAP_METHOD_NOT_ALLOWED;
	set(dev, env, IDLE, CANCELLED);
	return COAP_CHANGED;
}

void firmware_installed(struct device *dev, struct device_env *env)
{
	struct lwm2m_path path = {.ids = {3, 0, 3}, .depth = 3};
	struct lwm2m_value version = {
		.bytes = {(const uint8_t *)"2.0.0", 5},
		.type = LWM2M_STRING,
	};
	change_value(dev, env, &path, false, &version);
	set(dev, env, IDLE, SUCCESS);
}
