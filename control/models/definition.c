// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/models/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Resources are added in steps of this many; most objects have fewer.
#define RESOURCES_STEP 32u

struct ctl_definition_text {
	struct ctl_definition_text *next;
	char text[];
};

struct ctl_definition *ctl_definition_new(void)
{
	struct ctl_definition *definition = calloc(1, sizeof(*definition));

	if (definition != NULL) {
		definition->version = LWM2M_OBJECT_VERSION(1, 0);
		definition->name = definition->urn = "";
		definition->enabler = "1.0";
		definition->description = definition->description2 = "";
	}
	return definition;
}

static void free_one(struct ctl_definition *definition)
{
	struct ctl_definition_text *text = definition->texts, *next;

	for (; text != NULL; text = next) {
		next = text->next;
		free(text);
	}
	free(definition->resources);
	free(definition);
}

void ctl_definition_free(struct ctl_definition *definition)
{
	struct ctl_definition *next;

	for (; definition != NULL; definition = next) {
		next = definition->next;
		free_one(definition);
	}
}

const char *ctl_definition_text(struct ctl_definition *definition, const char *text, size_t len)
{
	struct ctl_definition_text *copy;

	if (len == 0)
		return "";
	copy = malloc(sizeof(*copy) + len + 1);
	if (copy == NULL)
		return NULL;
	memcpy(copy->text, text, len);
	copy->text[len] = '\0';
	copy->next = definition->texts;
	definition->texts = copy;
	return copy->text;
}

struct lwm2m_resource_info *ctl_definition_add(struct ctl_definition *definition)
{
	uint32_t count = definition->resources_count;
	struct lwm2m_resource_info *resource;

	if (count % RESOURCES_STEP == 0) {
		resource = realloc(definition->resources,
				   (count + RESOURCES_STEP) * sizeof(*resource));
		if (resource == NULL)
			return NULL;
		definition->resources = resource;
	}
	resource = &definition->resources[definition->resources_count++];
	*resource = (struct lwm2m_resource_info){
		.object = definition->object,
		.name = "",
		.range = "",
		.units = "",
		.description = "",
	};
	return resource;
}

// The ranges that the registry gives to the enabler, to other organisations and to companies.
static const char *urn_kind(uint16_t object)
{
	if (object <= 1023)
		return "oma";
	if (object <= 2047 || object > 42800)
		return "reserved";
	return object <= 10240 ? "ext" : "x";
}

bool ctl_definition_name_urn(struct ctl_definition *definition)
{
	char urn[64];
	int n = snprintf(urn, sizeof(urn), "urn:oma:lwm2m:%s:%u", urn_kind(definition->object),
			 definition->object);

	if (definition->version != LWM2M_OBJECT_VERSION(1, 0))
		n += snprintf(urn + n, sizeof(urn) - (size_t)n, ":%u.%u", definition->version >> 8,
			      definition->version & 0xffu);
	definition->urn = ctl_definition_text(definition, urn, (size_t)n);
	return definition->urn != NULL;
}

struct ctl_definition *ctl_definition_builtin(const struct lwm2m_object_info *info, uint8_t minor)
{
	static const char *const enablers[] = {"1.0", "1.1", "1.2"};
	struct ctl_definition *definition = ctl_definition_new();
	const struct lwm2m_resource_info *rows;
	size_t count;

	if (definition == NULL)
		return NULL;
	definition->object = info->object;
	definition->version = (uint16_t)LWM2M_OBJECT_VERSION(1, minor);
	definition->multiple = info->multiple;
	definition->mandatory = info->mandatory;
	definition->name = info->name;
	definition->enabler = enablers[info->enablers[minor] - 10u];
	rows = lwm2m_object_resources(info->object, &count);
	for (size_t i = 0; i < count; i++) {
		struct lwm2m_resource_info *resource;

		if (rows[i].since > minor)
			continue;
		resource = ctl_definition_add(definition);
		if (resource == NULL)
			goto err_definition;
		*resource = rows[i];
		resource->description = "";
	}
	if (ctl_definition_name_urn(definition))
		return definition;
err_definition:
	ctl_definition_free(definition);
	return NULL;
}

const struct lwm2m_resource_info *ctl_definition_resource(const struct ctl_definition *definition,
							  uint16_t resource)
{
	uint32_t low = 0, high = definition->resources_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (definition->resources[middle].resource < resource)
			low = middle + 1;
		else
			high = middle;
	}
	return low < definition->resources_count && definition->resources[low].resource == resource
		       ? &definition->resources[low]
		       : NULL;
}
