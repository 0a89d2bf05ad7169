// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/value_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Times are kept small enough for milliseconds (codec/node.h).
#define TIME_MAX_S (INT64_MAX / 1000)

enum lwm2m_type ctl_type_parse(const char *name)
{
	for (int type = 0; type < LWM2M_TYPE_COUNT; type++)
		if (type != LWM2M_NONE &&
		    strcasecmp(name, lwm2m_type_name((enum lwm2m_type)type)) == 0)
			return (enum lwm2m_type)type;
	return LWM2M_TYPE_COUNT;
}

static enum lwm2m_type guess(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_STRING:
		return LWM2M_STRING;
	case JSON_INTEGER:
		return LWM2M_INTEGER;
	case JSON_REAL:
		return LWM2M_FLOAT;
	case JSON_TRUE:
	case JSON_FALSE:
		return LWM2M_BOOLEAN;
	case JSON_OBJECT:
		return LWM2M_OBJLNK;
	case JSON_ARRAY:
	case JSON_NULL:
		break;
	}
	return LWM2M_NONE;
}

// The text of a number in a string, without leading or trailing space. NULL when it is none.
static const char *number_text(const json_t *json)
{
	const char *text = json_string_value(json);
	size_t len = json_string_length(json);

	if (!text || len == 0 || strlen(text) != len ||
	    (text[0] != '-' && text[0] != '+' && text[0] != '.' &&
	     (text[0] < '0' || text[0] > '9')))
		return NULL;
	return text;
}

static bool parse_integer(int64_t *to, const json_t *json)
{
	const char *text = number_text(json);
	char *end;

	*to = json_integer_value(json);
	if (json_is_integer(json))
		return true;
	if (!text)
		return false;
	errno = 0;
	*to = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && end[-1] >= '0';
}

static bool parse_natural(uint64_t *to, const json_t *json)
{
	const char *text = number_text(json);
	char *end;

	*to = (uint64_t)json_integer_value(json);
	if (json_is_integer(json))
		return json_integer_value(json) >= 0;
	if (!text || *text == '-')
		return false;
	errno = 0;
	*to = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && end[-1] >= '0';
}

static bool parse_float(double *to, const json_t *json)
{
	const char *text = number_text(json);
	char *end;

	*to = json_number_value(json);
	if (json_is_number(json))
		return true;
	if (!text || strpbrk(text, "xX"))
		return false;
	errno = 0;
	*to = strtod(text, &end);
	return *end == '\0' && end != text && (errno == 0 || *to == 0);
}

static bool parse_boolean(bool *to, const json_t *json)
{
	const char *text = json_string_value(json);

	*to = json_is_true(json) || (text && strcasecmp(text, "true") == 0);
	return json_is_boolean(json) || *to || (text && strcasecmp(text, "false") == 0);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *parse_opaque(struct lwm2m_value *value, const json_t *json,
				struct lwm2m_arena *arena)
{
	const char *text = json_string_value(json);
	size_t len = json_string_length(json);
	uint8_t *bytes;

	if (!text || len % 2 != 0)
		return "is not hex";
	bytes = lwm2m_arena_take(arena, len / 2 + 1);
	if (!bytes)
		return "does not fit";
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return "is not hex";
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	value->bytes.data = bytes;
	value->bytes.len = len / 2;
	return NULL;
}

static bool parse_id(const json_t *json, uint16_t *id)
{
	json_int_t n = json_integer_value(json);

	*id = (uint16_t)n;
	return json_is_integer(json) && n >= 0 && n <= UINT16_MAX;
}

static bool parse_objlnk(struct lwm2m_value *value, const json_t *json)
{
	const char *text = json_string_value(json);
	unsigned long object, instance;
	char *end;

	if (!text)
		return parse_id(json_object_get(json, "objectId"), &value->objlnk.object) &&
		       parse_id(json_object_get(json, "objectInstanceId"), &value->objlnk.instance);
	if (*text < '0' || *text > '9')
		return false;
	object = strtoul(text, &end, 10);
	if (*end != ':' || end[1] < '0' || end[1] > '9')
		return false;
	instance = strtoul(end + 1, &end, 10);
	if (*end != '\0' || object > UINT16_MAX || instance > UINT16_MAX)
		return false;
	value->objlnk.object = (uint16_t)object;
	value->objlnk.instance = (uint16_t)instance;
	return true;
}

static bool parse_time(int64_t *to, const json_t *json)
{
	if (!parse_integer(to, json))
		return false;
	*to = *to / 1000 - (*to % 1000 < 0);
	return *to <= TIME_MAX_S && *to >= -TIME_MAX_S;
}

static const char *parse_text(struct lwm2m_value *value, const json_t *json)
{
	const char *text = json_string_value(json);

	if (!text)
		return "is not a string";
	if (strlen(text) != json_string_length(json))
		return "holds a zero byte";
	value->bytes.data = (const uint8_t *)text;
	value->bytes.len = strlen(text);
	return NULL;
}

const char *ctl_value_parse(struct lwm2m_value *value, enum lwm2m_type type, const json_t *json,
			    struct lwm2m_arena *arena)
{
	bool boolean;

	if (!json)
		return "has no value";
	if (type == LWM2M_NONE)
		type = guess(json);
	*value = (struct lwm2m_value){.type = (uint8_t)type};
	switch (type) {
	case LWM2M_STRING:
	case LWM2M_CORELINK:
		return parse_text(value, json);
	case LWM2M_INTEGER:
		return parse_integer(&value->integer, json) ? NULL : "is not an integer";
	case LWM2M_UNSIGNED_INTEGER:
		return parse_natural(&value->natural, json) ? NULL : "is not an unsigned integer";
	case LWM2M_FLOAT:
		return parse_float(&value->number, json) ? NULL : "is not a number";
	case LWM2M_BOOLEAN:
		if (!parse_boolean(&boolean, json))
			return "is not a boolean";
		value->boolean = boolean;
		return NULL;
	case LWM2M_OPAQUE:
		return parse_opaque(value, json, arena);
	case LWM2M_TIME:
		return parse_time(&value->integer, json) ? NULL : "is not a time in milliseconds";
	case LWM2M_OBJLNK:
		return parse_objlnk(value, json) ? NULL : "is not a link to an object instance";
	case LWM2M_NONE:
	case LWM2M_TYPE_COUNT:
		break;
	}
	return "has no value";
}
