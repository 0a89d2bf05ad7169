// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <stdio.h>

#include "bench/swarm/device/objects.h"
#include "bench/swarm/device/served.h"

// LwM2M core 1.1.1 section 6.3.2: what is below a path, each with the attributes written there.
struct links {
	struct device *dev;
	const struct device_config *config;
	struct request *req;
	bool failed;
};

static void put_link(struct links *links, const struct lwm2m_path *path, const char *extra,
		     const struct attribute_set *set)
{
	struct request *req = links->req;
	char text[LWM2M_PATH_TEXT_MAX], attributes[256] = "";
	lwm2m_path_format(path, text);
	if (set != NULL)
		attributes_format(set, attributes, sizeof(attributes));
	size_t room = REQUEST_BODY_MAX - req->body_len;
	int n = snprintf((char *)req->body + req->body_len, room, "%s<%s%s>%s%s",
			 req->body_len > 0 ? "," : "", links->config->root, text, extra,
			 attributes);
	if (n < 0 || (size_t)n >= room)
		links->failed = true;
	else
		req->body_len += (size_t)n;
}

static void put_object(struct links *links, const struct lwm2m_path *path)
{
	const struct object_class *class = objects_class(links->config->test_object, path->ids[0]);
	char version[24] = "";
	if (class->version != NULL)
		snprintf(version, sizeof(version), ";ver=%s", class->version);
	put_link(links, path, version, attributes_at(links->dev->served, path));
}

static void put_resource(struct links *links, const struct lwm2m_path *path, bool multiple,
			 const struct attribute_set *set)
{
	char dim[24] = "";
	uint32_t at;
	if (multiple)
		snprintf(dim, sizeof(dim), ";dim=%u", store_find(&links->dev->store, path, &at));
	put_link(links, path, dim, set);
}

static void put_entry(struct links *links, const struct store_entry *e, uint8_t depth,
		      bool first_of_resource)
{
	struct lwm2m_path path = {.ids = {e->object, e->instance, e->resource, e->index},
				  .depth = 3};
	if (e->resource == STORE_INSTANCE)
		return;
	if (first_of_resource && depth < 3)
		put_resource(links, &path, e->multiple, attributes_at(links->dev->served, &path));
	path.depth = 4;
	if (depth >= 3 && e->multiple)
		put_link(links, &path, "", attributes_at(links->dev->served, &path));
}

static void put_entries(struct links *links, uint32_t at, uint32_t n)
{
	const struct store_entry *last = NULL;
	uint8_t depth = links->req->path.depth;
	for (uint32_t i = 0; i < n; i++) {
		const struct store_entry *e = store_at(&links->dev->store, at + i);
		struct lwm2m_path instance = {.ids = {e->object, e->instance}, .depth = 2};
		if (depth < 3 && (last == NULL || last->instance != e->instance))
			put_link(links, &instance, "",
				 attributes_at(links->dev->served, &instance));
		put_entry(links, e, depth,
			  last == NULL || last->instance != e->instance ||
				  last->resource != e->resource);
		last = e;
	}
}

uint8_t operation_discover(struct device *dev, struct device_env *env, struct request *req)
{
	struct links links = {.dev = dev, .config = env->config, .req = req};
	uint8_t code = operation_check_path(dev, env, &req->path);
	uint32_t at, n = store_find(&dev->store, &req->path, &at);
	if (code != 0)
		return code;
	if (req->path.depth == 4)
		return COAP_METHOD_NOT_ALLOWED;
	if (req->path.depth == 1)
		put_object(&links, &req->path);
	if (req->path.depth == 3) {
		// Here those of the levels above are shown too.
		struct attribute_set set = attributes_effective(dev->served, &req->path);
		put_resource(&links, &req->path, store_at(&dev->store, at)->multiple, &set);
	}
	put_entries(&links, at, n);
	req->body_format = LWM2M_FORMAT_LINK;
	return links.failed ? COAP_INTERNAL_SERVER_ERROR : COAP_CONTENT;
}
