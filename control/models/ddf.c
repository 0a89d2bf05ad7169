// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// <LWM2M><Object>fields<Resources><Item ID="..">fields</Item>..</Resources></Object>..</LWM2M>.
// Elements that are not known are passed over with all they contain.
#include "control/models/ddf.h"

#include <expat.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum place { OUTSIDE, IN_FILE, IN_OBJECT, IN_RESOURCES, IN_ITEM };

struct reader;

struct field {
	const char *name;
	bool required;
	void (*take)(struct reader *reader); // the text is complete
};

struct reader {
	XML_Parser parser;
	struct ctl_ddf_error *err;
	bool failed;
	enum place place;
	unsigned skipping;                   // depth below an element that is passed over
	const struct field *field;           // whose text is being collected
	uint32_t object_fields, item_fields; // seen so far, by place in their tables
	bool resources;                      // <Resources> was seen
	struct ctl_definition *first, *last;
	struct lwm2m_resource_info *resource;
	size_t len;
	char text[CTL_DDF_TEXT_MAX];
};

static void __attribute__((format(printf, 2, 3)))
fail(struct reader *reader, const char *format, ...)
{
	va_list args;

	if (reader->failed)
		return;
	reader->failed = true;
	reader->err->line = XML_GetCurrentLineNumber(reader->parser);
	va_start(args, format);
	vsnprintf(reader->err->what, sizeof(reader->err->what), format, args);
	va_end(args);
	XML_StopParser(reader->parser, XML_FALSE);
}

static void fail_value(struct reader *reader, const char *wanted)
{
	fail(reader, "<%s> is '%.*s%s', not %s", reader->field->name,
	     reader->len > 40 ? 40 : (int)reader->len, reader->text, reader->len > 40 ? ".." : "",
	     wanted);
}

static bool text_is(const struct reader *reader, const char *wanted)
{
	return reader->len == strlen(wanted) && memcmp(reader->text, wanted, reader->len) == 0;
}

static const char *copy(struct reader *reader)
{
	const char *text = ctl_definition_text(reader->last, reader->text, reader->len);

	if (text == NULL)
		fail(reader, "out of memory");
	return text != NULL ? text : "";
}

static bool id_parse(const char *text, size_t len, uint16_t *id)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || i == 5)
			return false;
		value = value * 10 + (uint32_t)(text[i] - '0');
	}
	*id = (uint16_t)value;
	return len > 0 && value < UINT16_MAX; // 65535 is no id: core 1.1.1 table 7.1-1
}

static bool take_choice(struct reader *reader, const char *yes, const char *no)
{
	char wanted[64];

	if (text_is(reader, yes))
		return true;
	if (!text_is(reader, no)) {
		snprintf(wanted, sizeof(wanted), "%s or %s", yes, no);
		fail_value(reader, wanted);
	}
	return false;
}

static void object_name(struct reader *reader)
{
	reader->last->name = copy(reader);
}

static void object_id(struct reader *reader)
{
	if (!id_parse(reader->text, reader->len, &reader->last->object))
		fail_value(reader, "a number from 0 to 65534");
}

static void object_urn(struct reader *reader)
{
	reader->last->urn = copy(reader);
}

static void object_enabler(struct reader *reader)
{
	if (reader->len > 0)
		reader->last->enabler = copy(reader);
}

static void object_version(struct reader *reader)
{
	if (reader->len > 0 &&
	    !lwm2m_object_version_parse(&reader->last->version, reader->text, reader->len))
		fail_value(reader, "a version such as 1.0");
}

static void object_multiple(struct reader *reader)
{
	reader->last->multiple = take_choice(reader, "Multiple", "Single");
}

static void object_mandatory(struct reader *reader)
{
	reader->last->mandatory = take_choice(reader, "Mandatory", "Optional");
}

static void object_description(struct reader *reader)
{
	reader->last->description = copy(reader);
}

static void object_description2(struct reader *reader)
{
	reader->last->description2 = copy(reader);
}

static void item_name(struct reader *reader)
{
	reader->resource->name = copy(reader);
}

static void item_operations(struct reader *reader)
{
	static const struct {
		const char *text;
		uint8_t operations;
	} known[] = {
		{"", 0},
		{"R", LWM2M_OP_READ},
		{"W", LWM2M_OP_WRITE},
		{"RW", LWM2M_OP_READ | LWM2M_OP_WRITE},
		{"E", LWM2M_OP_EXECUTE},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (text_is(reader, known[i].text)) {
			reader->resource->operations = known[i].operations;
			return;
		}
	}
	fail_value(reader, "R, W, RW, E or nothing");
}

static void item_multiple(struct reader *reader)
{
	reader->resource->multiple = take_choice(reader, "Multiple", "Single");
}

static void item_mandatory(struct reader *reader)
{
	reader->resource->mandatory = take_choice(reader, "Mandatory", "Optional");
}

static void item_type(struct reader *reader)
{
	static const struct {
		const char *text;
		uint8_t type;
	} known[] = {
		{"", LWM2M_NONE},           {"String", LWM2M_STRING},
		{"Integer", LWM2M_INTEGER}, {"Unsigned Integer", LWM2M_UNSIGNED_INTEGER},
		{"Float", LWM2M_FLOAT},     {"Boolean", LWM2M_BOOLEAN},
		{"Opaque", LWM2M_OPAQUE},   {"Time", LWM2M_TIME},
		{"Objlnk", LWM2M_OBJLNK},   {"Corelnk", LWM2M_CORELINK},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (text_is(reader, known[i].text)) {
			reader->resource->type = known[i].type;
			return;
		}
	}
	fail_value(reader, "a type (String, Integer, Unsigned Integer, Float, Boolean, Opaque, "
			   "Time, Objlnk, Corelnk or nothing)");
}

static void item_range(struct reader *reader)
{
	reader->resource->range = copy(reader);
}

static void item_units(struct reader *reader)
{
	reader->resource->units = copy(reader);
}

static void item_description(struct reader *reader)
{
	reader->resource->description = copy(reader);
}

static const struct field object_fields[] = {
	{"Name", true, object_name},
	{"ObjectID", true, object_id},
	{"ObjectURN", false, object_urn},
	{"LWM2MVersion", false, object_enabler},
	{"ObjectVersion", false, object_version},
	{"MultipleInstances", true, object_multiple},
	{"Mandatory", true, object_mandatory},
	{"Description1", false, object_description},
	{"Description2", false, object_description2},
	{0},
};

static const struct field item_fields[] = {
	{"Name", true, item_name},
	{"Operations", true, item_operations},
	{"MultipleInstances", true, item_multiple},
	{"Mandatory", true, item_mandatory},
	{"Type", true, item_type},
	{"RangeEnumeration", false, item_range},
	{"Units", false, item_units},
	{"Description", false, item_description},
	{0},
};

static void start_field(struct reader *reader, const struct field *fields, uint32_t *seen,
			const char *name)
{
	for (uint32_t i = 0; fields[i].name != NULL; i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		if (*seen & 1u << i)
			fail(reader, "<%s> is given twice", name);
		*seen |= 1u << i;
		reader->field = &fields[i];
		reader->len = 0;
		return;
	}
	reader->skipping = 1;
}

static void check_fields(struct reader *reader, const struct field *fields, uint32_t seen,
			 const char *of)
{
	for (uint32_t i = 0; fields[i].name != NULL; i++)
		if (fields[i].required && !(seen & 1u << i))
			fail(reader, "<%s> is missing in <%s>", fields[i].name, of);
}

static void start_object(struct reader *reader)
{
	struct ctl_definition *definition = ctl_definition_new();

	if (definition == NULL) {
		fail(reader, "out of memory");
		return;
	}
	if (reader->last != NULL)
		reader->last->next = definition;
	else
		reader->first = definition;
	reader->last = definition;
	reader->place = IN_OBJECT;
	reader->object_fields = 0;
	reader->resources = false;
}

static void start_item(struct reader *reader, const char **attrs)
{
	uint16_t id;

	while (attrs[0] != NULL && strcmp(attrs[0], "ID") != 0)
		attrs += 2;
	if (attrs[0] == NULL) {
		fail(reader, "<Item> has no ID");
		return;
	}
	if (!id_parse(attrs[1], strlen(attrs[1]), &id)) {
		fail(reader, "ID of <Item> is '%.40s', not a number from 0 to 65534", attrs[1]);
		return;
	}
	reader->resource = ctl_definition_add(reader->last);
	if (reader->resource == NULL) {
		fail(reader, "out of memory");
		return;
	}
	reader->resource->resource = id;
	reader->place = IN_ITEM;
	reader->item_fields = 0;
}

static void start_resources(struct reader *reader)
{
	if (reader->resources)
		fail(reader, "<Resources> is given twice");
	reader->resources = true;
	reader->place = IN_RESOURCES;
}

static void on_start(void *arg, const char *name, const char **attrs)
{
	struct reader *reader = arg;

	if (reader->skipping > 0) {
		reader->skipping++;
		return;
	}
	if (reader->field != NULL) {
		fail(reader, "<%.40s> is inside <%s>, which holds text only", name,
		     reader->field->name);
		return;
	}
	if (reader->place == OUTSIDE && strcmp(name, "LWM2M") != 0)
		fail(reader, "the root element is <%.40s>, not <LWM2M>", name);
	else if (reader->place == OUTSIDE)
		reader->place = IN_FILE;
	else if (reader->place == IN_FILE && strcmp(name, "Object") == 0)
		start_object(reader);
	else if (reader->place == IN_OBJECT && strcmp(name, "Resources") == 0)
		start_resources(reader);
	else if (reader->place == IN_OBJECT)
		start_field(reader, object_fields, &reader->object_fields, name);
	else if (reader->place == IN_RESOURCES && strcmp(name, "Item") == 0)
		start_item(reader, attrs);
	else if (reader->place == IN_ITEM)
		start_field(reader, item_fields, &reader->item_fields, name);
	else
		reader->skipping = 1;
}

static void on_text(void *arg, const char *text, int len)
{
	struct reader *reader = arg;

	if (reader->field == NULL || reader->skipping > 0 || reader->failed)
		return;
	if ((size_t)len > sizeof(reader->text) - reader->len) {
		fail(reader, "<%s> has more than %u bytes", reader->field->name, CTL_DDF_TEXT_MAX);
		return;
	}
	memcpy(reader->text + reader->len, text, (size_t)len);
	reader->len += (size_t)len;
}

static void end_field(struct reader *reader)
{
	static const char space[] = " \t\r\n";
	size_t lead = 0;

	while (reader->len > 0 && strchr(space, reader->text[reader->len - 1]) != NULL)
		reader->len--;
	while (lead < reader->len && strchr(space, reader->text[lead]) != NULL)
		lead++;
	reader->len -= lead;
	memmove(reader->text, reader->text + lead, reader->len);
	reader->field->take(reader);
	reader->field = NULL;
}

static int compare_ids(const void *a, const void *b)
{
	const struct lwm2m_resource_info *left = a, *right = b;

	return left->resource - right->resource;
}

// The id may stand behind the resources, hence it is put into them here.
static void end_object(struct reader *reader)
{
	struct ctl_definition *definition = reader->last;

	check_fields(reader, object_fields, reader->object_fields, "Object");
	if (!reader->resources)
		fail(reader, "<Resources> is missing in <Object>");
	if (definition->resources_count > 0)
		qsort(definition->resources, definition->resources_count,
		      sizeof(*definition->resources), compare_ids);
	for (uint32_t i = 0; i < definition->resources_count; i++) {
		struct lwm2m_resource_info *resource = &definition->resources[i];

		resource->object = definition->object;
		if (i > 0 && resource[-1].resource == resource->resource)
			fail(reader, "resource %u is defined twice", resource->resource);
	}
	if (definition->urn[0] == '\0' && !ctl_definition_name_urn(definition))
		fail(reader, "out of memory");
}

static void on_end(void *arg, const char *name)
{
	struct reader *reader = arg;

	if (reader->failed)
		return;
	if (reader->skipping > 0) {
		reader->skipping--;
		return;
	}
	if (reader->field != NULL) {
		end_field(reader);
		return;
	}
	if (reader->place == IN_ITEM)
		check_fields(reader, item_fields, reader->item_fields, "Item");
	else if (reader->place == IN_OBJECT)
		end_object(reader);
	reader->place--;
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id,
		       int internal)
{
	fail(arg, "a document type declaration is not allowed");
}

static void parse(struct reader *reader, const char *text, size_t len)
{
	XML_SetUserData(reader->parser, reader);
	XML_SetElementHandler(reader->parser, on_start, on_end);
	XML_SetCharacterDataHandler(reader->parser, on_text);
	XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
	if (XML_Parse(reader->parser, text, (int)len, XML_TRUE) != XML_STATUS_OK)
		fail(reader, "%s", XML_ErrorString(XML_GetErrorCode(reader->parser)));
	else if (reader->first == NULL)
		fail(reader, "there is no <Object>");
}

struct ctl_definition *ctl_ddf_read(const char *text, size_t len, struct ctl_ddf_error *err)
{
	struct reader *reader;
	struct ctl_definition *first;

	*err = (struct ctl_ddf_error){.line = 1, .what = "out of memory"};
	if (len > CTL_DDF_MAX) {
		snprintf(err->what, sizeof(err->what), "the file has more than %u bytes",
			 CTL_DDF_MAX);
		return NULL;
	}
	reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return NULL;
	reader->err = err;
	reader->failed = true; // until there is a parser: what it says is in err already
	reader->parser = XML_ParserCreate(NULL);
	if (reader->parser != NULL) {
		reader->failed = false;
		parse(reader, text, len);
		XML_ParserFree(reader->parser);
	}
	first = reader->first;
	if (reader->failed) {
		ctl_definition_free(first);
		first = NULL;
	}
	free(reader);
	return first;
}
