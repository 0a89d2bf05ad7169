// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/fuzz/reencode.h"

#include "lwm2m/codec/encode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/tree_text.h"

#include <string.h>

static max_align_t buf[2][1 << 14];
static uint8_t encoded[1 << 19];
static char text[2][1 << 18];

static bool has_value(const struct lwm2m_node *node)
{
	return node->kind == LWM2M_KIND_SINGLE || node->kind == LWM2M_KIND_RESOURCE_INSTANCE;
}

// What only some formats can say: numbers that are not finite, multiple resources that are empty
// and unknown, and, of unknown resources, which type a value has.
static bool is_sayable(uint16_t from, uint16_t to, const struct lwm2m_path *path,
		       const struct lwm2m_node *node)
{
	bool single = to == LWM2M_FORMAT_TEXT || to == LWM2M_FORMAT_CBOR;
	struct lwm2m_path own = *path;

	if (single && !has_value(node))
		return false;
	if (to == LWM2M_FORMAT_TLV && path->depth == 0)
		return false;
	if (path->depth >= 3) {
		const struct lwm2m_resource_info *info =
			lwm2m_resource_info(path->ids[0], path->ids[2]);
		bool known = info && info->type != LWM2M_NONE;
		if (!known && from != to)
			return false;
		if (node->kind == LWM2M_KIND_MULTI && !node->first && !(info && info->multiple))
			return false;
		if (has_value(node) && node->value.type == LWM2M_FLOAT &&
		    !__builtin_isfinite(node->value.number) && to != LWM2M_FORMAT_TLV &&
		    to != LWM2M_FORMAT_CBOR)
			return false;
	}
	for (const struct lwm2m_node *child = node->first; child; child = child->next) {
		own.depth = (uint8_t)(path->depth + 1);
		own.ids[path->depth] = child->id;
		if (!is_sayable(from, to, &own, child))
			return false;
	}
	return true;
}

// tree -> to -> tree
static void round_trip(uint16_t from, uint16_t to, const struct lwm2m_path *path,
		       const struct lwm2m_node *node)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(buf[1], sizeof(buf[1]));
	struct lwm2m_encode_error why;
	struct lwm2m_decode_error err;
	struct lwm2m_node *again;
	size_t len;

	if (!is_sayable(from, to, path, node))
		return;
	fuzz_check(lwm2m_encode(&lwm2m_model_builtin, to, path, node, encoded, sizeof(encoded),
				&len, &why),
		   "what was decoded can be encoded");
	fuzz_check(lwm2m_decode(&lwm2m_model_builtin, to, path, encoded, len, &arena, &again, &err),
		   "what was encoded can be decoded");
	tree_text(again, text[1], sizeof(text[1]));
	fuzz_check(strcmp(text[0], text[1]) == 0, "to the same tree");
}

void reencode_check(uint16_t format, const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/",       "/3",      "/3/0",   "/3/0/7",   "/3/0/7/0",
					    "/3303",   "/1/0",    "/6/0",   "/3442/0",  "/3/0/9",
					    "/3/0/13", "/9999/0", "/3/0/0", "/9999/0/1"};
	static const uint16_t formats[] = {
		LWM2M_FORMAT_TEXT,       LWM2M_FORMAT_CBOR, LWM2M_FORMAT_SENML_JSON,
		LWM2M_FORMAT_SENML_CBOR, LWM2M_FORMAT_TLV,  LWM2M_FORMAT_JSON,
	};
	struct lwm2m_decode_error err;
	struct lwm2m_node *node;
	struct lwm2m_path path;

	if (size == 0 || size > 4096)
		return;
	const char *at = paths[data[0] % (sizeof(paths) / sizeof(paths[0]))];
	fuzz_check(lwm2m_path_parse(&path, at, strlen(at)), "the path is one");
	struct lwm2m_arena arena = lwm2m_arena_begin(buf[0], sizeof(buf[0]));
	if (!lwm2m_decode(&lwm2m_model_builtin, format, &path, data + 1, size - 1, &arena, &node,
			  &err)) {
		fuzz_check(err.what && err.offset <= size - 1, "an error says what and where");
		return;
	}
	tree_text(node, text[0], sizeof(text[0]));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		round_trip(format, formats[i], &path, node);
}
