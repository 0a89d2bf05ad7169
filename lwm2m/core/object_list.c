// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/object_list.h"

#include "lwm2m/core/utf8.h"

#include <string.h>

// True when the link's rt, a space-separated list (RFC 6690 section 3.1), contains oma.lwm2m.
static bool is_root(const struct link *link)
{
	static const char wanted[] = "oma.lwm2m";
	struct link_attr rt;

	if (!link_attr_find(link, "rt", &rt) || !rt.value)
		return false;
	const char *p = rt.value;
	const char *end = p + rt.value_len;
	if (*p == '"') {
		p++;
		end--;
	}
	while (p < end) {
		const char *space = memchr(p, ' ', (size_t)(end - p));
		const char *word_end = space ? space : end;
		if ((size_t)(word_end - p) == sizeof(wanted) - 1 &&
		    memcmp(p, wanted, sizeof(wanted) - 1) == 0)
			return true;
		p = space ? space + 1 : end;
	}
	return false;
}

static void take_root(struct lwm2m_object_list *list, const struct link *link)
{
	list->root = link->uri;
	list->root_len = link->uri_len;
	if (link->uri_len && link->uri[link->uri_len - 1] == '/')
		list->root_len--;
}

const char *lwm2m_object_list_root(const char *text, size_t len, uint16_t *root_len)
{
	struct link_iter it = link_iter_begin(text, len);
	struct lwm2m_object_list list = {.root = ""};
	struct link link;

	while (link_iter_next(&it, &link)) {
		if (is_root(&link)) {
			take_root(&list, &link);
			break;
		}
	}
	*root_len = list.root_len;
	return list.root;
}

bool lwm2m_object_list_path(const struct lwm2m_object_list *list, const struct link *link,
			    struct lwm2m_path *path)
{
	if (link->uri_len <= list->root_len ||
	    (list->root_len && memcmp(link->uri, list->root, list->root_len) != 0))
		return false;
	return lwm2m_path_parse(path, link->uri + list->root_len,
				(size_t)link->uri_len - list->root_len) &&
	       (path->depth == 1 || path->depth == 2);
}

// Walks the list once: finds the root if it is named, and counts objects below the root known so
// far.
static void walk(struct lwm2m_object_list *list, const char *text, size_t len)
{
	struct link_iter it = link_iter_begin(text, len);
	struct lwm2m_path path;
	struct link link;
	bool named = false;

	list->count = 0;
	while (link_iter_next(&it, &link)) {
		if (!named && is_root(&link)) {
			named = true;
			take_root(list, &link);
		} else if (lwm2m_object_list_path(list, &link, &path)) {
			list->count++;
		}
	}
	list->error = it.error;
	list->error_at = (size_t)(it.p - text);
}

bool lwm2m_object_list_check(struct lwm2m_object_list *list, const char *text, size_t len)
{
	*list = (struct lwm2m_object_list){.root = ""};
	if (len == 0) {
		list->error = "the object list is empty";
		return false;
	}
	walk(list, text, len);
	// Links may stand before the one that names their root.
	if (!list->error && list->root_len)
		walk(list, text, len);
	if (!list->error && !utf8_valid(text, len))
		list->error = "the object list is not UTF-8";
	if (!list->error && list->count == 0)
		list->error = "the object list has no object";
	return list->error == NULL;
}
