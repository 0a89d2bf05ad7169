// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/query.h"

#include <string.h>
#include <strings.h>

#include "lwm2m/codec/decode.h"

bool ctl_query_number(const struct ctl_query *query, uint64_t *value)
{
	const struct ctl_text *text = &query->value;

	if (text->len == 0 || text->len > 18)
		return false;
	*value = 0;
	for (size_t i = 0; i < text->len; i++) {
		if (text->text[i] < '0' || text->text[i] > '9')
			return false;
		*value = *value * 10 + (uint64_t)(text->text[i] - '0');
	}
	return true;
}

bool ctl_query_format(const struct ctl_query *query, uint16_t *format)
{
	static const struct {
		const char *name;
		uint16_t format;
	} formats[] = {
		{"TEXT", LWM2M_FORMAT_TEXT},
		{"OPAQUE", LWM2M_FORMAT_OPAQUE},
		{"CBOR", LWM2M_FORMAT_CBOR},
		{"SENML_JSON", LWM2M_FORMAT_SENML_JSON},
		{"SENML_CBOR", LWM2M_FORMAT_SENML_CBOR},
		{"TLV", LWM2M_FORMAT_TLV},
		{"JSON", LWM2M_FORMAT_JSON},
	};

	for (size_t i = 0; query->value.text && i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcasecmp(query->value.text, formats[i].name) == 0) {
			*format = formats[i].format;
			return true;
		}
	}
	return false;
}
