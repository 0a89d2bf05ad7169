// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The JSON of a REST request that writes: the first byte chooses what it is written to. What is
// accepted, shown as JSON again and read once more, is the same, and can be given to every encoder.
#include <stdlib.h>
#include <string.h>

#include "control/json/node_json.h"
#include "control/json/node_parse.h"
#include "lwm2m/codec/encode.h"

#include "tests/fuzz/fuzz.h"

static const struct lwm2m_path paths[] = {
	{{3}, 1},       {{3, 0}, 2},     {{3, 0, 9}, 3},   {{3, 0, 6}, 3}, {{3, 0, 6, 0}, 4},
	{{6, 0, 4}, 3}, {{3, 0, 13}, 3}, {{999, 0, 1}, 3}, {{999}, 1},
};

static json_t *reshow(const struct lwm2m_path *path, const json_t *json, size_t size)
{
	size_t cap = ctl_node_arena_size(size);
	void *buf = malloc(cap);
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, cap);
	char why[CTL_NODE_WHY_MAX] = "";
	struct lwm2m_node *node;
	json_t *shown = NULL;

	if (!buf)
		abort();
	if (ctl_node_parse(&lwm2m_model_builtin, path, json, &arena, &node, why)) {
		static const uint16_t formats[] = {0, 42, 60, 110, 112, 11542, 11543};

		shown = ctl_node_json(node);
		fuzz_check(shown != NULL, "what is accepted can be shown");
		for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
			struct lwm2m_encode_error error = {0};
			static uint8_t out[1024];
			size_t len = 0;

			if (lwm2m_encode(&lwm2m_model_builtin, formats[i], path, node, out,
					 sizeof(out), &len, &error))
				fuzz_check(len <= sizeof(out), "what is encoded fits");
			else
				fuzz_check(error.what != NULL, "an error has a text");
		}
	} else {
		fuzz_check(why[0] == '/', "an error names a path");
	}
	free(buf);
	return shown;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct lwm2m_path *path;
	json_t *json, *shown, *again;

	if (size < 1)
		return 0;
	path = &paths[data[0] % (sizeof(paths) / sizeof(paths[0]))];
	json = json_loadb((const char *)data + 1, size - 1, JSON_REJECT_DUPLICATES, NULL);
	shown = json ? reshow(path, json, size) : NULL;
	if (shown) {
		again = reshow(path, shown, size);
		fuzz_check(again && json_equal(shown, again), "what is shown is read as it was");
		json_decref(again);
	}
	json_decref(shown);
	json_decref(json);
	return 0;
}
