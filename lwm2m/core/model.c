// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/model.h"

static const struct lwm2m_resource_info *builtin(const void *context, uint16_t object,
						 uint16_t resource)
{
	return lwm2m_resource_info(object, resource);
}

const struct lwm2m_model lwm2m_model_builtin = {.resource = builtin};
