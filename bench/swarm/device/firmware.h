// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The state machine of object 5 (LwM2M core 1.1.1 appendix E.6): a package is written, or fetched
// from a URI (which this device only claims to have done), then installed by a restart.
#pragma once

#include "bench/swarm/device/device.h"

// Package or Package URI has been written.
void firmware_written(struct device *dev, struct device_env *env, uint16_t resource,
		      const struct lwm2m_value *value);
// Update (5/0/2) and Cancel (5/0/10); the response code.
uint8_t firmware_update(struct device *dev, struct device_env *env);
uint8_t firmware_cancel(struct device *dev, struct device_env *env);
// After the restart.
void firmware_installed(struct device *dev, struct device_env *env);
