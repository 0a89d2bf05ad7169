// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device says of its objects, as JSON in Leshan's shape: integers and floats are strings,
// opaque values hex, times milliseconds. Pure; any thread.
#pragma once

#include <jansson.h>

#include "lwm2m/codec/decode.h"

// NULL when memory is out.
json_t *ctl_node_json(const struct lwm2m_node *node);

// Decodes the answer to a Read of path. NULL with *why set when it is malformed, of a format that
// cannot be decoded, or when memory is out.
json_t *ctl_content_json(const struct lwm2m_model *model, const struct lwm2m_path *path,
			 uint16_t format, const void *payload, size_t len, const char **why);

// Decodes the answer to a composite request: {"/3/0/0":{..},"/1/0/9":null}, null for a path that
// the device says nothing of. NULL as ctl_content_json.
json_t *ctl_contents_json(const struct lwm2m_model *model, const struct lwm2m_path *paths,
			  size_t count, uint16_t format, const void *payload, size_t len,
			  const char **why);
