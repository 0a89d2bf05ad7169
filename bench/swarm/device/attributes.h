// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Notification attributes (LwM2M core 1.1.1 section 5.1.2): what Write-Attributes set at an object,
// an instance, a resource or a resource instance, and what holds for a path when those above it are
// taken in.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwm2m/coap/msg.h"
#include "lwm2m/core/path.h"

#define ATTRIBUTE_SETS_MAX 24

enum attribute { PMIN, PMAX, GT, LT, ST, EPMIN, EPMAX, ATTRIBUTE_COUNT };

struct attribute_set {
	struct lwm2m_path path;
	double values[ATTRIBUTE_COUNT];
	uint8_t present; // bit per enum attribute
};

static inline bool attribute_has(const struct attribute_set *set, enum attribute which)
{
	return (set->present >> which & 1) != 0;
}

struct served;

// The query of a Write-Attributes. Returns the response code; nothing is changed on an error.
uint8_t attributes_write(struct served *served, const struct lwm2m_path *path, bool numeric,
			 const struct coap_msg *msg);
// What holds at path: its own, and where they are missing those of the levels above.
struct attribute_set attributes_effective(const struct served *served,
					  const struct lwm2m_path *path);
// Only what was written at exactly this path; NULL for nothing.
const struct attribute_set *attributes_at(const struct served *served,
					  const struct lwm2m_path *path);
// ";pmin=1;pmax=60", NUL-terminated; the length.
size_t attributes_format(const struct attribute_set *set, char *buf, size_t cap);
// Those of everything below path are forgotten.
void attributes_forget(struct served *served, const struct lwm2m_path *path);
