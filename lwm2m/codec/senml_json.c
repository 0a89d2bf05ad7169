// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/base64.h"
#include "lwm2m/codec/json.h"
#include "lwm2m/codec/senml.h"

#include <string.h>

static bool reader_fail(const struct senml *s, const struct json_reader *r)
{
	return lwm2m_decoder_fail(s->dec, r->error, r->error_at);
}

// RFC 8428 table 4, and "vlo".
static bool label_of(const struct senml *s, const struct item *key, enum senml_label *label)
{
	static const struct {
		char text[5];
		int8_t label;
	} labels[] = {
		{"n", SENML_N},       {"v", SENML_V},   {"vs", SENML_VS}, {"bn", SENML_BN},
		{"t", SENML_T},       {"bt", SENML_BT}, {"vb", SENML_VB}, {"vd", SENML_VD},
		{"vlo", SENML_VLO},   {"u", SENML_U},   {"bu", SENML_BU}, {"bv", SENML_BV},
		{"bver", SENML_BVER}, {"s", SENML_S},   {"bs", SENML_BS}, {"ut", SENML_UT},
	};

	*label = SENML_OTHER;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (key->len == strlen(labels[i].text) &&
		    memcmp(key->data, labels[i].text, key->len) == 0) {
			*label = (enum senml_label)labels[i].label;
			return true;
		}
	}
	// RFC 8428 section 4.4: such a field must be understood.
	if (key->len && key->data[key->len - 1] == '_')
		return lwm2m_decoder_fail(s->dec, "SenML field that must be understood",
					  key->offset);
	return true;
}

// RFC 8428 section 5: data values are base64url text.
static bool data_decode(const struct senml *s, struct item *item)
{
	if (item->kind != ITEM_TEXT)
		return lwm2m_decoder_fail(s->dec, "SenML field of a wrong type", item->offset);
	uint8_t *out = lwm2m_arena_take(s->dec->arena, base64_decoded_max(item->len));
	if (!out)
		return lwm2m_decoder_fail(s->dec, "value is larger than there is room for",
					  item->offset);
	if (!base64_decode(BASE64_URL, item->data, item->len, out, &item->len))
		return lwm2m_decoder_fail(s->dec, "text is not base64url", item->offset);
	item->data = out;
	item->kind = ITEM_BYTES;
	return true;
}

static bool record_read(struct senml *s, struct json_reader *r, struct senml_record *rec)
{
	struct item map, key, item;

	if (!json_next(r, &map))
		return reader_fail(s, r);
	if (map.kind != ITEM_MAP)
		return lwm2m_decoder_fail(s->dec, "SenML record is not an object", map.offset);
	*rec = (struct senml_record){.label = SENML_OTHER, .offset = map.offset};
	while (json_more(r, &map)) {
		enum senml_label label;
		if (!json_key(r, &key))
			return reader_fail(s, r);
		if (!label_of(s, &key, &label))
			return false;
		if (label == SENML_OTHER) {
			if (!json_skip(r))
				return reader_fail(s, r);
			continue;
		}
		if (!json_next(r, &item))
			return reader_fail(s, r);
		if (label == SENML_VD && !data_decode(s, &item))
			return false;
		if (!senml_field(s, rec, label, &item))
			return false;
	}
	return r->error ? reader_fail(s, r) : true;
}

bool senml_json_read(struct senml *s)
{
	const struct lwm2m_decoder *dec = s->dec;
	struct json_reader r = json_begin(dec->payload, dec->len, dec->arena);
	struct senml_record rec;
	struct item pack;

	if (!json_next(&r, &pack))
		return reader_fail(s, &r);
	if (pack.kind != ITEM_ARRAY)
		return lwm2m_decoder_fail(dec, "SenML pack is not an array", pack.offset);
	while (json_more(&r, &pack)) {
		if (!record_read(s, &r, &rec) || !senml_record(s, &rec))
			return false;
	}
	return json_end(&r) || reader_fail(s, &r);
}
