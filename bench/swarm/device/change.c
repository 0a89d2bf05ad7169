// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/change.h"

#include "bench/swarm/device/attributes.h"
#include "bench/swarm/device/firmware.h"
#include "bench/swarm/device/observe.h"
#include "bench/swarm/device/registration.h"

static void set_lifetime(struct device *dev, struct device_env *env, int64_t lifetime_s)
{
	dev->lifetime_s =
		lifetime_s > 0 && lifetime_s <= UINT32_MAX ? (uint32_t)lifetime_s : dev->lifetime_s;
	dev->tell_lt = true;
	if (dev->state == DEVICE_REGISTERED)
		dev->due_us = env->now_us;
}

bool change_value(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		  bool multiple, const struct lwm2m_value *value)
{
	char endpoint[DEVICE_ENDPOINT_MAX];
	struct store_context ctx = device_context(dev, env, endpoint);
	struct lwm2m_value before = {0};
	uint32_t at;
	bool known = store_find(&dev->store, path, &at) == 1;
	if (known)
		before = store_value(store_at(&dev->store, at), &ctx);
	// The bytes of a replaced value are gone afterwards; only numbers are compared.
	if (!store_set(&dev->store, path, multiple, value))
		return false;
	if (path->ids[0] == 1 && path->ids[2] == 1)
		set_lifetime(dev, env, value->integer);
	if (path->ids[0] == 5)
		firmware_written(dev, env, path->ids[2], value);
	observe_changed(dev, path, known ? &before : NULL, value);
	return true;
}

bool change_integer(struct device *dev, struct device_env *env, uint16_t object, uint16_t resource,
		    int64_t value)
{
	struct lwm2m_path path = {.ids = {object, 0, resource}, .depth = 3};
	struct lwm2m_value v = {.integer = value, .type = LWM2M_INTEGER};
	return change_value(dev, env, &path, false, &v);
}

bool change_add_instance(struct device *dev, struct device_env *env, uint16_t object,
			 uint16_t instance)
{
	struct lwm2m_path path = {.ids = {object, instance}, .depth = 2};
	if (!store_add_instance(&dev->store, object, instance))
		return false;
	registration_links_changed(dev, env);
	observe_changed(dev, &path, NULL, NULL);
	return true;
}

bool change_remove(struct device *dev, struct device_env *env, const struct lwm2m_path *path)
{
	if (!store_remove(&dev->store, path))
		return false;
	if (path->depth == 2) {
		registration_links_changed(dev, env);
		if (dev->served != NULL)
			attributes_forget(dev->served, path);
	}
	observe_changed(dev, path, NULL, NULL);
	return true;
}
