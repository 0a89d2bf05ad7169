// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a codec must know of objects: the type of a resource, and whether it may have several
// instances. Who holds definitions (OMA DDF files, the versions a device registered) answers here;
// the built-in table knows the enabler's own objects in their newest version.
//
// Pure; a model and what it returns live for as long as the caller of the codec keeps them.
#pragma once

#include "lwm2m/core/objects.h"

struct lwm2m_model {
	// NULL when the resource is not known: it works all the same, untyped.
	const struct lwm2m_resource_info *(*resource)(const void *ctx, uint16_t object,
						      uint16_t resource);
	const void *ctx;
};

// lwm2m_resource_info() as a model.
extern const struct lwm2m_model lwm2m_model_builtin;

static inline const struct lwm2m_resource_info *
lwm2m_model_resource(const struct lwm2m_model *model, uint16_t object, uint16_t resource)
{
	return model->resource(model->ctx, object, resource);
}
