// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Descriptors are put where systemd puts them: this program has no others there.
#include <errno.h>
#include <fcntl.h>
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

#include "dataplane/pktio/addr.h"
#include "dataplane/pktio/inherited.h"

#define BEYOND 32 // descriptors of the test itself

static struct pktio_inherited inherited;
static char why[160];
static uint8_t loopback[16];

static void place(int fd, int at)
{
	assert_true(fd >= 0);
	if (fd == at)
		return;
	assert_int_equal(dup2(fd, at), at);
	close(fd);
}

static int udp4(uint16_t *port_be16)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = *port_be16};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1, high = fcntl(fd, F_DUPFD, BEYOND);

	close(fd);
	assert_int_equal(setsockopt(high, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
	assert_int_equal(bind(high, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(high, (struct sockaddr *)&at, &len), 0);
	*port_be16 = at.sin_port;
	return high;
}

static void announce(const char *fds, const char *names)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", fds, 1);
	if (names)
		setenv("LISTEN_FDNAMES", names, 1);
}

static int set_up(void **state)
{
	struct in_addr v4 = {.s_addr = htonl(INADDR_LOOPBACK)};

	pktio_addr_from_v4(loopback, &v4);
	for (int fd = PKTIO_INHERITED_FIRST; fd < BEYOND; fd++)
		close(fd);
	return 0;
}

static void without_an_announcement_there_are_none(void **state)
{
	assert_int_equal(pktio_inherited_init(&inherited, why), 0);
	assert_int_equal(inherited.count, 0);
	assert_true(pktio_inherited_all_taken(&inherited, why));
}

static void what_is_meant_for_another_process_is_left_alone(void **state)
{
	announce("1", NULL);
	setenv("LISTEN_PID", "1", 1);
	assert_int_equal(pktio_inherited_init(&inherited, why), 0);
	assert_int_equal(inherited.count, 0);
	assert_null(getenv("LISTEN_FDS"));
}

static void sockets_are_found_by_the_address_they_are_bound_to(void **state)
{
	uint16_t one = 0, other = 0;
	int fds[2];

	place(udp4(&one), 3);
	place(udp4(&other), 4);
	place(udp4(&one), 5);
	announce("3", "coap:coaps:coap");
	assert_int_equal(pktio_inherited_init(&inherited, why), 0);
	assert_int_equal(inherited.count, 3);
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDNAMES"));
	assert_int_equal(pktio_inherited_take(&inherited, loopback, one, fds, 2, why), 2);
	assert_int_equal(fds[0], 3);
	assert_int_equal(fds[1], 5);
	assert_true(fcntl(3, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(3, F_GETFD) & FD_CLOEXEC);
	assert_false(pktio_inherited_all_taken(&inherited, why));
	assert_non_null(strstr(why, "descriptor 4 (coaps: udp 127.0.0.1:"));
	assert_int_equal(pktio_inherited_take(&inherited, loopback, one, fds, 2, why), 0);
	assert_int_equal(pktio_inherited_take(&inherited, loopback, 0, fds, 1, why), 1);
	assert_true(pktio_inherited_all_taken(&inherited, why));
}

static void more_or_fewer_than_there_are_workers_are_refused(void **state)
{
	uint16_t port = 0;
	int fds[4];

	place(udp4(&port), 3);
	place(udp4(&port), 4);
	announce("2", NULL);
	assert_int_equal(pktio_inherited_init(&inherited, why), 0);
	assert_int_equal(pktio_inherited_take(&inherited, loopback, port, fds, 1, why), -EINVAL);
	assert_non_null(strstr(why, "2 sockets were passed for it, but 1 worker needs one"));
	assert_int_equal(pktio_inherited_take(&inherited, loopback, port, fds, 4, why), -EINVAL);
	assert_non_null(strstr(why, "but 4 workers need one each"));
	assert_int_equal(pktio_inherited_take(&inherited, loopback, port, fds, 2, why), 2);
}

static void a_descriptor_that_is_no_udp_socket_is_named(void **state)
{
	place(socket(AF_INET, SOCK_STREAM, 0), 3);
	announce("1", NULL);
	assert_int_equal(pktio_inherited_init(&inherited, why), 0);
	assert_false(pktio_inherited_all_taken(&inherited, why));
	assert_non_null(strstr(why, "descriptor 3 (no name: not a UDP socket)"));
}

static void a_wildcard_for_both_families_is_refused(void **state)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6};
	uint8_t any[16] = {0};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), off = 0, fds[1];

	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(fd, 3);
	announce("1", "coap");
	assert_int_equal(pktio_inherited_init(&inherited, why), 0);
	assert_int_equal(pktio_inherited_take(&inherited, any, 0, fds, 1, why), -EINVAL);
	assert_non_null(strstr(why, "BindIPv6Only=ipv6-only"));
	assert_false(pktio_inherited_all_taken(&inherited, why));
	assert_non_null(strstr(why, "coap: udp [::]:"));
}

static void numbers_that_make_no_sense_are_refused(void **state)
{
	const char *const bad[] = {"0", "-1", "two", "1x", "1025"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		announce(bad[i], NULL);
		assert_int_equal(pktio_inherited_init(&inherited, why), -EINVAL);
		assert_non_null(strstr(why, bad[i]));
	}
	announce("1", NULL); // descriptor 3 is not open
	assert_int_equal(pktio_inherited_init(&inherited, why), -EBADF);
	assert_non_null(strstr(why, "descriptor 3 is not open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_an_announcement_there_are_none, set_up),
		cmocka_unit_test_setup(what_is_meant_for_another_process_is_left_alone, set_up),
		cmocka_unit_test_setup(sockets_are_found_by_the_address_they_are_bound_to, set_up),
		cmocka_unit_test_setup(more_or_fewer_than_there_are_workers_are_refused, set_up),
		cmocka_unit_test_setup(a_descriptor_that_is_no_udp_socket_is_named, set_up),
		cmocka_unit_test_setup(a_wildcard_for_both_families_is_refused, set_up),
		cmocka_unit_test_setup(numbers_that_make_no_sense_are_refused, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
