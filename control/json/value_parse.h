// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Single values from JSON: numbers as numbers or strings, opaque values as hex, times in
// milliseconds, links to objects as {"objectId","objectInstanceId"} or "3:0". Pure.
#pragma once

#include <jansson.h>

#include "lwm2m/codec/node.h"

// type LWM2M_NONE: what the JSON looks like. NULL, or what is wrong.
const char *ctl_value_parse(struct lwm2m_value *value, enum lwm2m_type type, const json_t *json,
			    struct lwm2m_arena *arena);
// The type of that name ("INTEGER", any case); LWM2M_TYPE_COUNT when there is none.
enum lwm2m_type ctl_type_parse(const char *name);
