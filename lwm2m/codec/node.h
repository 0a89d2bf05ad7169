// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device answered, as a tree: objects, instances, resources, resource instances. Decoders
// build it in a buffer of the caller's (the arena), so that a decode never allocates and cannot
// grow past what it was given. The tree and its strings borrow the arena and the payload; both must
// outlive it.
#pragma once

#include "lwm2m/core/objects.h"
#include "lwm2m/core/path.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// In one tree. Children that do not come in the order of their ids are found by walking, so this
// bounds the work.
#define LWM2M_NODES_MAX 4096u

enum lwm2m_kind {
	LWM2M_KIND_ROOT,
	LWM2M_KIND_OBJECT,
	LWM2M_KIND_INSTANCE,
	LWM2M_KIND_SINGLE,            // a resource with one value
	LWM2M_KIND_MULTI,             // a resource whose children are its instances
	LWM2M_KIND_RESOURCE_INSTANCE, // one of them
};

struct lwm2m_value {
	union {
		int64_t integer;  // INTEGER; TIME in seconds since 1970, small enough for
				  // milliseconds
		uint64_t natural; // UNSIGNED_INTEGER
		double number;    // FLOAT
		bool boolean;     // BOOLEAN
		struct {
			const uint8_t *data; // STRING and CORELINK (UTF-8, no NUL), OPAQUE
			size_t len;
		} bytes;
		struct {
			uint16_t object;
			uint16_t instance;
		} objlnk; // OBJLNK
	};
	uint8_t type; // enum lwm2m_type; in a multi resource the type of its instances
};

struct lwm2m_node {
	struct lwm2m_node *next;  // sibling, in the order of the payload
	struct lwm2m_node *first; // child
	struct lwm2m_node *last;
	struct lwm2m_value value; // of single resources and resource instances
	uint16_t id;              // 0 in the root
	uint16_t highest;         // of the children's ids: a larger one is none of theirs
	uint8_t kind;             // enum lwm2m_kind
};

struct lwm2m_arena {
	uint8_t *buf;
	size_t cap;
	size_t used;
	uint32_t nodes;
};

static inline struct lwm2m_arena lwm2m_arena_begin(void *buf, size_t cap)
{
	return (struct lwm2m_arena){.buf = (uint8_t *)buf, .cap = cap};
}

// Aligned for any type; NULL when the arena is full.
void *lwm2m_arena_take(struct lwm2m_arena *arena, size_t len);

// The kind of node that a path of that depth (0 to 4) names; SINGLE for a resource.
enum lwm2m_kind lwm2m_kind_of_depth(uint8_t depth);

// NULL when the arena is full or holds LWM2M_NODES_MAX.
struct lwm2m_node *lwm2m_node_new(struct lwm2m_arena *arena, enum lwm2m_kind kind, uint16_t id);
// The only way to add a child.
void lwm2m_node_append(struct lwm2m_node *parent, struct lwm2m_node *child);

// The child of that id, or NULL.
struct lwm2m_node *lwm2m_node_child(const struct lwm2m_node *parent, uint16_t id);
