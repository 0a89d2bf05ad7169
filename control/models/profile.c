// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A profile takes less memory than the links it comes from, and lives no longer than the
// registrations that have it: what devices send cannot make them pile up.
#include "control/models/profile.h"

#include <stdlib.h>
#include <string.h>

#include "control/models/state.h"
#include "control/models/versions.h"

struct other {
	uint16_t object;
	const struct ctl_definition *definition; // NULL: a version that is not known
};

struct ctl_profile {
	struct lwm2m_model model;
	struct ctl_models *models;
	struct ctl_profile *next; // hash chain
	uint64_t hash;
	uint32_t refs;
	uint8_t enabler;
	uint16_t count;
	struct other others[]; // than the default, by object
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct ctl_profile *profile)
{
	uint64_t hash = mix(profile->enabler, profile->count);

	for (uint16_t i = 0; i < profile->count; i++) {
		hash = mix(hash, profile->others[i].object);
		hash = mix(hash, (uintptr_t)profile->others[i].definition);
	}
	return hash;
}

static bool same(const struct ctl_profile *a, const struct ctl_profile *b)
{
	if (a->hash != b->hash || a->enabler != b->enabler || a->count != b->count)
		return false;
	for (uint16_t i = 0; i < a->count; i++)
		if (a->others[i].object != b->others[i].object ||
		    a->others[i].definition != b->others[i].definition)
			return false;
	return true;
}

static const struct lwm2m_resource_info *find_resource(const void *ctx, uint16_t object,
						       uint16_t resource)
{
	const struct ctl_definition *definition = ctl_profile_find(ctx, object);

	return definition != NULL ? ctl_definition_resource(definition, resource) : NULL;
}

// Takes the profile, or gives back its equal. It has no reference yet.
static struct ctl_profile *intern(struct ctl_models *models, struct ctl_profile *profile)
{
	struct ctl_profile **chain, *at;

	profile->hash = hash_of(profile);
	chain = &models->profiles[profile->hash % MODELS_PROFILES_MAX];
	for (at = *chain; at != NULL; at = at->next) {
		if (same(at, profile)) {
			free(profile);
			return at;
		}
	}
	profile->model = (struct lwm2m_model){.resource = find_resource, .ctx = profile};
	profile->models = models;
	profile->next = *chain;
	*chain = profile;
	return profile;
}

static void take_versions(const struct ctl_models *models, struct ctl_profile *profile,
			  const struct ctl_object_version *versions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct models_object *object = models_object_find(models, versions[i].object);
		const struct ctl_definition *definition;

		if (object == NULL || !versions[i].said)
			continue;
		definition = ctl_models_find(models, versions[i].object, versions[i].version);
		if (definition != object->defaults[profile->enabler])
			profile->others[profile->count++] =
				(struct other){versions[i].object, definition};
	}
}

struct ctl_profile *ctl_profile_get(struct ctl_models *models, const struct ctl_record *record)
{
	unsigned enabler = models_enabler(record);
	struct ctl_object_version *versions = NULL;
	struct ctl_profile *profile;
	size_t count = 0;

	if (!ctl_versions_said(record) && models->plain[enabler] != NULL) {
		models->plain[enabler]->refs++;
		return models->plain[enabler];
	}
	versions = ctl_versions_of(record, &count);
	if (versions == NULL)
		return NULL;
	profile = calloc(1, sizeof(*profile) + count * sizeof(profile->others[0]));
	if (profile != NULL) {
		profile->enabler = (uint8_t)enabler;
		take_versions(models, profile, versions, count);
		profile = intern(models, profile);
		profile->refs++;
	}
	free(versions);
	return profile;
}

void ctl_profile_put(struct ctl_profile *profile)
{
	struct ctl_profile **at;

	if (profile == NULL || --profile->refs > 0)
		return;
	at = &profile->models->profiles[profile->hash % MODELS_PROFILES_MAX];
	while (*at != profile)
		at = &(*at)->next;
	*at = profile->next;
	free(profile);
}

const struct ctl_definition *ctl_profile_find(const struct ctl_profile *profile, uint16_t object)
{
	uint32_t low = 0, high = profile->count;
	const struct models_object *known;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (profile->others[middle].object < object)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < profile->count && profile->others[low].object == object)
		return profile->others[low].definition;
	known = models_object_find(profile->models, object);
	return known != NULL ? known->defaults[profile->enabler] : NULL;
}

const struct lwm2m_model *ctl_profile_model(const struct ctl_profile *profile)
{
	return &profile->model;
}
