// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/backend/dead_letters.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw; // for its directory
static uv_loop_t loop;
static struct dead_letters *letters;
static int last_rc;
static unsigned last_lane, called;

static void on_written(int rc, unsigned lane, void *arg)
{
	last_rc = rc;
	last_lane = lane;
	called++;
}

static int setup(void **state)
{
	gateway_init(&gw);
	called = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	letters = dead_letters_new(&loop, gw.state, "one", 4096, on_written, NULL);
	assert_non_null(letters);
	return 0;
}

static int teardown(void **state)
{
	dead_letters_free(letters);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	gateway_remove(&gw);
	return 0;
}

static void write_one(const char *text, unsigned lane)
{
	assert_int_equal(dead_letters_write(letters, lane, text, strlen(text)), 0);
}

static const char *path_of(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/dead-letter/%s", gw.state, name);
	return path;
}

static size_t read_file(const char *name, char *text, size_t size)
{
	FILE *file = fopen(path_of(name), "r");
	size_t len = file != NULL ? fread(text, 1, size - 1, file) : 0;

	if (file != NULL)
		fclose(file);
	text[len] = '\0';
	return len;
}

static void each_event_is_a_line_that_only_we_may_read(void **state)
{
	char text[256];
	struct stat st;

	write_one("{\"a\":1}", 0);
	write_one("{\"b\":2}", 3);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(called, 2);
	assert_int_equal(last_rc, 0);
	read_file("one.jsonl", text, sizeof(text));
	assert_int_equal(strlen(text), 16);
	assert_non_null(strstr(text, "{\"a\":1}\n"));
	assert_non_null(strstr(text, "{\"b\":2}\n"));
	assert_int_equal(stat(path_of("one.jsonl"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void it_is_bounded_and_what_was_given_up_is_counted(void **state)
{
	char text[5000];

	memset(text, 'x', 999);
	text[999] = '\0';
	for (unsigned i = 0; i < 8; i++) {
		text[0] = (char)('0' + i);
		write_one(text, 0);
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	assert_int_equal(called, 8);
	assert_int_equal(read_file("one.jsonl", text, sizeof(text)), 2000);
	assert_int_equal(text[0], '6');
	assert_int_equal(read_file("one.jsonl.1", text, sizeof(text)), 2000);
	assert_int_equal(text[0], '4');
	assert_int_equal(dead_letters_lost_files(letters), 2);
}

static void what_cannot_be_written_is_told(void **state)
{
	char blocker[160];
	FILE *file;

	snprintf(blocker, sizeof(blocker), "%s/dead-letter", gw.state);
	file = fopen(blocker, "w"); // a file where the directory should be
	assert_non_null(file);
	fclose(file);
	write_one("{}", 2);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(called, 1);
	assert_int_equal(last_lane, 2);
	assert_true(last_rc < 0);
}

static void who_is_freed_is_not_called_back(void **state)
{
	char text[64];

	write_one("{}", 0);
	dead_letters_free(letters);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(called, 0);
	assert_int_equal(read_file("one.jsonl", text, sizeof(text)), 3);
	letters = dead_letters_new(&loop, gw.state, "one", 4096, on_written, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_event_is_a_line_that_only_we_may_read),
		TEST(it_is_bounded_and_what_was_given_up_is_counted),
		TEST(what_cannot_be_written_is_told),
		TEST(who_is_freed_is_not_called_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
