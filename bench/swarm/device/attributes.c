// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/served.h"

static const char *const names[ATTRIBUTE_COUNT] = {"pmin", "pmax",  "gt",   "lt",
						   "st",   "epmin", "epmax"};

static struct attribute_set *find(struct served *served, const struct lwm2m_path *path)
{
	for (uint32_t i = 0; i < served->attributes_count; i++) {
		struct attribute_set *set = &served->attributes[i];
		if (set->path.depth == path->depth && lwm2m_path_within(&set->path, path))
			return set;
	}
	return NULL;
}

const struct attribute_set *attributes_at(const struct served *served,
					  const struct lwm2m_path *path)
{
	for (uint32_t i = 0; served != NULL && i < served->attributes_count; i++) {
		const struct attribute_set *set = &served->attributes[i];
		if (set->path.depth == path->depth && lwm2m_path_within(&set->path, path))
			return set;
	}
	return NULL;
}

struct attribute_set attributes_effective(const struct served *served,
					  const struct lwm2m_path *path)
{
	struct attribute_set all = {.path = *path};
	struct lwm2m_path at = *path;
	for (; at.depth > 0; at.depth--) {
		const struct attribute_set *set = attributes_at(served, &at);
		for (unsigned i = 0; set != NULL && i < ATTRIBUTE_COUNT; i++) {
			if (attribute_has(set, i) && !attribute_has(&all, i)) {
				all.values[i] = set->values[i];
				all.present |= (uint8_t)(1u << i);
			}
		}
	}
	return all;
}

// One of "pmin=5", or "pmin" to take it away again.
static bool apply(struct attribute_set *set, const struct coap_opt *opt)
{
	char text[48], *end;
	if (opt->len >= sizeof(text))
		return false;
	memcpy(text, opt->value, opt->len);
	text[opt->len] = 0;
	char *value = strchr(text, '=');
	if (value != NULL)
		*value++ = 0;
	for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		set->present &= (uint8_t) ~(1u << i);
		if (value == NULL || *value == 0)
			return true;
		bool whole = i == PMIN || i == PMAX || i == EPMIN || i == EPMAX;
		if (strspn(value, whole ? "0123456789" : "+-.0123456789eE") != strlen(value))
			return false;
		set->values[i] = strtod(value, &end);
		set->present |= (uint8_t)(1u << i);
		return *end == 0;
	}
	return false;
}

// LwM2M core 1.1.1 section 5.1.2, table 5.1.2-2.
static bool consistent(const struct attribute_set *set, bool numeric)
{
	const uint8_t conditions = 1u << GT | 1u << LT | 1u << ST;
	double step = attribute_has(set, ST) ? set->values[ST] : 0;
	if ((set->present & conditions) != 0 && (!numeric || set->path.depth < 3 || step < 0))
		return false;
	if (attribute_has(set, LT) && attribute_has(set, GT) &&
	    set->values[LT] + 2 * step >= set->values[GT])
		return false;
	return !attribute_has(set, EPMIN) || !attribute_has(set, EPMAX) ||
	       set->values[EPMIN] < set->values[EPMAX];
}

uint8_t attributes_write(struct served *served, const struct lwm2m_path *path, bool numeric,
			 const struct coap_msg *msg)
{
	struct attribute_set *old = find(served, path);
	struct attribute_set set = {.path = *path};
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	if (old != NULL)
		set = *old;
	while (coap_opts_next(&it, &opt)) {
		if (opt.number == COAP_OPT_URI_QUERY && !apply(&set, &opt))
			return COAP_BAD_REQUEST;
	}
	if (!consistent(&set, numeric))
		return COAP_BAD_REQUEST;
	if (old == NULL && served->attributes_count == ATTRIBUTE_SETS_MAX)
		return COAP_INTERNAL_SERVER_ERROR;
	*(old != NULL ? old : &served->attributes[served->attributes_count++]) = set;
	return COAP_CHANGED;
}

size_t attributes_format(const struct attribute_set *set, char *buf, size_t cap)
{
	size_t len = 0;
	buf[0] = 0;
	for (unsigned i = 0; i < ATTRIBUTE_COUNT && len + 32 < cap; i++) {
		if (attribute_has(set, i))
			len += (size_t)snprintf(buf + len, cap - len, ";%s=%.10g", names[i],
						set->values[i]);
	}
	return len;
}

void attributes_forget(struct served *served, const struct lwm2m_path *path)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < served->attributes_count; i++) {
		if (!lwm2m_path_within(&served->attributes[i].path, path))
			served->attributes[n++] = served->attributes[i];
	}
	served->attributes_count = n;
}
