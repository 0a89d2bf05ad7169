// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What happens to a device from its own side: values change, a Send is asked for.
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/change.h"
#include "bench/swarm/device/read.h"
#include "bench/swarm/device/served.h"

bool device_set(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		const char *text)
{
	uint8_t room[1024];
	struct lwm2m_arena arena = lwm2m_arena_begin(room, sizeof(room));
	struct lwm2m_decode_error err;
	struct lwm2m_node *node;
	struct lwm2m_path instance = {.ids = {path->ids[0], path->ids[1]}, .depth = 2};
	uint32_t at;
	if (path->depth < 3 || store_find(&dev->store, &instance, &at) == 0 ||
	    !lwm2m_decode(&lwm2m_model_builtin, LWM2M_FORMAT_TEXT, path, text, strlen(text), &arena,
			  &node, &err))
		return false;
	return change_value(dev, env, path, path->depth == 4, &node->value);
}

static bool muted(const struct device *dev)
{
	struct lwm2m_path path = {.ids = {1, 0, 23}, .depth = 3};
	uint32_t at;
	return store_find(&dev->store, &path, &at) == 1 && store_at(&dev->store, at)->value.boolean;
}

bool device_send(struct device *dev, struct device_env *env, const struct lwm2m_path *paths,
		 uint32_t count)
{
	struct lwm2m_encode_error err;
	struct lwm2m_pack pack;
	size_t len;
	bool ok = false;
	uint16_t format = operation_has_format(env->config, LWM2M_FORMAT_SENML_CBOR)
				  ? LWM2M_FORMAT_SENML_CBOR
				  : LWM2M_FORMAT_SENML_JSON;
	uint8_t *room;
	if (muted(dev)) {
		device_note(env, "muted");
		return false;
	}
	if ((room = malloc(REQUEST_BODY_MAX + REQUEST_ARENA_MAX)) == NULL)
		return false;
	struct lwm2m_arena arena = lwm2m_arena_begin(room + REQUEST_BODY_MAX, REQUEST_ARENA_MAX);
	if (read_pack(dev, env, paths, count, &arena, &pack) && pack.count == count &&
	    lwm2m_encode_pack(&lwm2m_model_builtin, format, &pack, room, REQUEST_BODY_MAX, &len,
			      &err))
		ok = uplink_wish(dev, UPLINK_SEND, format, room, len);
	free(room);
	return ok;
}

bool device_get(struct device *dev, const char *path)
{
	return uplink_wish(dev, UPLINK_GET, 0, path, strlen(path));
}
