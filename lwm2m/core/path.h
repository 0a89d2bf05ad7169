// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// LwM2M paths, core 1.1.1 section 7.4: "/", "/3", "/3/0", "/3/0/9", "/3/0/7/1". Pure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LWM2M_ID_RESERVED   65535u // MAX_ID, core 1.1.1 section 7.1; never the id of anything
#define LWM2M_PATH_TEXT_MAX 25u    // "/65534/65534/65534/65534" and its NUL

struct lwm2m_path {
	uint16_t ids[4]; // object, object instance, resource, resource instance
	uint8_t depth;   // how many of them; 0 is the root
};

// Decimal ids without leading zeros, each after its slash; no slash at the end except for the root.
bool lwm2m_path_parse(struct lwm2m_path *path, const char *text, size_t len);

// Writes NUL-terminated text and returns its length.
size_t lwm2m_path_format(const struct lwm2m_path *path, char buf[static LWM2M_PATH_TEXT_MAX]);

// True when path is prefix or lies below it.
bool lwm2m_path_within(const struct lwm2m_path *path, const struct lwm2m_path *prefix);
