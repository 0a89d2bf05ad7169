// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/observe/registered.h"

#include <errno.h>
#include <stdlib.h>

#include "lwm2m/core/object_list.h"

static uint32_t key_of(uint16_t object, uint16_t instance)
{
	return (uint32_t)object << 16 | instance;
}

static int by_key(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

int ctl_registered_init(struct ctl_registered *registered, const struct ctl_record *record)
{
	const char *text = ctl_record_links(record);
	struct lwm2m_object_list list;
	struct lwm2m_path path;
	struct link_iter it;
	struct link link;

	*registered = (struct ctl_registered){0};
	if (!lwm2m_object_list_check(&list, text, record->links_len))
		return 0;
	registered->ids = malloc(list.count * sizeof(*registered->ids));
	if (registered->ids == NULL)
		return -ENOMEM;
	it = link_iter_begin(text, record->links_len);
	while (registered->count < list.count && link_iter_next(&it, &link))
		if (lwm2m_object_list_path(&list, &link, &path))
			registered->ids[registered->count++] = key_of(
				path.ids[0], path.depth == 2 ? path.ids[1] : LWM2M_ID_RESERVED);
	qsort(registered->ids, registered->count, sizeof(*registered->ids), by_key);
	return 0;
}

void ctl_registered_fini(struct ctl_registered *registered)
{
	free(registered->ids);
}

// Where the first is that is not below the key.
static uint32_t find(const struct ctl_registered *registered, uint32_t key)
{
	uint32_t low = 0, high = registered->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (registered->ids[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_key(const struct ctl_registered *registered, uint32_t key)
{
	uint32_t at = find(registered, key);

	return at < registered->count && registered->ids[at] == key;
}

bool ctl_registered_has(const struct ctl_registered *registered, const struct lwm2m_path *path)
{
	uint32_t first;

	if (path->depth == 0)
		return true;
	first = find(registered, key_of(path->ids[0], 0));
	if (first == registered->count || registered->ids[first] >> 16 != path->ids[0])
		return false;
	// An object alone comes after its instances, so when it is the first there are none.
	return path->depth == 1 ||
	       registered->ids[first] == key_of(path->ids[0], LWM2M_ID_RESERVED) ||
	       has_key(registered, key_of(path->ids[0], path->ids[1]));
}

uint16_t ctl_registered_free_id(const struct ctl_registered *registered, uint16_t object)
{
	uint32_t at = find(registered, key_of(object, 0));
	uint16_t id = 0;

	for (; at < registered->count && registered->ids[at] <= key_of(object, id); at++)
		if (registered->ids[at] == key_of(object, id) && id < LWM2M_ID_RESERVED)
			id++;
	return id;
}

bool ctl_record_has(const struct ctl_record *record, const struct lwm2m_path *path)
{
	struct ctl_registered registered;
	bool has;

	if (ctl_registered_init(&registered, record) != 0)
		return false;
	has = ctl_registered_has(&registered, path);
	ctl_registered_fini(&registered);
	return has;
}
