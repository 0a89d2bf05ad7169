// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// LwM2M JSON (LwM2M 1.0 section 6.4.4), what SenML JSON was before its RFC: one object with the
// base name, the base time and the array of entries. Its entries become SenML records.
#include "lwm2m/codec/base64.h"
#include "lwm2m/codec/json.h"
#include "lwm2m/codec/senml.h"

#include <string.h>

struct document {
	struct senml *s;
	struct json_reader r;
	struct json_reader entries; // stands before the array; its bases may come after it
	bool has_entries;
	bool has_base_name;
};

static bool reader_fail(const struct senml *s, const struct json_reader *r)
{
	return lwm2m_decoder_fail(s->dec, r->error, r->error_at);
}

static bool is(const struct item *key, const char *name)
{
	return key->len == strlen(name) && memcmp(key->data, name, key->len) == 0;
}

static bool twice(const struct senml *s, const struct item *key)
{
	return lwm2m_decoder_fail(s->dec, "JSON field given twice", key->offset);
}

static bool member_read(struct document *doc)
{
	struct senml *s = doc->s;
	struct senml_record none = {.label = SENML_OTHER};
	struct item key, item;

	if (!json_key(&doc->r, &key))
		return reader_fail(s, &doc->r);
	if (is(&key, "bn") || is(&key, "bt")) {
		bool name = is(&key, "bn");
		if (name ? doc->has_base_name : s->has_base_time)
			return twice(s, &key);
		doc->has_base_name = doc->has_base_name || name;
		if (!json_next(&doc->r, &item))
			return reader_fail(s, &doc->r);
		return senml_field(s, &none, name ? SENML_BN : SENML_BT, &item);
	}
	if (is(&key, "e")) {
		if (doc->has_entries)
			return twice(s, &key);
		doc->has_entries = true;
		doc->entries = doc->r;
	}
	return json_skip(&doc->r) || reader_fail(s, &doc->r);
}

// What sv says depends on the resource: opaque values are base64 in it.
static bool string_decode(const struct senml *s, struct senml_record *rec)
{
	struct item *item = &rec->value;
	uint8_t *out = lwm2m_arena_take(s->dec->arena, base64_decoded_max(item->len));

	if (!out)
		return lwm2m_decoder_fail(s->dec, "value is larger than there is room for",
					  item->offset);
	if (!base64_decode(BASE64_PLAIN, item->data, item->len, out, &item->len))
		return lwm2m_decoder_fail(s->dec, "text is not base64", item->offset);
	item->data = out;
	item->kind = ITEM_BYTES;
	rec->label = SENML_VD;
	return true;
}

// Runs between the reading of an entry and its taking, when its path is known.
static bool take_entry(struct senml *s, const struct senml_record *entry,
		       const struct lwm2m_path *path)
{
	struct senml_record rec = *entry;

	if (rec.label == SENML_VS && path->depth >= 3 &&
	    lwm2m_decoder_type(s->dec, path->ids[0], path->ids[2]) == LWM2M_OPAQUE &&
	    !string_decode(s, &rec))
		return false;
	return s->take_next(s, &rec, path);
}

static enum senml_label label_of(const struct item *key)
{
	static const struct {
		char text[3];
		uint8_t label;
	} labels[] = {
		{"n", SENML_N},   {"v", SENML_V},    {"sv", SENML_VS},
		{"bv", SENML_VB}, {"ov", SENML_VLO}, {"t", SENML_T},
	};

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (is(key, labels[i].text))
			return (enum senml_label)labels[i].label;
	}
	return SENML_OTHER;
}

static bool entry_read(struct document *doc, struct senml_record *rec)
{
	struct senml *s = doc->s;
	struct json_reader *r = &doc->entries;
	struct item map, key, item;

	if (!json_next(r, &map))
		return reader_fail(s, r);
	if (map.kind != ITEM_MAP)
		return lwm2m_decoder_fail(s->dec, "JSON entry is not an object", map.offset);
	*rec = (struct senml_record){.label = SENML_OTHER, .offset = map.offset};
	while (json_more(r, &map)) {
		if (!json_key(r, &key))
			return reader_fail(s, r);
		enum senml_label label = label_of(&key);
		if (label == SENML_OTHER) {
			if (!json_skip(r))
				return reader_fail(s, r);
			continue;
		}
		if (!json_next(r, &item))
			return reader_fail(s, r);
		if (!senml_field(s, rec, label, &item))
			return false;
	}
	return r->error ? reader_fail(s, r) : true;
}

// Without a base name, names are relative to what was asked.
static bool asked_as_base(struct senml *s)
{
	char text[LWM2M_PATH_TEXT_MAX];
	size_t len = lwm2m_path_format(s->dec->path, text);

	if (s->dec->path->depth)
		text[len++] = '/';
	return senml_base_name(s, (const uint8_t *)text, len, 0);
}

static bool entries_read(struct document *doc)
{
	struct senml_record rec;
	struct item list;

	if (!json_next(&doc->entries, &list))
		return reader_fail(doc->s, &doc->entries);
	if (list.kind != ITEM_ARRAY)
		return lwm2m_decoder_fail(doc->s->dec, "JSON entries are not an array",
					  list.offset);
	while (json_more(&doc->entries, &list)) {
		if (!entry_read(doc, &rec) || !senml_record(doc->s, &rec))
			return false;
	}
	return doc->entries.error ? reader_fail(doc->s, &doc->entries) : true;
}

bool senml_lwm2m_json_read(struct senml *s)
{
	const struct lwm2m_decoder *dec = s->dec;
	struct document doc = {.s = s, .r = json_begin(dec->payload, dec->len, dec->arena)};
	struct item object;

	if (!json_next(&doc.r, &object))
		return reader_fail(s, &doc.r);
	if (object.kind != ITEM_MAP)
		return lwm2m_decoder_fail(dec, "JSON is not an object", object.offset);
	while (json_more(&doc.r, &object)) {
		if (!member_read(&doc))
			return false;
	}
	if (!json_end(&doc.r))
		return reader_fail(s, &doc.r);
	if (!doc.has_entries)
		return lwm2m_decoder_fail(dec, "JSON without entries", 0);
	if (!doc.has_base_name && !asked_as_base(s))
		return false;
	s->take_next = s->take;
	s->take = take_entry;
	return entries_read(&doc);
}
