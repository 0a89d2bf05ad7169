// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/links_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/json_text.h"
#include "lwm2m/core/object_list.h"

const char *ctl_links_root(const char *text, size_t text_len, size_t *len)
{
	uint16_t root_len;
	const char *root = lwm2m_object_list_root(text, text_len, &root_len);

	*len = root_len;
	return root;
}

// One segment of a path: its bytes, and its value when it is a number.
struct segment {
	const char *text;
	size_t len;
	bool number;
	uint64_t value;
};

static bool next_segment(const char **p, const char *end, struct segment *seg)
{
	while (*p < end && **p == '/')
		++*p;
	if (*p == end)
		return false;
	*seg = (struct segment){.text = *p, .number = true};
	for (; *p < end && **p != '/'; ++*p) {
		if (**p < '0' || **p > '9' || seg->len >= 18)
			seg->number = false;
		else
			seg->value = seg->value * 10 + (uint64_t)(**p - '0');
		seg->len++;
	}
	return true;
}

static int compare_segments(const struct segment *a, const struct segment *b)
{
	int order;

	if (a->number && b->number)
		return (a->value > b->value) - (a->value < b->value);
	order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_links(const void *va, const void *vb)
{
	const struct link *a = va, *b = vb;
	const char *pa = a->uri, *pb = b->uri;
	struct segment sa, sb;

	for (;;) {
		bool more_a = next_segment(&pa, a->uri + a->uri_len, &sa);
		bool more_b = next_segment(&pb, b->uri + b->uri_len, &sb);
		int order;

		if (!more_a || !more_b) // "/3" comes before "/3/0"
			return more_a - more_b;
		order = compare_segments(&sa, &sb);
		if (order)
			return order;
	}
}

// All links, sorted, in a malloc'ed array. NULL when memory is out.
static struct link *sorted_links(const char *text, size_t len, size_t *count)
{
	struct link_iter it = link_iter_begin(text, len);
	struct link link, *links;
	size_t n = 0;

	while (link_iter_next(&it, &link))
		n++;
	links = calloc(n + 1, sizeof(*links));
	if (!links)
		return NULL;
	it = link_iter_begin(text, len);
	for (size_t i = 0; i < n && link_iter_next(&it, &link); i++)
		links[i] = link;
	qsort(links, n, sizeof(*links), compare_links);
	*count = n;
	return links;
}

static json_t *attributes_json(const struct link *link)
{
	json_t *object = json_object();
	struct link_attr attr;
	size_t pos = 0;

	while (object && link_attr_next(link, &pos, &attr)) {
		json_t *value = attr.value ? json_text(attr.value, attr.value_len) : json_null();

		if (json_text_set(object, attr.name, attr.name_len, value) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

json_t *ctl_links_json(const char *text, size_t len)
{
	size_t count;
	struct link *links = sorted_links(text, len, &count);
	json_t *array = json_array();

	for (size_t i = 0; links && array && i < count; i++) {
		json_t *entry =
			json_pack("{s:o, s:o}", "url", json_text(links[i].uri, links[i].uri_len),
				  "attributes", attributes_json(&links[i]));

		if (json_array_append_new(array, entry) != 0) {
			json_decref(array);
			array = NULL;
		}
	}
	if (!links) {
		json_decref(array);
		array = NULL;
	}
	free(links);
	return array;
}

// Adds one instance; the links are sorted, so that a repeated one follows its like.
static int add_instance(json_t *instances, const struct lwm2m_path *path)
{
	json_int_t id = path->ids[1];
	char key[8];
	json_t *ids;
	size_t n;

	snprintf(key, sizeof(key), "%u", path->ids[0]);
	ids = json_object_get(instances, key);
	if (!ids) {
		ids = json_array();
		if (json_object_set_new(instances, key, ids) != 0)
			return -1;
	}
	n = json_array_size(ids);
	if (n > 0 && json_integer_value(json_array_get(ids, n - 1)) == id)
		return 0;
	return json_array_append_new(ids, json_integer(id));
}

json_t *ctl_links_instances_json(const char *text, size_t len)
{
	struct lwm2m_object_list list = {.root = ""};
	size_t count;
	struct link *links = sorted_links(text, len, &count);
	json_t *instances = links ? json_object() : NULL;

	list.root = lwm2m_object_list_root(text, len, &list.root_len);
	for (size_t i = 0; instances && i < count; i++) {
		struct lwm2m_path path;

		if (lwm2m_object_list_path(&list, &links[i], &path) && path.depth == 2 &&
		    add_instance(instances, &path) != 0) {
			json_decref(instances);
			instances = NULL;
		}
	}
	free(links);
	return instances;
}
