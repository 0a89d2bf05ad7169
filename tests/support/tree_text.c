// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/support/tree_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void value_text(FILE *out, const struct lwm2m_value *v)
{
	switch (v->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		fprintf(out, "%" PRId64, v->integer);
		break;
	case LWM2M_UNSIGNED_INTEGER:
		fprintf(out, "%" PRIu64, v->natural);
		break;
	case LWM2M_FLOAT:
		fprintf(out, "%.17g", v->number);
		break;
	case LWM2M_BOOLEAN:
		fputs(v->boolean ? "true" : "false", out);
		break;
	case LWM2M_OBJLNK:
		fprintf(out, "%u:%u", v->objlnk.object, v->objlnk.instance);
		break;
	case LWM2M_OPAQUE:
		for (size_t i = 0; i < v->bytes.len; i++)
			fprintf(out, "%02x", v->bytes.data[i]);
		break;
	default:
		fwrite(v->bytes.data, 1, v->bytes.len, out);
	}
}

static void node_text(FILE *out, const struct lwm2m_node *node);

static void children_text(FILE *out, const struct lwm2m_node *node, char open, char close)
{
	fputc(open, out);
	for (const struct lwm2m_node *child = node->first; child; child = child->next) {
		node_text(out, child);
		if (child->next)
			fputc(',', out);
	}
	fputc(close, out);
}

static void node_text(FILE *out, const struct lwm2m_node *node)
{
	const char *type = lwm2m_type_name((enum lwm2m_type)node->value.type);

	switch (node->kind) {
	case LWM2M_KIND_ROOT:
		children_text(out, node, '{', '}');
		break;
	case LWM2M_KIND_OBJECT:
		fprintf(out, "//%u", node->id);
		children_text(out, node, '{', '}');
		break;
	case LWM2M_KIND_INSTANCE:
		fprintf(out, "/%u", node->id);
		children_text(out, node, '{', '}');
		break;
	case LWM2M_KIND_MULTI:
		fprintf(out, "%u=%s", node->id, type);
		children_text(out, node, '[', ']');
		break;
	default:
		fprintf(out, "%s%u=%s ", node->kind == LWM2M_KIND_SINGLE ? "" : "#", node->id,
			type);
		value_text(out, &node->value);
	}
}

char *tree_text(const struct lwm2m_node *node, char *buf, size_t cap)
{
	FILE *out = fmemopen(buf, cap, "w");

	if (!out)
		abort();
	node_text(out, node);
	fclose(out);
	buf[cap - 1] = '\0';
	return buf;
}

size_t hex_bytes(const char *hex, uint8_t *buf, size_t cap)
{
	size_t len = 0;
	unsigned byte;

	while (len < cap && sscanf(hex + 2 * len, "%2x", &byte) == 1)
		buf[len++] = (uint8_t)byte;
	return len;
}
