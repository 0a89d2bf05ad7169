// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A tree as records: SenML JSON, SenML CBOR (RFC 8428) and LwM2M JSON. The first record of a tree
// has the base name, the others what follows it.
#include "lwm2m/codec/encoder.h"
#include "lwm2m/codec/senml.h"

enum spelling { SENML_IN_CBOR, SENML_IN_JSON, LWM2M_IN_JSON };

struct records {
	struct lwm2m_encoder *enc;
	enum spelling spelling;
	char base[LWM2M_PATH_TEXT_MAX];
	size_t base_len;
	const struct lwm2m_entry *entry; // whose time the records have; NULL for none
	bool base_due;                   // the next record has to give it
	bool comma_due;
};

struct record {
	const char *name;
	size_t name_len;
	const struct lwm2m_value *value; // NULL for none
	bool has_base;
	bool timed;
	double time;
};

static enum senml_label value_label(const struct lwm2m_value *v)
{
	switch ((enum lwm2m_type)v->type) {
	case LWM2M_BOOLEAN:
		return SENML_VB;
	case LWM2M_OBJLNK:
		return SENML_VLO;
	case LWM2M_OPAQUE:
		return SENML_VD;
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		return SENML_VS;
	default:
		return SENML_V;
	}
}

static void cbor_number(struct writer *w, double number)
{
	if (number > -0x1p53 && number < 0x1p53 && (double)(int64_t)number == number)
		writer_cbor_integer(w, (int64_t)number);
	else
		writer_cbor_float(w, number);
}

static void cbor_value(struct writer *w, const struct lwm2m_value *v)
{
	switch ((enum lwm2m_type)v->type) {
	case LWM2M_UNSIGNED_INTEGER:
		writer_cbor_head(w, CBOR_MAJOR_UINT, v->natural);
		break;
	case LWM2M_FLOAT:
		writer_cbor_float(w, v->number);
		break;
	case LWM2M_BOOLEAN:
		writer_cbor_bool(w, v->boolean);
		break;
	case LWM2M_OBJLNK:
		writer_cbor_objlnk(w, v->objlnk.object, v->objlnk.instance);
		break;
	case LWM2M_OPAQUE:
		writer_cbor_string(w, CBOR_MAJOR_BYTES, v->bytes.data, v->bytes.len);
		break;
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		writer_cbor_string(w, CBOR_MAJOR_TEXT, v->bytes.data, v->bytes.len);
		break;
	default:
		writer_cbor_integer(w, v->integer);
	}
}

// The labels in the order of their bytes (RFC 8949 section 4.2.1), as Leshan's clients write them.
static void cbor_record(const struct records *out, const struct record *rec)
{
	struct writer *w = &out->enc->w;
	enum senml_label label = rec->value ? value_label(rec->value) : SENML_OTHER;

	writer_cbor_head(w, CBOR_MAJOR_MAP,
			 (rec->name_len != 0) + (rec->value != NULL) + rec->has_base + rec->timed);
	if (rec->name_len) {
		writer_cbor_head(w, CBOR_MAJOR_UINT, SENML_N);
		writer_cbor_string(w, CBOR_MAJOR_TEXT, rec->name, rec->name_len);
	}
	if (label < SENML_T) {
		writer_cbor_head(w, CBOR_MAJOR_UINT, (uint64_t)label);
		cbor_value(w, rec->value);
	}
	if (rec->timed) {
		writer_cbor_head(w, CBOR_MAJOR_UINT, SENML_T);
		cbor_number(w, rec->time);
	}
	if (label == SENML_VD) {
		writer_cbor_head(w, CBOR_MAJOR_UINT, SENML_VD);
		cbor_value(w, rec->value);
	}
	if (rec->has_base) {
		writer_cbor_integer(w, SENML_BN);
		writer_cbor_string(w, CBOR_MAJOR_TEXT, out->base, out->base_len);
	}
	if (label == SENML_VLO) {
		writer_cbor_string(w, CBOR_MAJOR_TEXT, "vlo", 3);
		cbor_value(w, rec->value);
	}
}

static void json_key(struct writer *w, bool *comma, const char *key)
{
	writer_text(w, *comma ? ",\"" : "\"");
	writer_text(w, key);
	writer_text(w, "\":");
	*comma = true;
}

static void json_number(struct writer *w, double number)
{
	if (number > -0x1p53 && number < 0x1p53 && (double)(int64_t)number == number)
		writer_decimal_signed(w, (int64_t)number);
	else
		writer_decimal_float(w, number);
}

static void json_value(struct writer *w, bool *comma, bool senml, const struct lwm2m_value *v)
{
	switch ((enum lwm2m_type)v->type) {
	case LWM2M_BOOLEAN:
		json_key(w, comma, senml ? "vb" : "bv");
		writer_text(w, v->boolean ? "true" : "false");
		break;
	case LWM2M_OBJLNK:
		json_key(w, comma, senml ? "vlo" : "ov");
		writer_byte(w, '"');
		writer_objlnk(w, v->objlnk.object, v->objlnk.instance);
		writer_byte(w, '"');
		break;
	case LWM2M_OPAQUE:
		json_key(w, comma, senml ? "vd" : "sv");
		writer_byte(w, '"');
		writer_base64(w, senml, v->bytes.data, v->bytes.len);
		writer_byte(w, '"');
		break;
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		json_key(w, comma, senml ? "vs" : "sv");
		writer_json_string(w, v->bytes.data, v->bytes.len);
		break;
	case LWM2M_FLOAT:
		json_key(w, comma, "v");
		writer_decimal_float(w, v->number);
		break;
	case LWM2M_UNSIGNED_INTEGER:
		json_key(w, comma, "v");
		writer_decimal(w, v->natural);
		break;
	default:
		json_key(w, comma, "v");
		writer_decimal_signed(w, v->integer);
	}
}

static void json_record(const struct records *out, const struct record *rec)
{
	struct writer *w = &out->enc->w;
	bool comma = false;

	writer_text(w, out->comma_due ? ",{" : "{");
	if (rec->has_base) {
		json_key(w, &comma, "bn");
		writer_json_string(w, (const uint8_t *)out->base, out->base_len);
	}
	if (rec->name_len) {
		json_key(w, &comma, "n");
		writer_json_string(w, (const uint8_t *)rec->name, rec->name_len);
	}
	if (rec->value)
		json_value(w, &comma, out->spelling == SENML_IN_JSON, rec->value);
	if (rec->timed) {
		json_key(w, &comma, "t");
		json_number(w, rec->time);
	}
	writer_byte(w, '}');
}

static bool record_write(struct records *out, const struct lwm2m_path *path,
			 const struct lwm2m_node *node)
{
	char text[LWM2M_PATH_TEXT_MAX];
	size_t len = lwm2m_path_format(path, text);
	struct lwm2m_value value;
	struct record rec = {
		// The base is the path itself, or what comes before the rest of it.
		.name = text + (out->base_len < len ? out->base_len : len),
		.name_len = out->base_len < len ? len - out->base_len : 0,
		.has_base = out->base_due && out->spelling != LWM2M_IN_JSON,
		.timed = out->entry && out->entry->timed,
		.time = out->entry ? out->entry->time : 0,
	};

	if (lwm2m_kind_has_value(node->kind)) {
		if (!lwm2m_encoder_value(out->enc, path, node, &value))
			return false;
		if (value.type == LWM2M_FLOAT && !__builtin_isfinite(value.number))
			return lwm2m_encoder_fail(out->enc, "number that is not finite", path);
		rec.value = &value;
	}
	if (out->spelling == SENML_IN_CBOR)
		cbor_record(out, &rec);
	else
		json_record(out, &rec);
	out->base_due = false;
	out->comma_due = true;
	return true;
}

static bool records_write(struct records *out, const struct lwm2m_path *path,
			  const struct lwm2m_node *node)
{
	// What is empty is said by its name alone.
	if (!node->first && node->kind != LWM2M_KIND_ROOT)
		return record_write(out, path, node);
	for (const struct lwm2m_node *child = node->first; child; child = child->next) {
		struct lwm2m_path below;
		if (!lwm2m_encoder_below(out->enc, node, child, path, &below) ||
		    !records_write(out, &below, child))
			return false;
	}
	return true;
}

static uint64_t records_count(const struct lwm2m_node *node)
{
	uint64_t count = 0;

	if (!node->first)
		return node->kind != LWM2M_KIND_ROOT;
	for (const struct lwm2m_node *child = node->first; child; child = child->next)
		count += records_count(child);
	return count;
}

// Begins with the tree that node is the top of. The instance of a Create has an id of its own.
static bool tree_begin(struct records *out, const struct lwm2m_path *path,
		       const struct lwm2m_node *node, struct lwm2m_path *top)
{
	*top = *path;
	if (path->depth == 1 && node->kind == LWM2M_KIND_INSTANCE) {
		if (node->id == LWM2M_ID_RESERVED)
			return lwm2m_encoder_fail(out->enc, "the format has to name the instance",
						  path);
		top->ids[top->depth++] = node->id;
	}
	out->base_len = lwm2m_path_format(top, out->base);
	if (node->first && top->depth)
		out->base[out->base_len++] = '/';
	out->base_due = true;
	return true;
}

static bool tree_write(struct records *out, const struct lwm2m_path *path,
		       const struct lwm2m_node *node)
{
	struct lwm2m_path top;

	return tree_begin(out, path, node, &top) && records_write(out, &top, node);
}

// {"bn":"/3/0/","e":[{"n":"0",..},..]}
static bool lwm2m_json_write(struct records *out, const struct lwm2m_path *path,
			     const struct lwm2m_node *node)
{
	struct writer *w = &out->enc->w;
	struct lwm2m_path top;

	if (!tree_begin(out, path, node, &top))
		return false;
	writer_text(w, "{\"bn\":");
	writer_json_string(w, (const uint8_t *)out->base, out->base_len);
	writer_text(w, ",\"e\":[");
	if ((node->first || lwm2m_kind_has_value(node->kind)) && !records_write(out, &top, node))
		return false;
	writer_text(w, "]}");
	return true;
}

bool lwm2m_records_encode(struct lwm2m_encoder *enc, uint16_t format, const struct lwm2m_path *path,
			  const struct lwm2m_node *node)
{
	struct records out = {.enc = enc, .spelling = LWM2M_IN_JSON};

	if (format == LWM2M_FORMAT_SENML_CBOR) {
		out.spelling = SENML_IN_CBOR;
		writer_cbor_head(&enc->w, CBOR_MAJOR_ARRAY, records_count(node));
		return tree_write(&out, path, node);
	}
	if (format != LWM2M_FORMAT_SENML_JSON)
		return lwm2m_json_write(&out, path, node);
	out.spelling = SENML_IN_JSON;
	writer_byte(&enc->w, '[');
	if (!tree_write(&out, path, node))
		return false;
	writer_byte(&enc->w, ']');
	return true;
}

bool lwm2m_pack_encode(struct lwm2m_encoder *enc, uint16_t format, const struct lwm2m_pack *pack)
{
	bool json = format == LWM2M_FORMAT_SENML_JSON;
	struct records out = {.enc = enc, .spelling = json ? SENML_IN_JSON : SENML_IN_CBOR};
	uint64_t count = 0;

	for (const struct lwm2m_entry *entry = pack->first; entry; entry = entry->next)
		count += records_count(entry->node);
	if (json)
		writer_byte(&enc->w, '[');
	else
		writer_cbor_head(&enc->w, CBOR_MAJOR_ARRAY, count);
	for (out.entry = pack->first; out.entry; out.entry = out.entry->next) {
		if (!tree_write(&out, &out.entry->path, out.entry->node))
			return false;
	}
	if (json)
		writer_byte(&enc->w, ']');
	return true;
}
