// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The list of objects in a Register or Update (LwM2M core 1.1.1 section 6.2.1): link format in
// which some links are objects and instances, perhaps below an alternate root that a link with
// rt="oma.lwm2m" names. Pure; every pointer borrows the text.
#pragma once

#include "lwm2m/core/link.h"
#include "lwm2m/core/path.h"

struct lwm2m_object_list {
	const char *root;  // the alternate root without its closing slash; "" for "/"
	const char *error; // what was wrong, NULL when the list is acceptable
	size_t error_at;   // byte offset of it
	uint32_t count;    // links that are objects or object instances
	uint16_t root_len;
};

// The alternate root alone, without its closing slash: "" when no link names one.
const char *lwm2m_object_list_root(const char *text, size_t len, uint16_t *root_len);

// Checks the whole list: well-formed link format in UTF-8 with at least one object or instance.
// False with error set otherwise.
bool lwm2m_object_list_check(struct lwm2m_object_list *list, const char *text, size_t len);

// True when link is an object (depth 1) or an instance (depth 2) below the list's root.
bool lwm2m_object_list_path(const struct lwm2m_object_list *list, const struct link *link,
			    struct lwm2m_path *path);
