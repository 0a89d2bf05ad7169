// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the values of a device cost: a notification of one float, as most are, and an object
// instance of 64 resources. The argument is the content format.
#include <stddef.h>

#include "bench/libbench/bench.h"
#include "lwm2m/codec/encode.h"

#define RESOURCES 64u

static const struct lwm2m_path temperature = {.ids = {3303, 0, 5700}, .depth = 3};
static const struct lwm2m_path instance = {.ids = {9999, 0}, .depth = 2};

static size_t encode(uint16_t format, const struct lwm2m_path *path, const struct lwm2m_node *node,
		     void *buf, size_t cap)
{
	struct lwm2m_encode_error err;
	size_t len;

	return lwm2m_encode(&lwm2m_model_builtin, format, path, node, buf, cap, &len, &err) ? len
											    : 0;
}

static struct lwm2m_node *build_instance(struct lwm2m_arena *arena)
{
	struct lwm2m_node *top = lwm2m_node_new(arena, LWM2M_KIND_INSTANCE, 0);

	for (uint16_t i = 0; top && i < RESOURCES; i++) {
		struct lwm2m_node *child = lwm2m_node_new(arena, LWM2M_KIND_SINGLE, i);
		if (!child)
			return NULL;
		child->value = (struct lwm2m_value){.type = LWM2M_FLOAT, .number = 20 + i / 8.0};
		lwm2m_node_append(top, child);
	}
	return top;
}

static void decode(struct bench_state *state, const struct lwm2m_path *path,
		   const struct lwm2m_node *node)
{
	static max_align_t buf[1024];
	uint16_t format = (uint16_t)bench_arg(state, 0);
	uint8_t payload[4096];
	size_t len = encode(format, path, node, payload, sizeof(payload));

	bench_loop (state) {
		struct lwm2m_arena arena = lwm2m_arena_begin(buf, sizeof(buf));
		struct lwm2m_decode_error err;
		struct lwm2m_node *top;

		if (!lwm2m_decode(&lwm2m_model_builtin, format, path, payload, len, &arena, &top,
				  &err)) {
			bench_skip(state, err.what);
			break;
		}
		bench_do_not_optimize(top);
	}
	bench_items(state, bench_iterations(state));
	bench_bytes(state, bench_iterations(state) * len);
}

BENCH(codec_decode_notification, .arg_names = {"format"})
{
	struct lwm2m_node node = {
		.kind = LWM2M_KIND_SINGLE,
		.id = 5700,
		.value = {.type = LWM2M_FLOAT, .number = 22.5},
	};

	decode(state, &temperature, &node);
}
BENCH_ARG(codec_decode_notification, LWM2M_FORMAT_TEXT);
BENCH_ARG(codec_decode_notification, LWM2M_FORMAT_SENML_JSON);
BENCH_ARG(codec_decode_notification, LWM2M_FORMAT_SENML_CBOR);
BENCH_ARG(codec_decode_notification, LWM2M_FORMAT_TLV);
BENCH_ARG(codec_decode_notification, LWM2M_FORMAT_JSON);

BENCH(codec_decode_instance, .arg_names = {"format"})
{
	static max_align_t buf[1024];
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, sizeof(buf));
	const struct lwm2m_node *node = build_instance(&arena);

	if (node)
		decode(state, &instance, node);
	else
		bench_skip(state, "no room for the instance");
}
BENCH_ARG(codec_decode_instance, LWM2M_FORMAT_SENML_JSON);
BENCH_ARG(codec_decode_instance, LWM2M_FORMAT_SENML_CBOR);
BENCH_ARG(codec_decode_instance, LWM2M_FORMAT_TLV);

BENCH(codec_encode_instance, .arg_names = {"format"})
{
	static max_align_t buf[1024];
	struct lwm2m_arena arena = lwm2m_arena_begin(buf, sizeof(buf));
	const struct lwm2m_node *node = build_instance(&arena);
	uint16_t format = (uint16_t)bench_arg(state, 0);
	uint8_t payload[4096];
	size_t len = 0;

	bench_loop (state) {
		len = node ? encode(format, &instance, node, payload, sizeof(payload)) : 0;
		bench_do_not_optimize(len);
	}
	if (len == 0)
		bench_skip(state, "did not encode");
	bench_items(state, bench_iterations(state));
	bench_bytes(state, bench_iterations(state) * len);
}
BENCH_ARG(codec_encode_instance, LWM2M_FORMAT_SENML_JSON);
BENCH_ARG(codec_encode_instance, LWM2M_FORMAT_SENML_CBOR);
BENCH_ARG(codec_encode_instance, LWM2M_FORMAT_TLV);
