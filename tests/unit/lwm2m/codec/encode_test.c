// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encode.h"

#include "tests/support/tree_text.h"
#include "tests/vectors/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static max_align_t arena_buf[2][4096];
static char text[2][8192];
static uint8_t out[4096];
static struct lwm2m_encode_error err;

static struct lwm2m_path path_of(const char *at)
{
	struct lwm2m_path path;

	assert_true(lwm2m_path_parse(&path, at, strlen(at)));
	return path;
}

static bool decode_at(int at, uint16_t format, const struct lwm2m_path *path, const void *payload,
		      size_t len, struct lwm2m_node **node)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(arena_buf[at], sizeof(arena_buf[at]));
	struct lwm2m_decode_error why;

	if (!lwm2m_decode(&lwm2m_model_builtin, format, path, payload, len, &arena, node, &why))
		return false;
	tree_text(*node, text[at], sizeof(text[at]));
	return true;
}

// Encodes into a block of the exact size, so that a sanitizer sees any overrun.
static bool encode(uint16_t format, const struct lwm2m_path *path, const struct lwm2m_node *node,
		   size_t *len)
{
	if (!lwm2m_encode(&lwm2m_model_builtin, format, path, node, out, sizeof(out), len, &err))
		return false;
	uint8_t *exact = malloc(*len ? *len : 1);
	size_t again;
	assert_non_null(exact);
	assert_true(
		lwm2m_encode(&lwm2m_model_builtin, format, path, node, exact, *len, &again, &err));
	assert_int_equal(again, *len);
	assert_memory_equal(exact, out, *len);
	free(exact);
	return true;
}

static const char *hex_of(const uint8_t *bytes, size_t len)
{
	static char hex[2 * sizeof(out) + 1];

	hex[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return hex;
}

static void what_real_clients_wrote_canonically_we_write_byte_for_byte(void **state)
{
	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		struct lwm2m_path path = path_of(v->path);
		uint8_t payload[1024];
		struct lwm2m_node *node;
		size_t len = hex_bytes(v->hex, payload, sizeof(payload));

		assert_true(decode_at(0, v->format, &path, payload, len, &node));
		assert_true(encode(v->format, &path, node, &len));
		bool same = strcmp(hex_of(out, len), v->hex) == 0;
		if (same != v->canonical)
			fail_msg("%s: %s", v->name, hex_of(out, len));
	}
}

static void real_trees_survive_every_format(void **state)
{
	static const uint16_t formats[] = {0, 60, 110, 112, 1542, 1543, 11542, 11543};

	for (size_t i = 0; i < sizeof(payload_vectors) / sizeof(payload_vectors[0]); i++) {
		const struct payload_vector *v = &payload_vectors[i];
		struct lwm2m_path path = path_of(v->path);
		uint8_t payload[1024];
		struct lwm2m_node *node, *again;
		size_t len = hex_bytes(v->hex, payload, sizeof(payload));

		assert_true(decode_at(0, v->format, &path, payload, len, &node));
		for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
			bool single = node->kind == LWM2M_KIND_SINGLE;
			bool tlv = formats[f] == 1542 || formats[f] == 11542;
			bool ok = encode(formats[f], &path, node, &len);
			assert_int_equal(ok, (single || formats[f] >= 110) && (path.depth || !tlv));
			if (!ok)
				continue;
			if (!decode_at(1, formats[f], &path, out, len, &again))
				fail_msg("%s in %u: %s", v->name, formats[f], hex_of(out, len));
			assert_string_equal(text[1], text[0]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_real_clients_wrote_canonically_we_write_byte_for_byte),
		cmocka_unit_test(real_trees_survive_every_format),
	};
	return cmocka_run_group_tests_name("lwm2m/codec/encode", tests, NULL, NULL);
}
