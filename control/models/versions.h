// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which objects a registration lists, and in which versions (LwM2M core 1.1.1 section 7.2.2: ver=
// of the object's link). Pure.
#pragma once

#include <stdbool.h>

#include "control/store/record.h"

struct ctl_object_version {
	uint16_t object;
	uint16_t version; // LWM2M_OBJECT_VERSION; the default when no link says
	bool said;        // a link says
};

// Each object once, by id: a malloc'ed array. NULL when memory is out.
struct ctl_object_version *ctl_versions_of(const struct ctl_record *record, size_t *count);

// False when no link can say a version, so that the defaults hold: a look for "ver=", no more.
bool ctl_versions_said(const struct ctl_record *record);
