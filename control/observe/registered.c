// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/observe/registered.h"

#include "lwm2m/core/object_list.h"

bool ctl_record_has(const struct ctl_record *record, const struct lwm2m_path *path)
{
	const char *text = ctl_record_links(record);
	bool bare = false, instances = false;
	struct lwm2m_object_list list;
	struct lwm2m_path listed;
	struct link_iter it;
	struct link link;

	if (path->depth == 0)
		return true;
	if (!lwm2m_object_list_check(&list, text, record->links_len))
		return false;
	it = link_iter_begin(text, record->links_len);
	while (link_iter_next(&it, &link)) {
		if (!lwm2m_object_list_path(&list, &link, &listed) || listed.ids[0] != path->ids[0])
			continue;
		if (path->depth == 1 || (listed.depth == 2 && listed.ids[1] == path->ids[1]))
			return true;
		bare = bare || listed.depth == 1;
		instances = instances || listed.depth == 2;
	}
	return bare && !instances;
}
