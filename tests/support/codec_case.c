// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/support/codec_case.h"

#include "tests/support/tree_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static max_align_t arena_buf[8192];
static char text[16384];

struct lwm2m_path codec_path(const char *at)
{
	struct lwm2m_path path;

	assert_true(lwm2m_path_parse(&path, at, strlen(at)));
	return path;
}

const char *codec_decode(const struct lwm2m_model *model, uint16_t format, const char *at,
			 const void *payload, size_t len, struct lwm2m_decode_error *err)
{
	struct lwm2m_arena arena = lwm2m_arena_begin(arena_buf, sizeof(arena_buf));
	struct lwm2m_path path = codec_path(at);
	uint8_t *exact = malloc(len ? len : 1);
	struct lwm2m_node *node;

	assert_non_null(exact);
	memcpy(exact, payload, len);
	bool ok = lwm2m_decode(model, format, &path, exact, len, &arena, &node, err);
	if (ok)
		tree_text(node, text, sizeof(text));
	else
		assert_non_null(err->what);
	free(exact);
	return ok ? text : NULL;
}

void codec_check_good(uint16_t format, const struct codec_good *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct lwm2m_decode_error err;
		const char *tree = codec_decode(&lwm2m_model_builtin, format, cases[i].path,
						cases[i].payload, strlen(cases[i].payload), &err);
		if (!tree)
			fail_msg("%s %s: %s at %zu", cases[i].path, cases[i].payload, err.what,
				 err.offset);
		assert_string_equal(tree, cases[i].tree);
	}
}

void codec_check_bad(uint16_t format, const struct codec_bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct lwm2m_decode_error err;
		const char *tree = codec_decode(&lwm2m_model_builtin, format, cases[i].path,
						cases[i].payload, strlen(cases[i].payload), &err);
		if (tree)
			fail_msg("%s %s: %s", cases[i].path, cases[i].payload, tree);
		if (err.offset != cases[i].offset)
			fail_msg("%s %s: %s at %zu", cases[i].path, cases[i].payload, err.what,
				 err.offset);
	}
}

const char *codec_pack_text(const struct lwm2m_pack *pack)
{
	char path[LWM2M_PATH_TEXT_MAX], node[2048];
	uint32_t count = 0;
	size_t len = 0;

	text[0] = '\0';
	for (const struct lwm2m_entry *entry = pack->first; entry; entry = entry->next, count++) {
		lwm2m_path_format(&entry->path, path);
		assert_int_equal(entry->path.depth, 3);
		assert_int_equal(entry->node->id, entry->path.ids[2]);
		tree_text(entry->node, node, sizeof(node));
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %s", path,
					strchr(node, '=') + 1);
		if (entry->timed)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " @%.17g",
						entry->time);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\n");
		assert_in_range(len, 1, sizeof(text) - 1);
	}
	assert_int_equal(count, pack->count);
	return text;
}
