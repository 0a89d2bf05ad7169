// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Several values, each with its path and perhaps its time: what Read-Composite and
// Observe-Composite answer, what Write-Composite and Send carry, and what a notification holds that
// a device collected while it was away (SenML JSON and SenML CBOR, RFC 8428; LwM2M JSON too has
// times).
//
// Pure; bounded by the arena.
#pragma once

#include "lwm2m/codec/decode.h"

struct lwm2m_entry {
	struct lwm2m_entry *next; // in the order of the payload
	struct lwm2m_path path;   // of the resource: depth 3
	struct lwm2m_node *node;  // SINGLE, or MULTI when the records name resource instances
	double time;              // RFC 8428 section 4.5.3: seconds since 1970, or relative to now
				  // when below 2^28; valid if timed
	bool timed;
};

struct lwm2m_pack {
	struct lwm2m_entry *first;
	uint32_t count;
};

// Formats: 110, 112, 11543 and 1543. What the records name must lie at or below base, which is also
// what names in LwM2M JSON are relative to when it has no base name; NULL is the root. Records of
// one resource and one time make one entry; those of an empty instance or object make none. False
// as lwm2m_decode.
bool lwm2m_decode_pack(const struct lwm2m_model *model, uint16_t format,
		       const struct lwm2m_path *base, const void *payload, size_t len,
		       struct lwm2m_arena *arena, struct lwm2m_pack *pack,
		       struct lwm2m_decode_error *err) __attribute__((warn_unused_result));

// The newest values of a pack as a tree below the root (KIND_ROOT), which shares the nodes below
// resources with the pack. What has no time is of now, which is newer than a time relative to now,
// and that newer than an absolute one; of equals the later entry. False when the arena is full.
bool lwm2m_pack_tree(const struct lwm2m_pack *pack, struct lwm2m_arena *arena,
		     struct lwm2m_node **root) __attribute__((warn_unused_result));

// The node of a tree that a path names, or NULL. A resource instance below a multi resource counts.
struct lwm2m_node *lwm2m_tree_find(struct lwm2m_node *root, const struct lwm2m_path *path);
