// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/link/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/node_out.h"
#include "control/models/models.h"

// The arena of a decode: a record of a pack takes some 250 bytes as entry and node, twice, and four
// bytes of SenML CBOR at least; the other formats need less.
#define ARENA_PER_BYTE 160u
#define ARENA_EXTRA    8192u

// RFC 8428 section 4.5.3: times from here on are absolute.
#define SENML_ABSOLUTE_S 268435456.0

int64_t link_values_format(const struct coap_msg *msg)
{
	struct coap_opt opt;
	uint32_t value;

	if (!coap_msg_find_opt(msg, COAP_OPT_CONTENT_FORMAT, &opt))
		return -1;
	return coap_opt_uint(&opt, &value) && value <= UINT16_MAX ? (int64_t)value : -2;
}

static bool arena_begin(struct ctl_link *link, uint32_t payload_len, struct lwm2m_arena *arena)
{
	size_t cap = ARENA_EXTRA + (size_t)payload_len * ARENA_PER_BYTE;

	if (cap > link->arena_cap) {
		free(link->arena);
		link->arena = malloc(cap);
		link->arena_cap = link->arena != NULL ? cap : 0;
	}
	*arena = lwm2m_arena_begin(link->arena, link->arena_cap);
	return link->arena != NULL;
}

static bool is_timed(const struct lwm2m_pack *pack)
{
	for (const struct lwm2m_entry *entry = pack->first; entry != NULL; entry = entry->next)
		if (entry->timed)
			return true;
	return false;
}

static bool pack_decode(struct ctl_link *link, struct ctl_reg *reg, uint16_t format,
			const struct lwm2m_path *base, const struct coap_msg *msg,
			struct link_values *values, int *rc)
{
	struct lwm2m_decode_error err = {.what = "payload is too large"};
	struct lwm2m_arena arena;

	if (!arena_begin(link, msg->payload_len, &arena)) {
		*rc = -ENOMEM;
		return false;
	}
	if (!lwm2m_decode_pack(ctl_model_of(link->ctl->models, reg), format, base, msg->payload,
			       msg->payload_len, &arena, &values->pack, &err) ||
	    !lwm2m_pack_tree(&values->pack, &arena, &values->node)) {
		values->why = err.what;
		return false;
	}
	values->timed = is_timed(&values->pack);
	return true;
}

bool link_values_pack(struct ctl_link *link, struct ctl_reg *reg, int64_t format,
		      const struct coap_msg *msg, struct link_values *values, int *rc)
{
	static const struct lwm2m_path root;

	*values = (struct link_values){.why = "content format is not SenML"};
	if (format != LWM2M_FORMAT_SENML_JSON && format != LWM2M_FORMAT_SENML_CBOR)
		return false;
	return pack_decode(link, reg, (uint16_t)format, &root, msg, values, rc);
}

// A payload without any byte that could be the label of a time has none; that is most of them, and
// spares decoding twice. RFC 8428 section 4.3 and 6: t is 6, bt -3 in CBOR.
static bool may_have_times(int64_t format, const struct coap_msg *msg)
{
	switch (format) {
	case LWM2M_FORMAT_SENML_CBOR:
		return msg->payload_len > 0 && (memchr(msg->payload, 0x06, msg->payload_len) ||
						memchr(msg->payload, 0x22, msg->payload_len));
	case LWM2M_FORMAT_SENML_JSON:
	case LWM2M_FORMAT_JSON:
	case LWM2M_FORMAT_JSON_OLD:
		return msg->payload_len > 0 && memmem(msg->payload, msg->payload_len, "t\"", 2);
	default:
		return false;
	}
}

// Values with times make several of one resource: the newest is what the path has now.
static bool timed_decode(struct ctl_link *link, struct ctl_reg *reg, int64_t format,
			 const struct lwm2m_path *path, const struct coap_msg *msg,
			 struct link_values *values, int *rc)
{
	if (!may_have_times(format, msg) ||
	    !pack_decode(link, reg, (uint16_t)format, path, msg, values, rc) || !values->timed)
		return false;
	values->node = lwm2m_tree_find(values->node, path);
	return values->node != NULL;
}

bool link_values_single(struct ctl_link *link, struct ctl_reg *reg, int64_t format,
			const struct lwm2m_path *path, const struct coap_msg *msg,
			struct link_values *values, int *rc)
{
	struct lwm2m_decode_error err;
	struct lwm2m_arena arena;

	*values = (struct link_values){.why = "content format is missing or malformed"};
	// Without the option only a single value can be meant, and text is what RFC 7252 section
	// 5.5.1 has devices say when they say nothing.
	if (format == -1 && path->depth >= 3)
		format = LWM2M_FORMAT_TEXT;
	if (format < 0)
		return false;
	if (timed_decode(link, reg, format, path, msg, values, rc))
		return true;
	*values = (struct link_values){0};
	if (*rc != 0 || !arena_begin(link, msg->payload_len, &arena)) {
		*rc = -ENOMEM;
		return false;
	}
	if (lwm2m_decode(ctl_model_of(link->ctl->models, reg), (uint16_t)format, path, msg->payload,
			 msg->payload_len, &arena, &values->node, &err))
		return true;
	values->why = err.what;
	return false;
}

// At depth 2 the children are resources.
static void tree_out(struct json_out *out, const struct lwm2m_node *parent,
		     const struct lwm2m_path *above, bool *first)
{
	for (const struct lwm2m_node *node = parent->first; node != NULL; node = node->next) {
		struct lwm2m_path path = *above;

		path.ids[path.depth++] = node->id;
		if (path.depth < 3) {
			tree_out(out, node, &path, first);
			continue;
		}
		if (!*first)
			json_out_literal(out, ",");
		*first = false;
		node_out_path(out, &path);
		json_out_literal(out, ":");
		node_out(out, node);
	}
}

void link_values_tree_out(struct json_out *out, const struct lwm2m_node *root)
{
	static const struct lwm2m_path top;
	bool first = true;

	json_out_literal(out, "{");
	tree_out(out, root, &top, &first);
	json_out_literal(out, "}");
}

// Milliseconds since 1970; what cannot be told is UINT64_MAX.
static uint64_t time_of(const struct lwm2m_entry *entry, uint64_t wall_ms)
{
	double ms;

	if (!entry->timed)
		return wall_ms;
	ms = entry->time * 1000;
	if (entry->time < SENML_ABSOLUTE_S)
		ms += (double)wall_ms;
	return ms >= 0 && ms < (double)LINK_WALL_MS_MAX ? (uint64_t)(ms + 0.5) : UINT64_MAX;
}

void link_values_more_out(struct json_out *out, const struct ctl_record *record,
			  const struct link_values *values, uint64_t wall_ms)
{
	char location[10];

	ctl_location_text(record->location, location);
	json_out_literal(out, ",\"registrationId\":\"");
	json_out_bytes(out, location, strlen(location));
	json_out_literal(out, "\"");
	if (values->timed) {
		const struct lwm2m_entry *entry = values->pack.first;

		json_out_literal(out, ",\"values\":[");
		for (; entry != NULL; entry = entry->next) {
			json_out_literal(out, "{\"path\":");
			node_out_path(out, &entry->path);
			json_out_literal(out, ",\"time\":");
			json_out_time(out, time_of(entry, wall_ms));
			json_out_literal(out, ",\"node\":");
			node_out(out, entry->node);
			json_out_bytes(out, "},", entry->next != NULL ? 2 : 1);
		}
		json_out_literal(out, "]");
	}
	json_out_literal(out, "}");
}
