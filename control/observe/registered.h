// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device said it has, in the object list of its registration. Pure.
#pragma once

#include "control/store/record.h"
#include "lwm2m/core/path.h"

// True when the device registered the path's object and, where the path has one, the instance. An
// object that was listed without any instance stands for whichever it has. What lies below an
// instance is not listed, and not looked at; the root is always there.
bool ctl_record_has(const struct ctl_record *record, const struct lwm2m_path *path);
