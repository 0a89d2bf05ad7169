// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/models/models.h"

#include <stdlib.h>
#include <string.h>

#include "control/models/state.h"
#include "control/models/versions.h"

static uint32_t key_of(const struct ctl_definition *definition)
{
	return (uint32_t)definition->object << 16 | definition->version;
}

// The place of the first definition that is not below the key.
static size_t search(const struct ctl_models *models, uint32_t key)
{
	size_t low = 0, high = models->definitions_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_of(models->definitions[middle]) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool models_add(struct ctl_models *models, struct ctl_definition *definition,
		const struct ctl_definition **there)
{
	size_t at = search(models, key_of(definition));

	*there = NULL;
	if (at < models->definitions_count &&
	    key_of(models->definitions[at]) == key_of(definition)) {
		*there = models->definitions[at];
		return false;
	}
	if (models->definitions_count == models->definitions_cap) {
		size_t cap = models->definitions_cap == 0 ? 64 : models->definitions_cap * 2;
		void *more = realloc(models->definitions, cap * sizeof(*models->definitions));

		if (more == NULL)
			return false;
		models->definitions = more;
		models->definitions_cap = cap;
	}
	memmove(&models->definitions[at + 1], &models->definitions[at],
		(models->definitions_count - at) * sizeof(*models->definitions));
	models->definitions[at] = definition;
	models->definitions_count++;
	return true;
}

// Behind the files, which go before it. False when memory is out.
static bool add_builtin(struct ctl_models *models)
{
	size_t count;
	const struct lwm2m_object_info *infos = lwm2m_object_infos(&count);

	for (size_t i = 0; i < count; i++) {
		for (uint8_t minor = 0; minor < LWM2M_OBJECT_VERSIONS_MAX; minor++) {
			struct ctl_definition *definition;
			const struct ctl_definition *there;

			if (infos[i].enablers[minor] == 0)
				continue;
			definition = ctl_definition_builtin(&infos[i], minor);
			if (definition == NULL)
				return false;
			if (models_add(models, definition, &there))
				continue;
			ctl_definition_free(definition);
			if (there == NULL)
				return false;
		}
	}
	return true;
}

// The index by object, once all definitions are there. False when memory is out.
static bool index_objects(struct ctl_models *models)
{
	struct models_object *object = NULL;

	models->objects = calloc(models->definitions_count, sizeof(*models->objects));
	if (models->objects == NULL)
		return false;
	for (uint32_t i = 0; i < models->definitions_count; i++) {
		uint16_t id = models->definitions[i]->object;

		if (object == NULL || object->object != id) {
			object = &models->objects[models->objects_count++];
			*object = (struct models_object){.object = id, .first = i};
		}
		object->count++;
	}
	for (size_t i = 0; i < models->objects_count; i++) {
		object = &models->objects[i];
		for (uint8_t e = 0; e < MODELS_ENABLERS; e++)
			object->defaults[e] = ctl_models_find(
				models, object->object,
				lwm2m_object_default_version(object->object, (uint8_t)(10 + e)));
	}
	return true;
}

static bool make_plain_profiles(struct ctl_models *models)
{
	for (uint8_t e = 0; e < MODELS_ENABLERS; e++) {
		struct ctl_record record = {.lwm2m_version = (uint8_t)(10 + e)};

		models->plain[e] = ctl_profile_get(models, &record);
		if (models->plain[e] == NULL)
			return false;
	}
	return true;
}

struct ctl_models *ctl_models_new(const char *dir, ctl_models_problem_t problem, void *arg)
{
	struct ctl_models *models = calloc(1, sizeof(*models));

	if (models == NULL)
		return NULL;
	if ((dir == NULL || models_read_folder(models, dir, problem, arg)) && add_builtin(models) &&
	    index_objects(models) && make_plain_profiles(models))
		return models;
	ctl_models_free(models);
	return NULL;
}

// The array only lends its definitions as const to others.
static void free_definition(const struct ctl_definition *definition)
{
	ctl_definition_free((struct ctl_definition *)(uintptr_t)definition);
}

void ctl_models_free(struct ctl_models *models)
{
	if (models == NULL)
		return;
	for (uint8_t e = 0; e < MODELS_ENABLERS; e++)
		ctl_profile_put(models->plain[e]);
	for (size_t i = 0; i < models->definitions_count; i++)
		free_definition(models->definitions[i]);
	free(models->definitions);
	free(models->objects);
	free(models);
}

const struct models_object *models_object_find(const struct ctl_models *models, uint16_t object)
{
	size_t low = 0, high = models->objects_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (models->objects[middle].object < object)
			low = middle + 1;
		else
			high = middle;
	}
	return low < models->objects_count && models->objects[low].object == object
		       ? &models->objects[low]
		       : NULL;
}

const struct ctl_definition *ctl_models_find(const struct ctl_models *models, uint16_t object,
					     uint16_t version)
{
	const struct models_object *known = models_object_find(models, object);
	const struct ctl_definition *best = NULL;

	for (uint32_t i = 0; known != NULL && i < known->count; i++) {
		const struct ctl_definition *definition = models->definitions[known->first + i];

		if (definition->version >> 8 != version >> 8)
			continue;
		if (best == NULL || definition->version <= version)
			best = definition;
	}
	return best;
}

const struct ctl_definition *const *ctl_models_all(const struct ctl_models *models, size_t *count)
{
	*count = models->definitions_count;
	return models->definitions;
}

const struct lwm2m_model *ctl_model_of(struct ctl_models *models, struct ctl_reg *reg)
{
	if (models == NULL || reg == NULL)
		return &lwm2m_model_builtin;
	if (reg->profile == NULL)
		reg->profile = ctl_profile_get(models, reg->record);
	return reg->profile != NULL ? ctl_profile_model(reg->profile) : &lwm2m_model_builtin;
}

const struct ctl_definition **ctl_models_registered(const struct ctl_models *models,
						    const struct ctl_record *record, size_t *count)
{
	size_t versions_count, n = 0;
	struct ctl_object_version *versions = ctl_versions_of(record, &versions_count);
	const struct ctl_definition **definitions =
		versions != NULL ? calloc(versions_count + 1, sizeof(*definitions)) : NULL;

	for (size_t i = 0; definitions != NULL && i < versions_count; i++) {
		definitions[n] = ctl_models_find(models, versions[i].object, versions[i].version);
		if (definitions[n] != NULL)
			n++;
	}
	free(versions);
	*count = n;
	return definitions;
}
