// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is inside a device as nodes and as payloads: for Read, for notifications, for Send.
#pragma once

#include "bench/swarm/device/device.h"
#include "lwm2m/codec/encode.h"

// The readable values that path names, as the node that a path of its depth names. NULL when there
// are none, or no room.
struct lwm2m_node *read_node(const struct device *dev, const struct device_env *env,
			     const struct lwm2m_path *path, struct lwm2m_arena *arena);
// Several of them. Paths that name nothing are left out. False without room.
bool read_pack(const struct device *dev, const struct device_env *env,
	       const struct lwm2m_path *paths, uint32_t count, struct lwm2m_arena *arena,
	       struct lwm2m_pack *pack);
