// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The links of a well-formed list, put together again, are the list; so are the attributes of a
// link.
#include "lwm2m/core/link.h"
#include "lwm2m/core/object_list.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_attributes(const struct link *link)
{
	struct link_attr attr, found;
	size_t pos = 0, at = 0;

	while (link_attr_next(link, &pos, &attr)) {
		fuzz_check(attr.name == link->attrs + at + 1, "attributes follow each other");
		at += 1 + attr.name_len + (attr.value ? 1u + attr.value_len : 0);
		fuzz_check(pos == at, "an attribute is its name and value");
		fuzz_check(!attr.value || attr.value == link->attrs + at - attr.value_len,
			   "the value comes last");
		char name[64];
		if (attr.name_len < sizeof(name)) {
			memcpy(name, attr.name, attr.name_len);
			name[attr.name_len] = '\0';
			fuzz_check(link_attr_find(link, name, &found) && found.name <= attr.name,
				   "an attribute is found by name");
		}
	}
	fuzz_check(at == link->attrs_len, "attributes of a well-formed link are all read");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct link_iter it = link_iter_begin(text, size);
	struct lwm2m_object_list list;
	struct link link;
	size_t at = 0, links = 0;

	while (link_iter_next(&it, &link)) {
		fuzz_check(links == 0 || text[at - 1] == ',', "a comma between links");
		fuzz_check(link.uri == text + at + 1, "a link starts with <");
		fuzz_check(link.attrs == link.uri + link.uri_len + 1, "attributes follow >");
		check_attributes(&link);
		at = (size_t)(link.attrs + link.attrs_len - text) + 1;
		links++;
	}
	fuzz_check(it.error || size == 0 || at == size + 1,
		   "a well-formed list is read to its end");
	bool ok = lwm2m_object_list_check(&list, text, size);
	fuzz_check(ok == (list.error == NULL), "an error has a text");
	fuzz_check(!ok || (list.count > 0 && list.count <= links && !it.error),
		   "objects are links");
	return 0;
}
