// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the resources of the well-known objects are: the enabler's objects 0 to 7, IPSO Temperature
// and the LwM2M test object, in the newest version that the public registry has. The table is
// constant; lookups are safe on any thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LWM2M_TYPES(X)      \
	X(NONE)             \
	X(STRING)           \
	X(INTEGER)          \
	X(UNSIGNED_INTEGER) \
	X(FLOAT)            \
	X(BOOLEAN)          \
	X(OPAQUE)           \
	X(TIME)             \
	X(OBJLNK)           \
	X(CORELINK)

// LwM2M core 1.1.1 appendix C. NONE is the type of executable resources.
enum lwm2m_type {
#define X(name) LWM2M_##name,
	LWM2M_TYPES(X)
#undef X
		LWM2M_TYPE_COUNT
};

// "STRING" and the like, as the REST API spells them.
const char *lwm2m_type_name(enum lwm2m_type type);

enum lwm2m_operation {
	LWM2M_OP_READ = 1 << 0,
	LWM2M_OP_WRITE = 1 << 1,
	LWM2M_OP_EXECUTE = 1 << 2,
};

struct lwm2m_resource_info {
	uint16_t object;
	uint16_t resource;
	uint8_t type;       // enum lwm2m_type
	uint8_t operations; // enum lwm2m_operation; 0 for what only a bootstrap server may touch
	bool multiple;
	const char *name;
};

struct lwm2m_object_info {
	uint16_t object;
	bool multiple;
	const char *name;
};

// NULL when the table does not have it.
const struct lwm2m_resource_info *lwm2m_resource_info(uint16_t object, uint16_t resource);
const struct lwm2m_object_info *lwm2m_object_info(uint16_t object);
