// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/node.h"

#include <stdalign.h>

void *lwm2m_arena_take(struct lwm2m_arena *arena, size_t len)
{
	const size_t align = alignof(max_align_t);
	size_t pad = (align - ((uintptr_t)arena->buf + arena->used) % align) % align;

	if (arena->cap - arena->used < pad || arena->cap - arena->used - pad < len)
		return NULL;
	void *at = arena->buf + arena->used + pad;
	arena->used += pad + len;
	return at;
}

enum lwm2m_kind lwm2m_kind_of_depth(uint8_t depth)
{
	static const enum lwm2m_kind kinds[] = {
		LWM2M_KIND_ROOT,
		LWM2M_KIND_OBJECT,
		LWM2M_KIND_INSTANCE,
		LWM2M_KIND_SINGLE,
		LWM2M_KIND_RESOURCE_INSTANCE,
	};
	return kinds[depth <= 4 ? depth : 4];
}

struct lwm2m_node *lwm2m_node_new(struct lwm2m_arena *arena, enum lwm2m_kind kind, uint16_t id)
{
	if (arena->nodes >= LWM2M_NODES_MAX)
		return NULL;
	struct lwm2m_node *node = lwm2m_arena_take(arena, sizeof(*node));
	if (!node)
		return NULL;
	arena->nodes++;
	*node = (struct lwm2m_node){.kind = (uint8_t)kind, .id = id};
	return node;
}

void lwm2m_node_append(struct lwm2m_node *parent, struct lwm2m_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	if (child->id > parent->highest)
		parent->highest = child->id;
}

struct lwm2m_node *lwm2m_node_child(const struct lwm2m_node *parent, uint16_t id)
{
	// Records of one parent mostly come in a row.
	if (parent->last && parent->last->id == id)
		return parent->last;
	if (id > parent->highest)
		return NULL;
	for (struct lwm2m_node *child = parent->first; child; child = child->next) {
		if (child->id == id)
			return child;
	}
	return NULL;
}
