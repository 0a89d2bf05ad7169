// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/models/ddf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ITEM_REST                                       \
	"<MultipleInstances>Single</MultipleInstances>" \
	"<Mandatory>Optional</Mandatory><Type>Integer</Type>"
#define ITEM(id) \
	"<Item ID=\"" id "\"><Name>N" id "</Name><Operations>R</Operations>" ITEM_REST "</Item>"
#define HEAD                                           \
	"<Name>Thing</Name><ObjectID>33000</ObjectID>" \
	"<MultipleInstances>Multiple</MultipleInstances><Mandatory>Optional</Mandatory>"
#define OBJECT(inside)  "<Object>" inside "</Object>"
#define FILE_OF(inside) "<LWM2M>\n" inside "\n</LWM2M>"

static struct ctl_ddf_error err;

static struct ctl_definition *read_text(const char *text)
{
	// A block of the exact size lets a sanitizer see any overread.
	size_t len = strlen(text);
	char *copy = malloc(len + 1);
	struct ctl_definition *definition;

	memcpy(copy, text, len);
	definition = ctl_ddf_read(copy, len, &err);
	free(copy);
	return definition;
}

static void a_whole_object_is_read(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<!-- a comment -->\n"
		"<LWM2M xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n"
		"<Object ObjectType=\"MODefinition\">\n"
		"<Name> Pump </Name>"
		"<Description1><![CDATA[moves <water> & more]]></Description1>"
		"<ObjectID>33001</ObjectID><ObjectURN>urn:oma:lwm2m:x:33001:1.2</ObjectURN>"
		"<LWM2MVersion>1.1</LWM2MVersion><ObjectVersion>1.2</ObjectVersion>"
		"<MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory>"
		"<Resources>"
		"<Item ID=\"7\"><Name>Speeds</Name><Operations>RW</Operations>"
		"<MultipleInstances>Multiple</MultipleInstances><Mandatory>Mandatory</Mandatory>"
		"<Type>Unsigned Integer</Type><RangeEnumeration>0..9</RangeEnumeration>"
		"<Units>1/min</Units><Description>a &lt; b &#233;</Description></Item>"
		"<Item ID=\"3\"><Name>Stop</Name><Operations>E</Operations>"
		"<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory>"
		"<Type/><Later><Deep/></Later></Item>"
		"</Resources><Description2>end</Description2></Object></LWM2M>";
	struct ctl_definition *definition = read_text(text);
	const struct lwm2m_resource_info *resource;

	assert_non_null(definition);
	assert_null(definition->next);
	assert_int_equal(definition->object, 33001);
	assert_int_equal(definition->version, LWM2M_OBJECT_VERSION(1, 2));
	assert_false(definition->multiple);
	assert_true(definition->mandatory);
	assert_string_equal(definition->name, "Pump");
	assert_string_equal(definition->urn, "urn:oma:lwm2m:x:33001:1.2");
	assert_string_equal(definition->enabler, "1.1");
	assert_string_equal(definition->description, "moves <water> & more");
	assert_string_equal(definition->description2, "end");
	assert_int_equal(definition->resources_count, 2);
	resource = ctl_definition_resource(definition, 7);
	assert_ptr_equal(resource, &definition->resources[1]); // by id, not as they stand
	assert_int_equal(resource->object, 33001);
	assert_int_equal(resource->type, LWM2M_UNSIGNED_INTEGER);
	assert_int_equal(resource->operations, LWM2M_OP_READ | LWM2M_OP_WRITE);
	assert_true(resource->multiple);
	assert_true(resource->mandatory);
	assert_string_equal(resource->name, "Speeds");
	assert_string_equal(resource->range, "0..9");
	assert_string_equal(resource->units, "1/min");
	assert_string_equal(resource->description, "a < b \u00e9");
	resource = ctl_definition_resource(definition, 3);
	assert_int_equal(resource->type, LWM2M_NONE);
	assert_int_equal(resource->operations, LWM2M_OP_EXECUTE);
	assert_string_equal(resource->units, "");
	assert_null(ctl_definition_resource(definition, 8));
	ctl_definition_free(definition);
}

static void what_may_be_missing_has_defaults(void **state)
{
	struct ctl_definition *definition =
		read_text(FILE_OF(OBJECT(HEAD "<ObjectVersion></ObjectVersion><Resources/>")));

	assert_non_null(definition);
	assert_int_equal(definition->version, LWM2M_OBJECT_VERSION(1, 0));
	assert_string_equal(definition->enabler, "1.0");
	assert_string_equal(definition->urn, "urn:oma:lwm2m:x:33000");
	assert_string_equal(definition->description, "");
	assert_int_equal(definition->resources_count, 0);
	ctl_definition_free(definition);
}

static void a_file_may_have_several_objects_and_many_resources(void **state)
{
	struct ctl_definition *definition;
	char *text = malloc(1 << 20);
	size_t n = (size_t)sprintf(text, "<LWM2M>");

	for (int object = 0; object < 2; object++) {
		n += (size_t)sprintf(text + n,
				     "<Object><Name>T</Name><ObjectID>%d</ObjectID>"
				     "<MultipleInstances>Multiple</MultipleInstances>"
				     "<Mandatory>Optional</Mandatory><Resources>",
				     object);
		for (int id = 999; id >= 0; id--)
			n += (size_t)sprintf(text + n,
					     "<Item ID='%d'><Name>R</Name><Operations/>" ITEM_REST
					     "</Item>",
					     id);
		n += (size_t)sprintf(text + n, "</Resources></Object>");
	}
	strcpy(text + n, "</LWM2M>");
	definition = read_text(text);
	free(text);
	assert_non_null(definition);
	assert_int_equal(definition->next->object, 1);
	assert_int_equal(definition->next->resources_count, 1000);
	for (uint16_t id = 0; id < 1000; id++)
		assert_int_equal(ctl_definition_resource(definition->next, id)->resource, id);
	ctl_definition_free(definition);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned long line;
		const char *what;
	} cases[] = {
		{"", 1, "no element found"},
		{"hello", 1, "syntax error"},
		{"<LWM2M>\n<Object>\n</LWM2M>", 3, "mismatched tag"},
		{"<LWM2M>", 1, "no element found"},
		{FILE_OF("") "junk", 3, "junk after document element"},
		{"<LWM2M>\n&unknown;</LWM2M>", 2, "undefined entity"},
		{"<LWM2M>\n\xff\xfe</LWM2M>", 2, "not well-formed (invalid token)"},
		{"<html>\n</html>", 1, "the root element is <html>, not <LWM2M>"},
		{FILE_OF("<Other/>"), 3, "there is no <Object>"},
		{FILE_OF(OBJECT(HEAD)), 2, "<Resources> is missing in <Object>"},
		{FILE_OF(OBJECT("<Name>x</Name><Resources/>")), 2,
		 "<ObjectID> is missing in <Object>"},
		{FILE_OF(OBJECT(HEAD "<Resources/>\n<Resources/>")), 3,
		 "<Resources> is given twice"},
		{FILE_OF(OBJECT(HEAD "\n\n<Name>y</Name><Resources/>")), 4,
		 "<Name> is given twice"},
		{FILE_OF(OBJECT("<Name>a<b/></Name>")), 2,
		 "<b> is inside <Name>, which holds text only"},
		{FILE_OF(OBJECT("<ObjectID>65535</ObjectID>")), 2,
		 "<ObjectID> is '65535', not a number from 0 to 65534"},
		{FILE_OF(OBJECT("<ObjectID>-1</ObjectID>")), 2,
		 "<ObjectID> is '-1', not a number from 0 to 65534"},
		{FILE_OF(OBJECT("<ObjectID>4294967299</ObjectID>")), 2,
		 "<ObjectID> is '4294967299', not a number from 0 to 65534"},
		{FILE_OF(OBJECT("<ObjectVersion>one</ObjectVersion>")), 2,
		 "<ObjectVersion> is 'one', not a version such as 1.0"},
		{FILE_OF(OBJECT("<MultipleInstances>Few</MultipleInstances>")), 2,
		 "<MultipleInstances> is 'Few', not Multiple or Single"},
		{FILE_OF(OBJECT("<Mandatory></Mandatory>")), 2,
		 "<Mandatory> is '', not Mandatory or Optional"},
		{FILE_OF(OBJECT(HEAD "<Resources><Item></Item></Resources>")), 2,
		 "<Item> has no ID"},
		{FILE_OF(OBJECT(HEAD "<Resources><Item ID='x'></Item></Resources>")), 2,
		 "ID of <Item> is 'x', not a number from 0 to 65534"},
		{FILE_OF(OBJECT(HEAD "<Resources>" ITEM("1") "\n" ITEM("1") "</Resources>")), 3,
		 "resource 1 is defined twice"},
		{FILE_OF(OBJECT(HEAD "<Resources><Item ID='1'><Name>x</Name>" ITEM_REST
				     "</Item></Resources>")),
		 2, "<Operations> is missing in <Item>"},
		{FILE_OF(OBJECT(HEAD "<Resources><Item ID='1'>\n<Operations>X</Operations>"
				     "</Item></Resources>")),
		 3, "<Operations> is 'X', not R, W, RW, E or nothing"},
		{FILE_OF(OBJECT(HEAD "<Resources><Item ID='1'><Type>string</Type></Item>"
				     "</Resources>")),
		 2,
		 "<Type> is 'string', not a type (String, Integer, Unsigned Integer, Float, "
		 "Boolean, Opaque, Time, Objlnk, Corelnk or nothing)"},
		{FILE_OF(OBJECT("<ObjectVersion>1234567890123456789012345678901234567890123"
				"</ObjectVersion>")),
		 2,
		 "<ObjectVersion> is '1234567890123456789012345678901234567890..', not a version "
		 "such as 1.0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(read_text(cases[i].text));
		assert_string_equal(err.what, cases[i].what);
		assert_int_equal(err.line, cases[i].line);
	}
}

static void entities_cannot_be_declared(void **state)
{
	static const char *const texts[] = {
		("<!DOCTYPE LWM2M [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
		 "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]>\n<LWM2M>&c;</LWM2M>"),
		"<!DOCTYPE LWM2M [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><LWM2M>&x;</LWM2M>",
		"<!DOCTYPE LWM2M SYSTEM \"http://127.0.0.1/x.dtd\"><LWM2M/>",
		"<!DOCTYPE LWM2M><LWM2M/>",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(read_text(texts[i]));
		assert_string_equal(err.what, "a document type declaration is not allowed");
		assert_int_equal(err.line, 1);
	}
}

static void sizes_are_bounded(void **state)
{
	static char text[CTL_DDF_MAX + 2];
	struct ctl_definition *definition;
	size_t n;

	memset(text, ' ', sizeof(text) - 1);
	assert_null(read_text(text));
	assert_string_equal(err.what, "the file has more than 1048576 bytes");

	n = (size_t)sprintf(text, "<LWM2M><Object>" HEAD "<Resources/><Description1>");
	memset(text + n, 'x', CTL_DDF_TEXT_MAX);
	strcpy(text + n + CTL_DDF_TEXT_MAX, "</Description1></Object></LWM2M>");
	definition = read_text(text);
	assert_non_null(definition);
	assert_int_equal(strlen(definition->description), CTL_DDF_TEXT_MAX);
	ctl_definition_free(definition);
	text[n + CTL_DDF_TEXT_MAX] = 'x';
	strcpy(text + n + CTL_DDF_TEXT_MAX + 1, "</Description1></Object></LWM2M>");
	assert_null(read_text(text));
	assert_string_equal(err.what, "<Description1> has more than 65536 bytes");

	// Elements as deep as the file is long.
	for (n = 0; n + 7 < CTL_DDF_MAX; n += 7)
		memcpy(text + n, "<LWM2M>", 7);
	text[n] = '\0';
	assert_null(read_text(text));
	assert_string_equal(err.what, "no element found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_object_is_read),
		cmocka_unit_test(what_may_be_missing_has_defaults),
		cmocka_unit_test(a_file_may_have_several_objects_and_many_resources),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(entities_cannot_be_declared),
		cmocka_unit_test(sizes_are_bounded),
	};

	return cmocka_run_group_tests_name("control/models/ddf", tests, NULL, NULL);
}
