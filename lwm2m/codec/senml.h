// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// SenML, RFC 8428, apart from its two spellings: what the fields of a record mean, names and times
// with their bases, and what becomes of a resolved record (a tree, a pack, a list of paths). The
// readers of SenML CBOR, SenML JSON and LwM2M JSON, whose entries are records of an older kind,
// feed it. Private to lwm2m/codec.
#pragma once

#include "lwm2m/codec/decoder.h"
#include "lwm2m/codec/item.h"
#include "lwm2m/codec/pack.h"

// Labels of RFC 8428 table 4; the object link has a text label of its own, "vlo" (LwM2M
// core 1.1.1).
enum senml_label {
	SENML_BS = -6,
	SENML_BV = -5,
	SENML_BU = -4,
	SENML_BT = -3,
	SENML_BN = -2,
	SENML_BVER = -1,
	SENML_N = 0,
	SENML_U = 1,
	SENML_V = 2,
	SENML_VS = 3,
	SENML_VB = 4,
	SENML_S = 5,
	SENML_T = 6,
	SENML_UT = 7,
	SENML_VD = 8,
	SENML_VLO = 9,    // not on the wire as a number
	SENML_OTHER = 10, // nor this: skipped
};

struct senml_record {
	struct item name; // data NULL when there is none
	struct item value;
	double time;
	size_t offset;
	uint32_t seen;          // labels, as bits
	enum senml_label label; // of the value; SENML_OTHER when there is none
	bool timed;             // time holds
};

struct senml;

// Takes a resolved record: its value has the base value added, its time the base time. False with
// the error recorded.
typedef bool (*senml_take_t)(struct senml *s, const struct senml_record *rec,
			     const struct lwm2m_path *path);

struct senml {
	const struct lwm2m_decoder *dec;
	senml_take_t take;
	senml_take_t take_next; // after what LwM2M JSON puts before it
	// Bases are in force until others come.
	char base_name[LWM2M_PATH_TEXT_MAX];
	size_t base_name_len;
	double base_time;
	struct item base_value;
	bool has_base_time;
	bool has_base_value;

	struct lwm2m_node *top;  // what senml_take_tree builds
	struct lwm2m_pack *pack; // what lwm2m_decode_pack builds
	struct lwm2m_entry *last;
	struct senml_slot **slots;
	struct lwm2m_path *paths; // what senml_take_path fills
	uint32_t paths_max;
	uint32_t paths_count;
};

static inline bool senml_has_value(const struct senml_record *rec)
{
	return rec->label != SENML_OTHER;
}

static inline bool senml_has(const struct senml_record *rec, enum senml_label label)
{
	return rec->seen & 1u << (label - SENML_BS);
}

// A field of a record that began as {.label = SENML_OTHER, .offset = ...}.
bool senml_field(struct senml *s, struct senml_record *rec, enum senml_label label,
		 const struct item *item);

// The record is complete: resolves it and hands it to take.
bool senml_record(struct senml *s, struct senml_record *rec);

// Sets what names are prepended with.
bool senml_base_name(struct senml *s, const uint8_t *name, size_t len, size_t offset);

// Reads a whole payload.
bool senml_cbor_read(struct senml *s);
bool senml_json_read(struct senml *s);
bool senml_lwm2m_json_read(struct senml *s);
bool senml_read(uint16_t format, struct senml *s);

// The value of rec into node, typed by the model. False with the error recorded.
bool senml_value(const struct senml *s, const struct senml_record *rec, enum lwm2m_type type,
		 struct lwm2m_node *node);

bool senml_take_tree(struct senml *s, const struct senml_record *rec,
		     const struct lwm2m_path *path);
bool senml_take_path(struct senml *s, const struct senml_record *rec,
		     const struct lwm2m_path *path);
