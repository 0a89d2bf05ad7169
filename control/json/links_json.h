// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The object list of a registration, read as Leshan reads it: the root link and its alternate path,
// the links in numeric order, the instances of each object. Pure; any thread.
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

// The alternate path (LwM2M transport 1.1.1 section 6.4.1): the URI of the link with
// rt="oma.lwm2m", without its trailing slash, borrowed from text; "" when LwM2M sits at "/".
const char *ctl_links_root(const char *text, size_t text_len, size_t *len);

// [{"url":..,"attributes":{..}},..], sorted segment by segment, numbers as numbers. NULL when
// memory is out. Malformed text (which Register refuses) ends the list where it goes wrong.
json_t *ctl_links_json(const char *text, size_t len);

// {"3":[0],"3303":[0,1]}: the object instances below the alternate path, in order.
json_t *ctl_links_instances_json(const char *text, size_t len);
