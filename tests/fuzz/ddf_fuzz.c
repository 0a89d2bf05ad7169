// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/models/ddf.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void check_definition(const struct ctl_definition *definition)
{
	fuzz_check(definition->object != UINT16_MAX, "an object id is an id");
	fuzz_check(definition->name != NULL && definition->urn[0] != '\0', "objects are named");
	for (uint32_t i = 0; i < definition->resources_count; i++) {
		const struct lwm2m_resource_info *resource = &definition->resources[i];

		fuzz_check(resource->object == definition->object, "resources know their object");
		fuzz_check(resource->type < LWM2M_TYPE_COUNT, "types are types");
		fuzz_check(strlen(resource->name) + strlen(resource->range) +
					   strlen(resource->units) + strlen(resource->description) <
				   CTL_DDF_MAX,
			   "texts end");
		fuzz_check(ctl_definition_resource(definition, resource->resource) == resource,
			   "resources are found");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl_ddf_error err;
	struct ctl_definition *definition = ctl_ddf_read((const char *)data, size, &err);

	if (definition == NULL)
		fuzz_check(err.line > 0 && err.what[0] != '\0', "errors say what and where");
	for (const struct ctl_definition *at = definition; at != NULL; at = at->next)
		check_definition(at);
	ctl_definition_free(definition);
	return 0;
}
