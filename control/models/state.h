// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is inside struct ctl_models, for the files of this folder.
#pragma once

#include "control/models/models.h"
#include "control/models/profile.h"

#define MODELS_ENABLERS     2u    // LwM2M 1.0 and 1.1
#define MODELS_PROFILES_MAX 1024u // hash chains; a fleet has a handful of profiles

struct models_object {
	uint16_t object;
	uint32_t first, count; // its definitions
	// What its link without ver= means, for each enabler; NULL: nothing that is known.
	const struct ctl_definition *defaults[MODELS_ENABLERS];
};

struct ctl_models {
	const struct ctl_definition **definitions; // by object and version
	size_t definitions_count, definitions_cap;
	struct models_object *objects; // by id
	size_t objects_count;
	struct ctl_profile *profiles[MODELS_PROFILES_MAX];
	struct ctl_profile *plain[MODELS_ENABLERS]; // nothing but defaults; kept
};

static inline unsigned models_enabler(const struct ctl_record *record)
{
	return record->lwm2m_version >= 11 ? 1 : 0;
}

const struct models_object *models_object_find(const struct ctl_models *models, uint16_t object);

// Takes the definition, which stands alone. False, with the one that is in its place in *there
// (NULL: memory is out) and the definition still the caller's.
bool models_add(struct ctl_models *models, struct ctl_definition *definition,
		const struct ctl_definition **there);

// False when memory is out.
bool models_read_folder(struct ctl_models *models, const char *dir, ctl_models_problem_t problem,
			void *arg);
