// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the resources of the well-known objects are: the enabler's objects 0 to 7, IPSO Temperature,
// the LwM2M test object and that of Wakaama's client, in the versions that the public registry has.
// The table is constant; lookups are safe on any thread.
#pragma once

#include <stdbool.h>
#include <stddef.h>
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

// Of an object; the numbers below are in it, so that versions compare as they are ordered.
#define LWM2M_OBJECT_VERSION(major, minor) ((major) << 8 | (minor))
#define LWM2M_OBJECT_VERSIONS_MAX          4u // that the table has of one object

struct lwm2m_resource_info {
	uint16_t object;
	uint16_t resource;
	uint8_t type;       // enum lwm2m_type
	uint8_t operations; // enum lwm2m_operation; 0 for what only a bootstrap server may touch
	bool multiple;
	bool mandatory;
	uint8_t since; // the table: minor number of the object version 1.x that brought it
	const char *name;
	const char *range;
	const char *units;
	const char *description; // NULL in the table
};

struct lwm2m_object_info {
	uint16_t object;
	bool multiple;
	bool mandatory;
	uint8_t minor_1_1; // of the version 1.x that LwM2M 1.1.1 means when a device names none
	const char *name;
	uint8_t enablers[LWM2M_OBJECT_VERSIONS_MAX]; // 10 for 1.0; 0: no such version
};

// What the newest version of the object has. NULL when the table does not have it.
const struct lwm2m_resource_info *lwm2m_resource_info(uint16_t object, uint16_t resource);
const struct lwm2m_object_info *lwm2m_object_info(uint16_t object);

// The rows of one object, by resource id; those of all objects, by object id.
const struct lwm2m_resource_info *lwm2m_object_resources(uint16_t object, size_t *count);
const struct lwm2m_object_info *lwm2m_object_infos(size_t *count);

// The version of an object whose link carries no ver=: 1.0, except that the enabler's own objects
// come in the version that belongs to the enabler (10 or 11) the device registered with.
uint16_t lwm2m_object_default_version(uint16_t object, uint8_t enabler);
// "1.1", each number up to 255.
bool lwm2m_object_version_parse(uint16_t *version, const char *text, size_t len);
