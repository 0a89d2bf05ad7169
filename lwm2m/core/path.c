// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/path.h"

// Reads one id at *p and moves past it.
static bool id_parse(const char **p, const char *end, uint16_t *id)
{
	const char *start = *p;
	uint32_t value = 0;

	while (*p < end && **p >= '0' && **p <= '9' && value < LWM2M_ID_RESERVED)
		value = value * 10 + (uint32_t)(*(*p)++ - '0');
	if (*p == start || value >= LWM2M_ID_RESERVED || (*start == '0' && *p - start > 1))
		return false;
	*id = (uint16_t)value;
	return true;
}

bool lwm2m_path_parse(struct lwm2m_path *path, const char *text, size_t len)
{
	const char *end = text + len;

	*path = (struct lwm2m_path){0};
	if (len == 1 && *text == '/')
		return true;
	if (len == 0)
		return false;
	for (const char *p = text; p < end;) {
		if (path->depth == 4 || *p++ != '/' || !id_parse(&p, end, &path->ids[path->depth]))
			return false;
		path->depth++;
	}
	return true;
}

static char *id_format(char *at, uint16_t id)
{
	char digits[5];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + id % 10);
		id /= 10;
	} while (id);
	while (n)
		*at++ = digits[--n];
	return at;
}

size_t lwm2m_path_format(const struct lwm2m_path *path, char buf[static LWM2M_PATH_TEXT_MAX])
{
	char *at = buf;

	for (uint8_t i = 0; i < path->depth; i++) {
		*at++ = '/';
		at = id_format(at, path->ids[i]);
	}
	if (path->depth == 0)
		*at++ = '/';
	*at = '\0';
	return (size_t)(at - buf);
}

bool lwm2m_path_within(const struct lwm2m_path *path, const struct lwm2m_path *prefix)
{
	if (path->depth < prefix->depth)
		return false;
	for (uint8_t i = 0; i < prefix->depth; i++) {
		if (path->ids[i] != prefix->ids[i])
			return false;
	}
	return true;
}
