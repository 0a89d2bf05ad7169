// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A pack that decodes can be written in both formats and reads back as the same pack, makes a tree,
// and the tree has each resource at its path.
#include "lwm2m/codec/pack.h"

#include "lwm2m/codec/encode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/tree_text.h"

#include <string.h>

static max_align_t buf[2][1 << 14];
static uint8_t encoded[1 << 19];

static void same_pack(const struct lwm2m_pack *a, const struct lwm2m_pack *b)
{
	static char text[2][1 << 18];
	const struct lwm2m_entry *other = b->first;

	fuzz_check(a->count == b->count, "as many entries");
	for (const struct lwm2m_entry *entry = a->first; entry; entry = entry->next) {
		fuzz_check(other && entry->timed == other->timed &&
				   (!entry->timed || entry->time == other->time),
			   "at the same time");
		fuzz_check(!memcmp(entry->path.ids, other->path.ids, sizeof(entry->path.ids)) &&
				   entry->path.depth == 3 && other->path.depth == 3,
			   "at the same path");
		tree_text(entry->node, text[0], sizeof(text[0]));
		tree_text(other->node, text[1], sizeof(text[1]));
		fuzz_check(strcmp(text[0], text[1]) == 0, "of the same value");
		other = other->next;
	}
}

static void round_trip(uint16_t format, const struct lwm2m_pack *pack)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(buf[1], sizeof(buf[1]));
	struct lwm2m_encode_error why;
	struct lwm2m_decode_error err;
	struct lwm2m_pack again;
	size_t len;

	fuzz_check(lwm2m_encode_pack(&lwm2m_model_builtin, format, pack, encoded, sizeof(encoded),
				     &len, &why),
		   "a pack can be written");
	fuzz_check(lwm2m_decode_pack(&lwm2m_model_builtin, format, NULL, encoded, len, &arena,
				     &again, &err),
		   "what was written can be read");
	same_pack(pack, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t formats[] = {LWM2M_FORMAT_SENML_JSON, LWM2M_FORMAT_SENML_CBOR,
					   LWM2M_FORMAT_JSON};
	struct lwm2m_arena arena = lwm2m_arena_begin(buf[0], sizeof(buf[0]));
	struct lwm2m_decode_error err;
	struct lwm2m_node *root;
	struct lwm2m_pack pack;

	if (size == 0 || size > 4096)
		return 0;
	if (!lwm2m_decode_pack(&lwm2m_model_builtin, formats[data[0] % 3], NULL, data + 1, size - 1,
			       &arena, &pack, &err)) {
		fuzz_check(err.what && err.offset <= size - 1, "an error says what and where");
		fuzz_check(!pack.first && !pack.count, "and leaves nothing");
		return 0;
	}
	round_trip(LWM2M_FORMAT_SENML_JSON, &pack);
	round_trip(LWM2M_FORMAT_SENML_CBOR, &pack);
	if (!lwm2m_pack_tree(&pack, &arena, &root))
		return 0;
	for (const struct lwm2m_entry *entry = pack.first; entry; entry = entry->next) {
		const struct lwm2m_node *node = lwm2m_tree_find(root, &entry->path);
		fuzz_check(node && node->id == entry->path.ids[2], "the tree has the resource");
	}
	return 0;
}
