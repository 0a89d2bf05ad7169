// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// CoRE link format, RFC 6690, as LwM2M uses it: the object list of Register and Update, the answer
// to Discover. A pull parser over the caller's text; nothing is copied or allocated.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_iter {
	const char *p;
	const char *end;
	const char *error; // NULL while the text is well formed; then what was wrong at p
};

struct link_attr {
	const char *name;
	const char *value; // NULL when the attribute has none; quotes included when there are any
	uint16_t name_len;
	uint16_t value_len;
};

struct link {
	const char *uri; // between < and >
	const char *attrs;
	uint16_t uri_len;
	uint16_t attrs_len; // "" or ";rt=..;ct=.."
};

struct link_iter link_iter_begin(const char *text, size_t len);

// False at the end or at the first error (it->error tells which).
bool link_iter_next(struct link_iter *it, struct link *link);

// Walks the attributes of one link. pos starts at 0.
bool link_attr_next(const struct link *link, size_t *pos, struct link_attr *attr);
bool link_attr_find(const struct link *link, const char *name, struct link_attr *attr);
