// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "control/backend/filter.h"

static bool glob(const char *pattern, const char *text)
{
	return filter_glob(pattern, text, strlen(text));
}

static void patterns_match_as_in_a_shell(void **state)
{
	assert_true(glob("meter-1", "meter-1"));
	assert_false(glob("meter-1", "meter-12"));
	assert_false(glob("meter-12", "meter-1"));
	assert_true(glob("*", ""));
	assert_true(glob("meter-*", "meter-"));
	assert_true(glob("*-1", "a-1-1"));
	assert_false(glob("*-1", "a-1-12"));
	assert_true(glob("a?c", "abc"));
	assert_false(glob("a?c", "ac"));
	assert_true(glob("*a*b*", "xxaxxaxbx"));
	assert_false(glob("*a*b*", "xxbxxa"));
	assert_true(glob("[a]", "[a]"));
	assert_false(glob("", "a"));
}

static void a_pattern_that_means_harm_ends(void **state)
{
	char text[2001];

	memset(text, 'a', 2000);
	text[2000] = '\0';
	assert_false(glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static struct config_backend cfg;
static struct filter filter;

static bool passes(enum ctl_event_type type, const char *endpoint, const struct lwm2m_path *paths,
		   uint32_t count)
{
	struct ctl_outbox_path packed[4];
	struct ctl_outbox_view view = {
		.entry = {.type = type},
		.endpoint = endpoint,
		.endpoint_len = strlen(endpoint),
		.paths = (const char *)packed,
		.paths_count = count,
	};
	bool ok;

	for (uint32_t i = 0; i < count; i++) {
		memcpy(packed[i].ids, paths[i].ids, sizeof(packed[i].ids));
		packed[i].depth = paths[i].depth;
	}
	assert_int_equal(filter_init(&filter, &cfg), 0);
	ok = filter_passes(&filter, &view);
	filter_fini(&filter);
	return ok;
}

static int setup(void **state)
{
	cfg = (struct config_backend){0};
	return 0;
}

static void without_a_filter_everything_passes(void **state)
{
	for (enum ctl_event_type type = CTL_REGISTERED; type <= CTL_SEND; type++)
		assert_true(passes(type, "dev", NULL, 0));
	assert_true(passes(CTL_RESPONSE, "dev", NULL, 0));
}

static void types_are_those_that_are_named(void **state)
{
	cfg.types = CONFIG_EVENT_SEND | CONFIG_EVENT_RESPONSE;
	assert_true(passes(CTL_SEND, "dev", NULL, 0));
	assert_true(passes(CTL_RESPONSE, "dev", NULL, 0));
	assert_false(passes(CTL_REGISTERED, "dev", NULL, 0));
	assert_false(passes(CTL_NOTIFICATION, "dev", NULL, 0));
}

static void one_pattern_of_several_is_enough(void **state)
{
	char *patterns[] = {(char[]){"meter-*"}, (char[]){"pump"}};

	cfg.endpoints = patterns;
	cfg.endpoints_count = 2;
	assert_true(passes(CTL_SEND, "pump", NULL, 0));
	assert_true(passes(CTL_REGISTERED, "meter-7", NULL, 0));
	assert_false(passes(CTL_SEND, "pumps", NULL, 0));
}

static void one_path_of_several_is_enough(void **state)
{
	static const struct lwm2m_path below = {{3303, 0, 5700}, 3}, other = {{3, 0, 9}, 3},
				       above = {{5}, 1}, beside = {{3303, 1}, 2};
	const struct lwm2m_path two[] = {other, below};
	char *paths[] = {(char[]){"/3303/0"}, (char[]){"/5/0/3"}};

	cfg.paths = paths;
	cfg.paths_count = 2;
	assert_true(passes(CTL_SEND, "dev", &below, 1));
	assert_true(passes(CTL_SEND, "dev", two, 2));
	assert_true(passes(CTL_NOTIFICATION, "dev", &above, 1));
	assert_false(passes(CTL_SEND, "dev", &other, 1));
	assert_false(passes(CTL_NOTIFICATION, "dev", &beside, 1));
	assert_true(passes(CTL_REGISTERED, "dev", NULL, 0)); // has none
	assert_true(passes(CTL_SEND, "dev", NULL, 0));       // does not say
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(patterns_match_as_in_a_shell),       TEST(a_pattern_that_means_harm_ends),
		TEST(without_a_filter_everything_passes), TEST(types_are_those_that_are_named),
		TEST(one_pattern_of_several_is_enough),   TEST(one_path_of_several_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
