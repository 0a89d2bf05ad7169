// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/cbor.h"
#include "lwm2m/codec/senml.h"

#include <string.h>

static bool reader_fail(const struct senml *s, const struct cbor_reader *r)
{
	return lwm2m_decoder_fail(s->dec, r->error, r->error_at);
}

static bool label_read(struct senml *s, struct cbor_reader *r, enum senml_label *label)
{
	struct item key;

	if (!cbor_next(r, &key))
		return reader_fail(s, r);
	*label = SENML_OTHER;
	if (key.kind == ITEM_UINT) {
		if (key.value <= SENML_VD)
			*label = (enum senml_label)key.value;
	} else if (key.kind == ITEM_NEGATIVE) {
		if (key.value < -SENML_BS)
			*label = (enum senml_label)(-1 - (int)key.value);
	} else if (key.kind == ITEM_TEXT) {
		if (key.len == 3 && memcmp(key.data, "vlo", 3) == 0)
			*label = SENML_VLO;
		// RFC 8428 section 4.4: such a field must be understood.
		else if (key.len && key.data[key.len - 1] == '_')
			return lwm2m_decoder_fail(s->dec, "SenML field that must be understood",
						  key.offset);
	} else {
		return lwm2m_decoder_fail(s->dec, "SenML label that is no integer or text",
					  key.offset);
	}
	return true;
}

static bool record_read(struct senml *s, struct cbor_reader *r, struct senml_record *rec)
{
	struct item map, item;

	if (!cbor_next(r, &map))
		return reader_fail(s, r);
	if (map.kind != ITEM_MAP)
		return lwm2m_decoder_fail(s->dec, "SenML record is not a map", map.offset);
	*rec = (struct senml_record){.label = SENML_OTHER, .offset = map.offset};
	while (cbor_more(r, &map)) {
		enum senml_label label;
		if (!label_read(s, r, &label))
			return false;
		if (label == SENML_OTHER) {
			if (!cbor_skip(r))
				return reader_fail(s, r);
			continue;
		}
		if (!cbor_next(r, &item))
			return reader_fail(s, r);
		if (!senml_field(s, rec, label, &item))
			return false;
	}
	return r->error ? reader_fail(s, r) : true;
}

bool senml_cbor_read(struct senml *s)
{
	const struct lwm2m_decoder *dec = s->dec;
	struct cbor_reader r = cbor_begin(dec->payload, dec->len, dec->arena);
	struct senml_record rec;
	struct item pack;

	if (!cbor_next(&r, &pack))
		return reader_fail(s, &r);
	if (pack.kind != ITEM_ARRAY)
		return lwm2m_decoder_fail(dec, "SenML pack is not an array", pack.offset);
	while (cbor_more(&r, &pack)) {
		if (!record_read(s, &r, &rec) || !senml_record(s, &rec))
			return false;
	}
	if (r.error)
		return reader_fail(s, &r);
	if (!cbor_at_end(&r))
		return lwm2m_decoder_fail(dec, "bytes after the SenML pack",
					  (size_t)(r.in.p - r.start));
	return true;
}
