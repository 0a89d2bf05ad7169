// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Decoding for tests of codecs: a payload at a path, to the text of its tree (tree_text.h).
#pragma once

#include "lwm2m/codec/pack.h"

#include <stddef.h>
#include <stdint.h>

struct codec_good {
	const char *path, *payload, *tree;
};

struct codec_bad {
	const char *path, *payload;
	size_t offset;
};

struct lwm2m_path codec_path(const char *text);

// From a block of the payload's exact size, so that a sanitizer sees any overread. The tree's text,
// good until the next call, or NULL with *err set.
const char *codec_decode(const struct lwm2m_model *model, uint16_t format, const char *path,
			 const void *payload, size_t len, struct lwm2m_decode_error *err);

// Payloads of text, such as JSON, by the built-in model. They fail the test.
void codec_check_good(uint16_t format, const struct codec_good *cases, size_t n);
void codec_check_bad(uint16_t format, const struct codec_bad *cases, size_t n);

// The entries of a pack, a line each: "/3/0/9 INTEGER 5 @-1" (path, tree_text without the id, time
// if there is one).
const char *codec_pack_text(const struct lwm2m_pack *pack);

#define CODEC_CASES(cases) (cases), sizeof(cases) / sizeof((cases)[0])
