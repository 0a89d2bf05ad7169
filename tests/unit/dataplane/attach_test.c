// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Where control connects, while the disk with the socket's name is in trouble.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/attach.h"

static char directory[] = "/tmp/attach-XXXXXX";
static char later[64], path[80];
static int stop_fd;

static bool can_connect(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	bool ok = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0;
	close(fd);
	return ok;
}

static int setup(void **state)
{
	snprintf(directory, sizeof(directory), "/tmp/attach-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(later, sizeof(later), "%s/later", directory);
	snprintf(path, sizeof(path), "%s/bridge.sock", later);
	stop_fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	close(stop_fd);
	unlink(path);
	rmdir(later);
	rmdir(directory);
	return 0;
}

static void a_dataplane_that_cannot_listen_runs_and_listens_when_it_can(void **state)
{
	struct dp_attach attach;

	assert_int_equal(dp_attach_init(&attach, path, NULL, 0), 0);
	assert_false(dp_attach_wait(&attach, stop_fd, 0));
	assert_false(can_connect());
	assert_int_equal(mkdir(later, 0700), 0);
	assert_false(dp_attach_wait(&attach, stop_fd, 0));
	assert_true(can_connect());
	dp_attach_fini(&attach);
	assert_int_equal(access(path, F_OK), -1);
}

static void it_stops_without_having_listened(void **state)
{
	struct dp_attach attach;
	uint64_t one = 1;

	assert_int_equal(dp_attach_init(&attach, path, NULL, 0), 0);
	assert_int_equal(write(stop_fd, &one, sizeof(one)), sizeof(one));
	assert_true(dp_attach_wait(&attach, stop_fd, 0));
	dp_attach_fini(&attach);
}

static void what_only_an_operator_can_mend_is_an_error(void **state)
{
	struct dp_attach attach;
	FILE *file;

	assert_int_equal(mkdir(later, 0700), 0);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(dp_attach_init(&attach, path, NULL, 0), -ENOTSOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_dataplane_that_cannot_listen_runs_and_listens_when_it_can),
		TEST(it_stops_without_having_listened),
		TEST(what_only_an_operator_can_mend_is_an_error),
#undef TEST
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
