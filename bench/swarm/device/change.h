// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every change of what is inside a device goes through here, so that observations see it, a new
// lifetime is told to the server, and so on. Part of struct device.
#pragma once

#include "bench/swarm/device/device.h"

// False without memory.
bool change_value(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		  bool multiple, const struct lwm2m_value *value);
bool change_integer(struct device *dev, struct device_env *env, uint16_t object, uint16_t resource,
		    int64_t value);
bool change_add_instance(struct device *dev, struct device_env *env, uint16_t object,
			 uint16_t instance);
// An object instance, a resource or a resource instance goes.
bool change_remove(struct device *dev, struct device_env *env, const struct lwm2m_path *path);
