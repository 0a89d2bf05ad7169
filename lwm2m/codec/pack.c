// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/pack.h"

#include "lwm2m/codec/float_bits.h"
#include "lwm2m/codec/senml.h"

// Entries are found again by a hash of path and time (a device that was away sends many times of
// one resource), so that a record costs little more in a pack of many. LWM2M_NODES_MAX entries make
// chains of 64; who has its own collide pays with them, and there are no more.
#define SLOT_BITS 6u
#define SLOTS     (1u << SLOT_BITS)

#define RELATIVE_MAX 0x1p28 // RFC 8428 section 4.5.3: below it a time is relative to now

struct senml_slot {
	struct lwm2m_entry entry;
	struct senml_slot *chain;
};

static struct senml_slot **slot_of(struct senml *s, const struct lwm2m_path *path,
				   const struct senml_record *rec)
{
	// 0 and -0 are the same time.
	uint64_t hash = rec->timed && rec->time != 0 ? float_bits(rec->time) : 0;

	hash ^= (uint64_t)path->ids[0] << 32 | (uint64_t)path->ids[1] << 16 | path->ids[2];
	return &s->slots[hash * 0x9e3779b97f4a7c15u >> (64 - SLOT_BITS)];
}

static bool same(const struct lwm2m_entry *entry, const struct lwm2m_path *path,
		 const struct senml_record *rec)
{
	return entry->path.ids[0] == path->ids[0] && entry->path.ids[1] == path->ids[1] &&
	       entry->path.ids[2] == path->ids[2] && entry->timed == rec->timed &&
	       (!rec->timed || entry->time == rec->time);
}

static struct lwm2m_entry *entry_new(struct senml *s, const struct senml_record *rec,
				     const struct lwm2m_path *path, bool multi)
{
	struct senml_slot **at = slot_of(s, path, rec);
	struct senml_slot *slot = lwm2m_arena_take(s->dec->arena, sizeof(*slot));

	if (!slot) {
		lwm2m_decoder_fail(s->dec, "more values than there is room for", rec->offset);
		return NULL;
	}
	*slot = (struct senml_slot){
		.entry = {.path = *path, .time = rec->time, .timed = rec->timed},
		.chain = *at,
	};
	slot->entry.path.depth = 3;
	slot->entry.path.ids[3] = 0;
	slot->entry.node =
		lwm2m_decoder_node(s->dec, NULL, multi ? LWM2M_KIND_MULTI : LWM2M_KIND_SINGLE,
				   path->ids[2], rec->offset);
	if (!slot->entry.node)
		return NULL;
	*at = slot;
	if (s->last)
		s->last->next = &slot->entry;
	else
		s->pack->first = &slot->entry;
	s->last = &slot->entry;
	s->pack->count++;
	return &slot->entry;
}

static struct lwm2m_entry *entry_find(struct senml *s, const struct senml_record *rec,
				      const struct lwm2m_path *path)
{
	for (struct senml_slot *slot = *slot_of(s, path, rec); slot; slot = slot->chain) {
		if (same(&slot->entry, path, rec))
			return &slot->entry;
	}
	return NULL;
}

static bool take_instance(struct senml *s, const struct senml_record *rec, struct lwm2m_node *multi,
			  uint16_t id, enum lwm2m_type type)
{
	struct lwm2m_node *node = lwm2m_node_child(multi, id);

	if (!node)
		node = lwm2m_decoder_node(s->dec, multi, LWM2M_KIND_RESOURCE_INSTANCE, id,
					  rec->offset);
	if (!node || !senml_value(s, rec, type, node))
		return false;
	// An unknown resource has the type of its first instance.
	if (multi->value.type == LWM2M_NONE)
		multi->value.type = node->value.type;
	return true;
}

static bool take_pack(struct senml *s, const struct senml_record *rec,
		      const struct lwm2m_path *path)
{
	enum lwm2m_type type = lwm2m_decoder_type(s->dec, path->ids[0], path->ids[2]);
	bool has_value = senml_has_value(rec);
	bool multi = path->depth == 4 || (!has_value && lwm2m_decoder_multiple(s->dec, path));

	if (path->depth < 3)
		return !has_value ||
		       lwm2m_decoder_fail(s->dec, "SenML value for more than a resource",
					  rec->offset);
	if (!has_value && (path->depth == 4 || !multi))
		return lwm2m_decoder_fail(s->dec, "SenML record without a value", rec->offset);
	struct lwm2m_entry *entry = entry_find(s, rec, path);
	if (entry && entry->node->kind != (multi ? LWM2M_KIND_MULTI : LWM2M_KIND_SINGLE))
		return lwm2m_decoder_fail(s->dec, "SenML resource with and without instances",
					  rec->offset);
	if (!entry) {
		entry = entry_new(s, rec, path, multi);
		if (!entry)
			return false;
		entry->node->value.type = (uint8_t)type;
	}
	if (!multi)
		return senml_value(s, rec, type, entry->node);
	return !has_value || take_instance(s, rec, entry->node, path->ids[3], type);
}

bool lwm2m_decode_pack(const struct lwm2m_model *model, uint16_t format,
		       const struct lwm2m_path *base, const void *payload, size_t len,
		       struct lwm2m_arena *arena, struct lwm2m_pack *pack,
		       struct lwm2m_decode_error *err)
{
	static const struct lwm2m_path root = {0};
	struct senml_slot *slots[SLOTS] = {0};
	struct lwm2m_decoder dec = {
		.model = model,
		.path = base ? base : &root,
		.payload = payload ? payload : (const void *)"",
		.len = len,
		.arena = arena,
		.err = err,
	};
	struct senml s = {.dec = &dec, .take = take_pack, .pack = pack, .slots = slots};

	*pack = (struct lwm2m_pack){0};
	*err = (struct lwm2m_decode_error){0};
	if (senml_read(format, &s))
		return true;
	*pack = (struct lwm2m_pack){0};
	return false;
}

// Now is newer than relative times, and those than absolute ones.
static bool is_newer(const struct lwm2m_entry *a, const struct lwm2m_entry *b)
{
	if (!a->timed || !b->timed)
		return !a->timed;
	if ((a->time < RELATIVE_MAX) != (b->time < RELATIVE_MAX))
		return a->time < RELATIVE_MAX;
	return a->time >= b->time;
}

// A resource in the tree that remembers where its value came from.
struct dated {
	struct lwm2m_node node;
	const struct lwm2m_entry *entry;
};

static struct lwm2m_node *child_at(struct lwm2m_arena *arena, struct lwm2m_node *parent,
				   enum lwm2m_kind kind, uint16_t id)
{
	struct lwm2m_node *node = lwm2m_node_child(parent, id);

	if (!node) {
		node = lwm2m_node_new(arena, kind, id);
		if (node)
			lwm2m_node_append(parent, node);
	}
	return node;
}

static bool place(struct lwm2m_arena *arena, struct lwm2m_node *instance,
		  const struct lwm2m_entry *entry)
{
	struct lwm2m_node *node = lwm2m_node_child(instance, entry->path.ids[2]);
	struct dated *dated = (struct dated *)node;

	if (!dated) {
		dated = lwm2m_arena_take(arena, sizeof(*dated));
		if (!dated)
			return false;
		dated->node = *entry->node;
		dated->node.next = NULL;
		lwm2m_node_append(instance, &dated->node);
	} else if (is_newer(entry, dated->entry)) {
		struct lwm2m_node *next = node->next;
		*node = *entry->node;
		node->next = next;
	} else {
		return true;
	}
	dated->entry = entry;
	return true;
}

bool lwm2m_pack_tree(const struct lwm2m_pack *pack, struct lwm2m_arena *arena,
		     struct lwm2m_node **root)
{
	*root = lwm2m_node_new(arena, LWM2M_KIND_ROOT, 0);
	if (!*root)
		return false;
	for (const struct lwm2m_entry *entry = pack->first; entry; entry = entry->next) {
		struct lwm2m_node *object =
			child_at(arena, *root, LWM2M_KIND_OBJECT, entry->path.ids[0]);
		struct lwm2m_node *instance =
			object ? child_at(arena, object, LWM2M_KIND_INSTANCE, entry->path.ids[1])
			       : NULL;
		if (!instance || !place(arena, instance, entry))
			return false;
	}
	return true;
}

struct lwm2m_node *lwm2m_tree_find(struct lwm2m_node *root, const struct lwm2m_path *path)
{
	struct lwm2m_node *node = root;

	for (uint8_t i = 0; i < path->depth && node; i++)
		node = lwm2m_node_child(node, path->ids[i]);
	return node;
}
