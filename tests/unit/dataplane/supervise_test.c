// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The child is a shell: it writes down what it was given, and ends as it is told.
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/supervise.h"

static char directory[] = "/tmp/sluice-supervise-XXXXXX";
static char said[64];

static int make_directory(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(said, sizeof(said), "%s/said", directory);
	setenv("SAID", said, 1);
	return 0;
}

static int remove_directory(void **state)
{
	unlink(said);
	return rmdir(directory);
}

static struct dp_supervised shell(char *script)
{
	static char *argv[] = {"sh", "-c", NULL, NULL};

	argv[2] = script;
	unlink(said);
	return (struct dp_supervised){
		.argv = argv, .pause_min_ms = 1, .pause_max_ms = 8, .healthy_ms = 60000};
}

static size_t lines(void)
{
	FILE *file = fopen(said, "r");
	size_t n = 0;
	int c;

	if (!file)
		return 0;
	while ((c = getc(file)) != EOF)
		n += c == '\n';
	fclose(file);
	return n;
}

static void a_child_that_dies_is_started_again(void **state)
{
	struct dp_supervised what = shell("echo x >>$SAID; case $(wc -l <$SAID) in 1) exit 1;; 2) "
					  "kill -9 $$;; *) exit 0;; esac");

	assert_int_equal(dp_supervise_child(&what), 0);
	assert_int_equal(lines(), 3);
}

static void a_wrong_configuration_is_not_tried_again(void **state)
{
	struct dp_supervised what = shell("echo x >>$SAID; exit 2");

	assert_int_equal(dp_supervise_child(&what), 2);
	assert_int_equal(lines(), 1);
}

// The same ones in the same place every time, whatever numbers they had.
static void every_child_is_given_the_sockets(void **state)
{
	struct dp_supervised what = shell(
		"[ $LISTEN_PID = $$ ] && [ $LISTEN_FDS = 2 ] && [ -z \"$LISTEN_FDNAMES\" ] || exit "
		"2\n"
		"echo $(readlink /proc/$$/fd/3) $(readlink /proc/$$/fd/4) >>$SAID\n"
		"[ $(wc -l <$SAID) -ge 3 ] || exit 1\n"
		"[ $(sort -u $SAID | wc -l) = 1 ] && grep -q 'socket:.* socket:' $SAID || exit 2");
	int fds[2] = {socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
		      socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

	// The child has to put the first where the second is.
	assert_int_equal(dup2(fds[1], 9), 9);
	assert_int_equal(dup2(fds[0], 4), 4);
	what.fds = (int[]){4, 9};
	what.fds_count = 2;
	setenv("LISTEN_FDNAMES", "of somebody else", 1);
	assert_int_equal(dp_supervise_child(&what), 0);
	close(4);
	close(9);
}

// The shell says when it is ready to be stopped, by stopping its supervisor.
static void a_signal_is_passed_on_and_ends_both(void **state)
{
	struct dp_supervised what = shell("trap 'echo caught >>$SAID; exit 5' TERM\n"
					  "kill -TERM $PPID; while :; do sleep 0.01; done");

	assert_int_equal(dp_supervise_child(&what), 5);
	assert_int_equal(lines(), 1);
}

static void a_child_that_is_stopped_before_it_can_catch_it_has_ended_well(void **state)
{
	struct dp_supervised what = shell("kill -TERM $PPID; while :; do sleep 0.01; done");

	assert_int_equal(dp_supervise_child(&what), 0);
}

static void pauses_grow_until_a_child_has_lived(void **state)
{
	const struct dp_supervised what = {
		.pause_min_ms = 100, .pause_max_ms = 5000, .healthy_ms = 10000};
	uint32_t pause = 0;

	pause = dp_supervise_pause(&what, pause, 10);
	assert_int_equal(pause, 100);
	pause = dp_supervise_pause(&what, pause, 10);
	assert_int_equal(pause, 200);
	for (int i = 0; i < 10; i++)
		pause = dp_supervise_pause(&what, pause, 9999);
	assert_int_equal(pause, 5000);
	assert_int_equal(dp_supervise_pause(&what, pause, 10000), 100);
}

static void a_port_that_somebody_has_ends_it(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char udp[32];
	struct config_port port = {.udp = udp};
	struct config cfg = {.path = (char[]){"sluice.yaml"},
			     .dataplane = {.workers = 1, .ports = &port, .ports_count = 1}};

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(udp, sizeof(udp), "127.0.0.1:%u", ntohs(at.sin_port));
	assert_int_equal(dp_supervise(&cfg, (char *[]){"true", NULL}), 2);
	close(fd);
	assert_int_equal(dp_supervise(&cfg, (char *[]){"true", NULL}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_that_dies_is_started_again),
		cmocka_unit_test(a_wrong_configuration_is_not_tried_again),
		cmocka_unit_test(every_child_is_given_the_sockets),
		cmocka_unit_test(a_signal_is_passed_on_and_ends_both),
		cmocka_unit_test(a_child_that_is_stopped_before_it_can_catch_it_has_ended_well),
		cmocka_unit_test(pauses_grow_until_a_child_has_lived),
		cmocka_unit_test(a_port_that_somebody_has_ends_it),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
