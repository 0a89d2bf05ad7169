// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/models/models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/control/support/device.h"

static char dir[] = "/tmp/sluice-models-XXXXXX";
static char problems[8192];
static struct ctl_models *models;
static struct ctl_registry *registry;
static uint64_t last_key;

static void note(const char *text, void *arg)
{
	size_t n = strlen(problems);
	size_t skip = strncmp(text, dir, strlen(dir)) == 0 ? strlen(dir) : 0;

	snprintf(problems + n, sizeof(problems) - n, "%s\n", text + skip);
}

static void file_put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

// An object of that version with one resource, 5700, of that type.
static void object_put(const char *name, unsigned object, const char *version, const char *type)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "<LWM2M><Object><Name>O</Name><ObjectID>%u</ObjectID>"
		 "<ObjectVersion>%s</ObjectVersion><MultipleInstances>Multiple"
		 "</MultipleInstances><Mandatory>Optional</Mandatory><Resources>"
		 "<Item ID=\"5700\"><Name>V</Name><Operations>R</Operations>"
		 "<MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory>"
		 "<Type>%s</Type></Item></Resources></Object></LWM2M>",
		 object, version, type);
	file_put(name, text);
}

static int setup(void **state)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	problems[0] = '\0';
	last_key = 0;
	registry = ctl_registry_new();
	return registry == NULL;
}

static int teardown(void **state)
{
	char command[128];

	ctl_registry_free(registry);
	ctl_models_free(models);
	models = NULL;
	snprintf(command, sizeof(command), "rm -r '%s'", dir);
	return system(command);
}

static void load(const char *from)
{
	models = ctl_models_new(from, note, NULL);
	assert_non_null(models);
}

static struct ctl_record *record_of(uint64_t location, const char *query, const char *links)
{
	union device_event event;
	struct ctl_record *record;
	const char *why;
	uint8_t code;

	device_register(&event, location, query, links);
	record = ctl_record_from_register(&event.ev, &code, &why);
	assert_non_null(record);
	return record;
}

static struct ctl_reg *device(const char *query, const char *links)
{
	last_key++;
	return ctl_registry_add(registry, last_key,
				record_of(DEVICE_LOCATION(last_key), query, links));
}

// The type of a resource of the device; -1 when it is not known.
static int type_of(struct ctl_reg *reg, uint16_t object, uint16_t resource)
{
	const struct lwm2m_resource_info *info =
		lwm2m_model_resource(ctl_model_of(models, reg), object, resource);

	if (info == NULL)
		return -1;
	assert_int_equal(info->object, object);
	assert_int_equal(info->resource, resource);
	return info->type;
}

static void built_in_objects_come_in_the_version_of_the_enabler(void **state)
{
	struct ctl_reg *old, *new;

	load(NULL);
	old = device("ep=a&lwm2m=1.0", "</1/0>,</3/0>,</4/0>");
	new = device("ep=b&lwm2m=1.1", "</1/0>,</3/0>,</4/0>");
	assert_int_equal(type_of(old, 1, 1), LWM2M_INTEGER);
	assert_int_equal(type_of(old, 1, 23), -1); // Mute Send is of 1.1
	assert_int_equal(type_of(new, 1, 23), LWM2M_BOOLEAN);
	assert_int_equal(type_of(old, 4, 12), -1);
	assert_int_equal(type_of(new, 4, 12), LWM2M_INTEGER);
	assert_int_equal(type_of(new, 4, 13), -1); // of version 1.3
	assert_int_equal(type_of(new, 9999, 0), -1);
}

static void a_version_in_a_link_goes_before_the_default(void **state)
{
	struct ctl_reg *reg;

	load(NULL);
	reg = device("ep=a&lwm2m=1.0", "</1>;ver=1.1,</1/0>,</3303>;ver=\"1.1\",</3303/0>");
	assert_int_equal(type_of(reg, 1, 23), LWM2M_BOOLEAN);
	assert_int_equal(type_of(reg, 3303, 5518), LWM2M_TIME);
	assert_int_equal(type_of(reg, 3, 22), LWM2M_OBJLNK);
	// On the link of an instance too, and below an alternate root.
	reg = device("ep=b&lwm2m=1.0", "</x/1/0>;ver=1.1,</x/>;rt=\"oma.lwm2m\",</3303>;ver=1.1");
	assert_int_equal(type_of(reg, 1, 23), LWM2M_BOOLEAN);
	assert_int_equal(type_of(reg, 3303, 5518), -1); // not below the root
	// What is no version is none.
	reg = device("ep=c&lwm2m=1.1", "</1>;ver=0.x,</1/0>");
	assert_int_equal(type_of(reg, 1, 23), LWM2M_BOOLEAN);
}

static void a_version_that_nobody_knows_is_read_as_the_nearest(void **state)
{
	struct ctl_reg *reg;

	object_put("a.xml", 33000, "1.1", "Integer");
	object_put("b.xml", 33000, "1.3", "Float");
	object_put("c.xml", 33001, "2.0", "Float");
	load(dir);
	assert_string_equal(problems, "");
	reg = device("ep=a&lwm2m=1.1", "</33000/0>,</33001/0>,</3>;ver=1.9");
	assert_int_equal(type_of(reg, 33000, 5700), LWM2M_INTEGER); // 1.0: the oldest
	assert_int_equal(type_of(reg, 33001, 5700), -1);            // another major version
	assert_int_equal(type_of(reg, 3, 0), LWM2M_STRING);
	reg = device("ep=b&lwm2m=1.1", "</33000>;ver=1.2,</33001>;ver=2.4,</3>;ver=2.0");
	assert_int_equal(type_of(reg, 33000, 5700), LWM2M_INTEGER);
	assert_int_equal(type_of(reg, 33001, 5700), LWM2M_FLOAT);
	assert_int_equal(type_of(reg, 3, 0), -1);
	reg = device("ep=c&lwm2m=1.1", "</33000>;ver=1.3");
	assert_int_equal(type_of(reg, 33000, 5700), LWM2M_FLOAT);
}

static void a_file_goes_before_what_is_built_in(void **state)
{
	object_put("temperature.xml", 3303, "1.1", "Integer");
	load(dir);
	assert_int_equal(type_of(device("ep=a&lwm2m=1.1", "</3303>;ver=1.1"), 3303, 5700),
			 LWM2M_INTEGER);
	assert_int_equal(type_of(device("ep=b&lwm2m=1.1", "</3303/0>"), 3303, 5700), LWM2M_FLOAT);
}

static void an_update_may_change_versions(void **state)
{
	struct ctl_reg *reg;

	load(NULL);
	reg = device("ep=a&lwm2m=1.0", "</1/0>");
	assert_int_equal(type_of(reg, 1, 23), -1);
	ctl_registry_update(registry, reg,
			    record_of(reg->record->location, "ep=a&lwm2m=1.0", "</1>;ver=1.1"));
	assert_int_equal(type_of(reg, 1, 23), LWM2M_BOOLEAN);
}

static void devices_that_mean_the_same_share_a_model(void **state)
{
	static const char links[] = "</1>;ver=1.1,</3>;ver=1.2,</3/0>";
	struct ctl_reg *a, *b, *c;

	load(NULL);
	a = device("ep=a&lwm2m=1.1", links);
	b = device("ep=b&lwm2m=1.1", "</3/0>;ver=1.2,</6/0>,</5555>;ver=1.7");
	assert_ptr_equal(ctl_model_of(models, a), ctl_model_of(models, b));
	c = device("ep=c&lwm2m=1.0", links);
	assert_ptr_not_equal(ctl_model_of(models, a), ctl_model_of(models, c));
	ctl_registry_remove(registry, a);
	assert_int_equal(type_of(b, 3, 9), LWM2M_INTEGER);
	ctl_registry_remove(registry, b);
	assert_int_equal(type_of(c, 1, 23), LWM2M_BOOLEAN);
	// Plain devices share one too.
	a = device("ep=d&lwm2m=1.1", "</3/0>");
	b = device("ep=e&lwm2m=1.1", "</4/0>,</3/0>;ver=1.1");
	assert_ptr_equal(ctl_model_of(models, a), ctl_model_of(models, b));
}

static void without_models_the_built_in_table_answers(void **state)
{
	struct ctl_reg *reg = device("ep=a&lwm2m=1.0", "</1/0>");

	assert_ptr_equal(ctl_model_of(NULL, reg), &lwm2m_model_builtin);
	load(NULL);
	assert_ptr_equal(ctl_model_of(models, NULL), &lwm2m_model_builtin);
}

static void registered_objects_are_told_once_each_in_order(void **state)
{
	struct ctl_record *record = record_of(
		1, "ep=a&lwm2m=1.1", "</3303/1>,</3303/0>,</3303>;ver=1.1,</1/0>,</77/0>,</3/0>");
	const struct ctl_definition **definitions;
	size_t count;

	load(NULL);
	definitions = ctl_models_registered(models, record, &count);
	assert_int_equal(count, 3);
	assert_int_equal(definitions[0]->object, 1);
	assert_int_equal(definitions[1]->object, 3);
	assert_int_equal(definitions[2]->object, 3303);
	assert_int_equal(definitions[2]->version, LWM2M_OBJECT_VERSION(1, 1));
	free(definitions);
	free(record);
}

static void bad_files_are_named_and_left_out(void **state)
{
	char path[128];

	object_put("a.xml", 33000, "1.0", "Float");
	object_put("b.xml", 33000, "1.0", "Integer");
	file_put("c.xml", "<LWM2M>\n\n<Object></LWM2M>");
	file_put("d.xml", "");
	file_put(".hidden.xml", "not read");
	file_put("readme.txt", "not read");
	snprintf(path, sizeof(path), "%s/e.xml", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/f.xml", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/g.xml", dir);
	assert_int_equal(symlink("nowhere", path), 0);
	object_put("h.xml", 33001, "1.0", "Time");
	load(dir);
	snprintf(path, sizeof(path), "already defined in %s/a.xml\n", dir);
	assert_non_null(strstr(problems, path));
	assert_non_null(strstr(problems, "/b.xml:1: object 33000 version 1.0 is already defined"));
	assert_non_null(strstr(problems, "/c.xml:3: mismatched tag\n/d.xml:1: no element found\n"
					 "/e.xml:1: cannot be read (not a file)\n"
					 "/f.xml:1: cannot be read (not a file)\n"
					 "/g.xml:1: cannot be read (No such file or directory)\n"));
	assert_null(strstr(problems, "not read"));
	assert_int_equal(type_of(device("ep=a&lwm2m=1.1", "</33000/0>"), 33000, 5700), LWM2M_FLOAT);
	assert_int_equal(type_of(device("ep=b&lwm2m=1.1", "</33001/0>"), 33001, 5700), LWM2M_TIME);
}

static void a_directory_that_is_not_there_leaves_what_is_built_in(void **state)
{
	size_t count;

	load("/nonexistent/models");
	assert_string_equal(problems,
			    "/nonexistent/models: cannot be read (No such file or directory)\n");
	ctl_models_all(models, &count);
	assert_int_equal(count, 24);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(built_in_objects_come_in_the_version_of_the_enabler),
		T(a_version_in_a_link_goes_before_the_default),
		T(a_version_that_nobody_knows_is_read_as_the_nearest),
		T(a_file_goes_before_what_is_built_in),
		T(an_update_may_change_versions),
		T(devices_that_mean_the_same_share_a_model),
		T(without_models_the_built_in_table_answers),
		T(registered_objects_are_told_once_each_in_order),
		T(bad_files_are_named_and_left_out),
		T(a_directory_that_is_not_there_leaves_what_is_built_in),
	};

	return cmocka_run_group_tests_name("control/models", tests, NULL, NULL);
}
