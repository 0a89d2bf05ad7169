// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What one version of one object is: read from an OMA DDF file, or made from the built-in table.
// Whoever made it owns it; nobody changes it once it is among the models.
#pragma once

#include "lwm2m/core/objects.h"

struct ctl_definition_text;

struct ctl_definition {
	struct ctl_definition *next; // of the same file
	uint16_t object;
	uint16_t version; // LWM2M_OBJECT_VERSION
	bool multiple;
	bool mandatory;
	// Never NULL; UTF-8.
	const char *name;
	const char *urn;
	const char *enabler; // the version of LwM2M it is for, "1.0" when nothing says so
	const char *description;
	const char *description2;
	const char *source;                    // the file; NULL: built in
	struct lwm2m_resource_info *resources; // by id; no text in it is NULL
	uint32_t resources_count;
	struct ctl_definition_text *texts; // what the strings above point into
};

struct ctl_definition *ctl_definition_new(void);             // NULL when memory is out
void ctl_definition_free(struct ctl_definition *definition); // and those behind it

// A copy that lives as long as the definition. NULL when memory is out.
const char *ctl_definition_text(struct ctl_definition *definition, const char *text, size_t len);
// One more, zeroed, at the end; the caller keeps them in order. NULL when memory is out.
struct lwm2m_resource_info *ctl_definition_add(struct ctl_definition *definition);
// The URN that the registry gives an object of this id and version. False when memory is out.
bool ctl_definition_name_urn(struct ctl_definition *definition);

// Version 1.minor as the built-in table has it. NULL when memory is out.
struct ctl_definition *ctl_definition_builtin(const struct lwm2m_object_info *info, uint8_t minor);

// NULL when the object has no such resource.
const struct lwm2m_resource_info *ctl_definition_resource(const struct ctl_definition *definition,
							  uint16_t resource);
