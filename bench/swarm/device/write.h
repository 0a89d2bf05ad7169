// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Putting decoded values into a device: checked as a whole first, so that a Write that fails has
// changed nothing. Part of struct device.
#pragma once

#include "bench/swarm/device/request.h"

// May the resource node at path be written? 0 or the response code.
uint8_t write_check(const struct lwm2m_path *path, const struct lwm2m_node *node);
// The resource node (SINGLE or MULTI) at path. With replace a multiple resource loses the instances
// that are not in node.
bool write_resource(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		    const struct lwm2m_node *node, bool replace);
// All resources of an instance node.
uint8_t write_check_instance(const struct lwm2m_path *path, const struct lwm2m_node *node);
bool write_instance(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		    const struct lwm2m_node *node, bool replace);
