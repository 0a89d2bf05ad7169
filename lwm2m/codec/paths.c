// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/encode.h"
#include "lwm2m/codec/senml.h"
#include "lwm2m/codec/writer.h"

#include <stdalign.h>
#include <string.h>

// For what the reader has to copy of a list's strings: escapes in names, which none needs.
#define SCRATCH 1024u

bool senml_take_path(struct senml *s, const struct senml_record *rec, const struct lwm2m_path *path)
{
	if (senml_has_value(rec))
		return lwm2m_decoder_fail(s->dec, "value in a list of paths", rec->offset);
	// A base that names go on from is no path itself.
	if (!rec->name.data && s->base_name_len && s->base_name[s->base_name_len - 1] == '/')
		return true;
	if (s->paths_count == s->paths_max)
		return lwm2m_decoder_fail(s->dec, "more paths than there is room for", rec->offset);
	s->paths[s->paths_count++] = *path;
	return true;
}

bool lwm2m_decode_paths(uint16_t format, const void *payload, size_t len, struct lwm2m_path *paths,
			uint32_t max, uint32_t *count, struct lwm2m_decode_error *err)
{
	static const struct lwm2m_path root = {0};
	alignas(max_align_t) uint8_t scratch[SCRATCH];
	struct lwm2m_arena arena = lwm2m_arena_begin(scratch, sizeof(scratch));
	struct lwm2m_decoder dec = {
		.model = &lwm2m_model_builtin,
		.path = &root,
		.payload = payload ? payload : (const void *)"",
		.len = len,
		.arena = &arena,
		.err = err,
	};
	struct senml s = {.dec = &dec, .take = senml_take_path, .paths = paths, .paths_max = max};

	*count = 0;
	*err = (struct lwm2m_decode_error){0};
	if (format != LWM2M_FORMAT_SENML_JSON && format != LWM2M_FORMAT_SENML_CBOR)
		return lwm2m_decoder_fail(&dec, "content format has no path lists", 0);
	if (!senml_read(format, &s))
		return false;
	*count = s.paths_count;
	return true;
}

bool lwm2m_encode_paths(uint16_t format, const struct lwm2m_path *paths, uint32_t count, void *buf,
			size_t cap, size_t *len)
{
	struct writer w = writer_begin(buf, cap);
	char text[LWM2M_PATH_TEXT_MAX];

	*len = 0;
	if (format != LWM2M_FORMAT_SENML_JSON && format != LWM2M_FORMAT_SENML_CBOR)
		return false;
	bool json = format == LWM2M_FORMAT_SENML_JSON;
	if (json)
		writer_byte(&w, '[');
	else
		writer_cbor_head(&w, CBOR_MAJOR_ARRAY, count);
	for (uint32_t i = 0; i < count; i++) {
		size_t n = lwm2m_path_format(&paths[i], text);
		if (json) {
			writer_text(&w, i ? ",{\"n\":\"" : "{\"n\":\"");
			writer_bytes(&w, text, n);
			writer_text(&w, "\"}");
		} else {
			writer_cbor_head(&w, CBOR_MAJOR_MAP, 1);
			writer_cbor_head(&w, CBOR_MAJOR_UINT, SENML_N);
			writer_cbor_string(&w, CBOR_MAJOR_TEXT, text, n);
		}
	}
	if (json)
		writer_byte(&w, ']');
	*len = w.len;
	return !w.full;
}
