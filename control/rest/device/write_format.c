// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/device/write_format.h"

#include <string.h>

#include "lwm2m/codec/decode.h"
#include "lwm2m/core/object_list.h"

// True for the link of the alternate root, or of "/".
static bool is_root(const struct link *link, size_t root_len)
{
	size_t len = link->uri_len;

	while (len > 0 && link->uri[len - 1] == '/')
		len--;
	return len == root_len;
}

// ct= of the root link: numbers between spaces, in quotes when there are several.
static bool find_ct(const struct ctl_record *record, struct link_attr *ct)
{
	const char *links = ctl_record_links(record);
	struct link_iter it = link_iter_begin(links, record->links_len);
	struct link link;
	uint16_t root_len;
	const char *root = lwm2m_object_list_root(links, record->links_len, &root_len);

	while (link_iter_next(&it, &link))
		if (is_root(&link, root_len) &&
		    (root_len == 0 || memcmp(link.uri, root, root_len) == 0) &&
		    link_attr_find(&link, "ct", ct) && ct->value)
			return true;
	return false;
}

static bool lists(const struct link_attr *ct, uint16_t format)
{
	uint32_t number = 0;
	bool digits = false;

	for (uint16_t i = 0; i <= ct->value_len; i++) {
		char c = i < ct->value_len ? ct->value[i] : ' ';

		if (c >= '0' && c <= '9' && number < 100000) {
			number = number * 10 + (uint32_t)(c - '0');
			digits = true;
			continue;
		}
		if (digits && number == format)
			return true;
		number = 0;
		digits = false;
	}
	return false;
}

static bool is_opaque(const struct lwm2m_node *node)
{
	return node->value.type == LWM2M_OPAQUE;
}

static bool is_value(const struct lwm2m_node *node)
{
	return node->kind == LWM2M_KIND_SINGLE || node->kind == LWM2M_KIND_RESOURCE_INSTANCE;
}

// TLV first: of what a device lists it is the one that the reference server writes in. Without ct=,
// TLV is what every 1.0 client has; of a 1.1 client only text and opaque are sure.
uint16_t ctl_write_format(const struct ctl_record *record, const struct lwm2m_node *node)
{
	static const uint16_t preferred[] = {
		LWM2M_FORMAT_TLV,  LWM2M_FORMAT_SENML_CBOR, LWM2M_FORMAT_SENML_JSON,
		LWM2M_FORMAT_JSON, LWM2M_FORMAT_TLV_OLD,    LWM2M_FORMAT_JSON_OLD,
	};
	struct link_attr ct;

	if (find_ct(record, &ct)) {
		for (size_t i = 0; i < sizeof(preferred) / sizeof(preferred[0]); i++)
			if (lists(&ct, preferred[i]))
				return preferred[i];
	}
	if (record->lwm2m_version == 10 || !is_value(node))
		return LWM2M_FORMAT_TLV;
	return is_opaque(node) ? LWM2M_FORMAT_OPAQUE : LWM2M_FORMAT_TEXT;
}

uint16_t ctl_composite_format(const struct ctl_record *record)
{
	struct link_attr ct;

	if (find_ct(record, &ct) && !lists(&ct, LWM2M_FORMAT_SENML_CBOR) &&
	    lists(&ct, LWM2M_FORMAT_SENML_JSON))
		return LWM2M_FORMAT_SENML_JSON;
	return LWM2M_FORMAT_SENML_CBOR;
}
