// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/models/versions.h"

#include <stdlib.h>
#include <string.h>

#include "lwm2m/core/object_list.h"
#include "lwm2m/core/objects.h"

// False also for a version that is none: the link then counts as one that says nothing.
static bool link_version(const struct link *link, uint16_t *version)
{
	struct link_attr ver;
	const char *text;
	size_t len;

	if (!link_attr_find(link, "ver", &ver) || ver.value == NULL)
		return false;
	text = ver.value;
	len = ver.value_len;
	if (len >= 2 && text[0] == '"') {
		text++;
		len -= 2;
	}
	return lwm2m_object_version_parse(version, text, len);
}

static int compare_objects(const void *va, const void *vb)
{
	const struct ctl_object_version *a = va, *b = vb;

	if (a->object != b->object)
		return a->object - b->object;
	if (a->said != b->said) // what a link says goes before what none says
		return b->said - a->said;
	return b->version - a->version;
}

static size_t keep_first_of_each(struct ctl_object_version *versions, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (kept == 0 || versions[kept - 1].object != versions[i].object)
			versions[kept++] = versions[i];
	return kept;
}

struct ctl_object_version *ctl_versions_of(const struct ctl_record *record, size_t *count)
{
	const char *text = ctl_record_links(record);
	struct link_iter it = link_iter_begin(text, record->links_len);
	struct lwm2m_object_list list = {.root = ""};
	// A link takes at least "</1>" and a comma.
	struct ctl_object_version *versions = calloc(record->links_len / 5 + 1, sizeof(*versions));
	struct link link;
	size_t n = 0;

	if (versions == NULL)
		return NULL;
	list.root = lwm2m_object_list_root(text, record->links_len, &list.root_len);
	while (link_iter_next(&it, &link)) {
		struct ctl_object_version *entry = &versions[n];
		struct lwm2m_path path;

		if (!lwm2m_object_list_path(&list, &link, &path))
			continue;
		entry->object = path.ids[0];
		entry->said = link_version(&link, &entry->version);
		if (!entry->said)
			entry->version =
				lwm2m_object_default_version(path.ids[0], record->lwm2m_version);
		n++;
	}
	qsort(versions, n, sizeof(*versions), compare_objects);
	*count = keep_first_of_each(versions, n);
	return versions;
}

bool ctl_versions_said(const struct ctl_record *record)
{
	return memmem(ctl_record_links(record), record->links_len, "ver=", 4) != NULL;
}
