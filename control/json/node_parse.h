// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// JSON in Leshan's shape (node_json.h) as a tree of nodes: what is to be written to a device. More
// is taken than is given: "kind" may be left out where the other keys say it, "type" where the
// model has it, numbers may be numbers. Pure; any thread.
#pragma once

#include <jansson.h>

#include "lwm2m/codec/node.h"
#include "lwm2m/core/model.h"

#define CTL_NODE_WHY_MAX 160u

// path is what the node must be: an object, instance, resource or resource instance of that id; an
// id in the JSON must be the same, and may be left out. The tree borrows the JSON and the arena.
// False with why set: the path concerned and what is wrong with it.
bool ctl_node_parse(const struct lwm2m_model *model, const struct lwm2m_path *path,
		    const json_t *json, struct lwm2m_arena *arena, struct lwm2m_node **node,
		    char why[static CTL_NODE_WHY_MAX]) __attribute__((warn_unused_result));

// Room for any tree (LWM2M_NODES_MAX) from a text of that length.
size_t ctl_node_arena_size(size_t json_len);
