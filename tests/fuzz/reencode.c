// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/fuzz/reencode.h"

#include "lwm2m/codec/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/tree_text.h"

#include <string.h>

struct out {
	uint8_t *buf;
	size_t cap;
	size_t len;
};

static void put(struct out *out, const void *bytes, size_t len)
{
	fuzz_check(out->cap - out->len >= len, "the scratch buffer is large enough");
	if (len)
		memcpy(out->buf + out->len, bytes, len);
	out->len += len;
}

static void put_uint(struct out *out, uint64_t value, size_t len)
{
	for (size_t i = len; i-- > 0;) {
		uint8_t byte = (uint8_t)(value >> (8 * i));
		put(out, &byte, 1);
	}
}

static uint64_t double_bits(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static void tlv_value(struct out *out, const struct lwm2m_value *v)
{
	switch (v->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		put_uint(out, (uint64_t)v->integer, 8);
		break;
	case LWM2M_UNSIGNED_INTEGER:
		put_uint(out, v->natural, 8);
		break;
	case LWM2M_FLOAT:
		put_uint(out, double_bits(v->number), 8);
		break;
	case LWM2M_BOOLEAN:
		put_uint(out, v->boolean, 1);
		break;
	case LWM2M_OBJLNK:
		put_uint(out, (uint64_t)v->objlnk.object << 16 | v->objlnk.instance, 4);
		break;
	default:
		put(out, v->bytes.data, v->bytes.len);
	}
}

static void tlv_node(struct out *out, const struct lwm2m_node *node)
{
	static const uint8_t types[] = {
		[LWM2M_KIND_INSTANCE] = 0x00,
		[LWM2M_KIND_RESOURCE_INSTANCE] = 0x40,
		[LWM2M_KIND_MULTI] = 0x80,
		[LWM2M_KIND_SINGLE] = 0xc0,
	};
	size_t head = out->len;

	put_uint(out, types[node->kind] | 0x38u, 1); // 16-bit id, 24-bit length
	put_uint(out, node->id, 2);
	put_uint(out, 0, 3);
	if (node->kind == LWM2M_KIND_SINGLE || node->kind == LWM2M_KIND_RESOURCE_INSTANCE)
		tlv_value(out, &node->value);
	for (const struct lwm2m_node *child = node->first; child; child = child->next)
		tlv_node(out, child);
	struct out length = {.buf = out->buf + head + 3, .cap = 3};
	put_uint(&length, out->len - head - 6, 3);
}

size_t reencode_tlv(const struct lwm2m_node *top, uint8_t *buf, size_t cap)
{
	struct out out = {.buf = buf, .cap = cap};

	if (top->kind != LWM2M_KIND_OBJECT) {
		tlv_node(&out, top);
		return out.len;
	}
	for (const struct lwm2m_node *child = top->first; child; child = child->next)
		tlv_node(&out, child);
	return out.len;
}

static void cbor_head(struct out *out, unsigned major, uint64_t value)
{
	put_uint(out, major << 5 | 27u, 1);
	put_uint(out, value, 8);
}

static void cbor_text(struct out *out, const char *text)
{
	cbor_head(out, 3, strlen(text));
	put(out, text, strlen(text));
}

static void senml_value(struct out *out, const struct lwm2m_value *v)
{
	char link[16];

	switch (v->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		put_uint(out, 2, 1);
		if (v->integer < 0)
			cbor_head(out, 1, (uint64_t)(-1 - v->integer));
		else
			cbor_head(out, 0, (uint64_t)v->integer);
		break;
	case LWM2M_UNSIGNED_INTEGER:
		put_uint(out, 2, 1);
		cbor_head(out, 0, v->natural);
		break;
	case LWM2M_FLOAT:
		put_uint(out, 2, 1);
		put_uint(out, 0xfb, 1);
		put_uint(out, double_bits(v->number), 8);
		break;
	case LWM2M_BOOLEAN:
		put_uint(out, 4, 1);
		put_uint(out, v->boolean ? 0xf5 : 0xf4, 1);
		break;
	case LWM2M_OBJLNK:
		cbor_text(out, "vlo");
		snprintf(link, sizeof(link), "%u:%u", v->objlnk.object, v->objlnk.instance);
		cbor_text(out, link);
		break;
	default:
		put_uint(out, v->type == LWM2M_OPAQUE ? 8 : 3, 1);
		cbor_head(out, v->type == LWM2M_OPAQUE ? 2 : 3, v->bytes.len);
		put(out, v->bytes.data, v->bytes.len);
	}
}

static void senml_node(struct out *out, const struct lwm2m_node *node, struct lwm2m_path path)
{
	bool leaf = node->kind == LWM2M_KIND_SINGLE || node->kind == LWM2M_KIND_RESOURCE_INSTANCE;
	char text[LWM2M_PATH_TEXT_MAX];

	if (leaf || !node->first) {
		put_uint(out, leaf ? 0xa2 : 0xa1, 1);
		put_uint(out, 0, 1);
		lwm2m_path_format(&path, text);
		cbor_text(out, text);
		if (leaf)
			senml_value(out, &node->value);
	}
	for (const struct lwm2m_node *child = node->first; child; child = child->next) {
		struct lwm2m_path below = path;
		below.ids[below.depth++] = child->id;
		senml_node(out, child, below);
	}
}

size_t reencode_senml_cbor(const struct lwm2m_node *top, const struct lwm2m_path *path,
			   uint8_t *buf, size_t cap)
{
	struct out out = {.buf = buf, .cap = cap};

	put_uint(&out, 0x9f, 1);
	senml_node(&out, top, *path);
	put_uint(&out, 0xff, 1);
	return out.len;
}

void reencode_check(uint16_t format, const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"/",       "/3",      "/3/0",   "/3/0/7",   "/3/0/7/0",
					    "/3303",   "/1/0",    "/6/0",   "/3442/0",  "/3/0/9",
					    "/3/0/13", "/9999/0", "/3/0/0", "/9999/0/1"};
	static max_align_t buf[2][1 << 14];
	static uint8_t encoded[1 << 19];
	static char text[2][1 << 18];
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
	size_t len = format == LWM2M_FORMAT_TLV
			     ? reencode_tlv(node, encoded, sizeof(encoded))
			     : reencode_senml_cbor(node, &path, encoded, sizeof(encoded));
	arena = lwm2m_arena_begin(buf[1], sizeof(buf[1]));
	fuzz_check(lwm2m_decode(&lwm2m_model_builtin, format, &path, encoded, len, &arena, &node,
				&err),
		   "what was decoded can be decoded again");
	tree_text(node, text[1], sizeof(text[1]));
	fuzz_check(strcmp(text[0], text[1]) == 0, "to the same tree");
}
