// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the composite operations have in common: their query parameters paths, pathformat and
// nodeformat.
#pragma once

#include "control/rest/device/device_request.h"

// Fills format and accept: what the query says, else what the device has. False with *err.
bool ctl_composite_formats(const struct ctl_device_request *device, struct ctl_operation *op,
			   int *err);
// Fills the paths. False with *err.
bool ctl_composite_paths(const struct ctl_device_request *device, struct ctl_operation *op,
			 int *err);
