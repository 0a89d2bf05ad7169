// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/bridge/handshake.h"
#include "dataplane/bridge/proto.h"

static char dir[] = "/tmp/sluice-bridge-XXXXXX";
static char path[64];

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

// One dataplane with two workers that serves one connection in a thread of its own.
struct dataplane {
	struct bridge_segment seg;
	int doorbells[2];
	int listen_fd;
	int conn;
	int rc;
	char why[160];
	const char *refusal; // turn the connection away with this instead
	pthread_t thread;
};

static void *dataplane_run(void *arg)
{
	struct dataplane *dp = arg;
	struct pollfd pfd = {.fd = dp->listen_fd, .events = POLLIN};

	poll(&pfd, 1, 10000);
	dp->conn = accept4(dp->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (dp->refusal != NULL) {
		bridge_refuse(dp->conn, dp->refusal);
		dp->conn = -1;
	} else {
		dp->rc = bridge_serve(dp->conn, &dp->seg, dp->why);
	}
	return NULL;
}

static void dataplane_open(struct dataplane *dp, const char *refusal)
{
	*dp = (struct dataplane){.refusal = refusal, .conn = -1};
	for (int i = 0; i < 2; i++)
		dp->doorbells[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(bridge_segment_create(&dp->seg, 2, dp->doorbells, 12345), 0);
	dp->listen_fd = bridge_listen(path);
	assert_in_range(dp->listen_fd, 0, 1024);
}

static void dataplane_start(struct dataplane *dp, const char *refusal)
{
	dataplane_open(dp, refusal);
	assert_int_equal(pthread_create(&dp->thread, NULL, dataplane_run, dp), 0);
}

static void dataplane_stop(struct dataplane *dp)
{
	if (dp->conn >= 0)
		close(dp->conn);
	close(dp->listen_fd);
	bridge_segment_close(&dp->seg);
	for (int i = 0; i < 2; i++)
		close(dp->doorbells[i]);
	unlink(path);
}

static void records_and_doorbells_cross_the_segment_both_ways(void **state)
{
	int before = open_fds();
	struct dataplane dp;
	struct bridge_segment control;
	const struct bridge_record *rec;
	char why[160];
	eventfd_t value;
	uint32_t len;
	int conn;

	dataplane_start(&dp, NULL);
	conn = bridge_attach(path, &control, why);
	pthread_join(dp.thread, NULL);
	assert_string_equal(why, "");
	assert_in_range(conn, 0, 1024);
	assert_int_equal(dp.rc, 0);
	assert_int_equal(control.workers, 2);
	assert_int_equal(control.header->tsc_hz, 12345);
	assert_int_equal(control.header->attach_id, dp.seg.header->attach_id);
	assert_ptr_not_equal(control.header, dp.seg.header);
	for (uint32_t w = 0; w < 2; w++) {
		bridge_ring_reserve(&dp.seg.channels[w].events, 1 + (uint16_t)w, 100)->seq = 7 + w;
		bridge_ring_publish(&dp.seg.channels[w].events);
		dp.seg.channels[w].stats->gauges.sessions = 1000 + w;
		bridge_ring_reserve(&control.channels[w].commands, 32 + (uint16_t)w, 32);
		bridge_ring_publish(&control.channels[w].commands);
		eventfd_write(control.channels[w].command_doorbell, 1);
	}
	eventfd_write(dp.seg.event_doorbell, 1);
	for (uint32_t w = 0; w < 2; w++) {
		rec = bridge_ring_peek(&control.channels[w].events, &len);
		assert_non_null(rec);
		assert_int_equal(rec->type, 1 + w);
		assert_int_equal(rec->seq, 7 + w);
		assert_int_equal(control.channels[w].stats->gauges.sessions, 1000 + w);
		rec = bridge_ring_peek(&dp.seg.channels[w].commands, &len);
		assert_non_null(rec);
		assert_int_equal(rec->type, 32 + w);
		assert_int_equal(eventfd_read(dp.doorbells[w], &value), 0);
	}
	assert_int_equal(eventfd_read(control.event_doorbell, &value), 0);
	bridge_segment_close(&control);
	close(conn);
	dataplane_stop(&dp);
	assert_int_equal(open_fds(), before);
}

static void a_segment_holds_1_to_64_workers_with_live_doorbells(void **state)
{
	int before = open_fds(), doorbells[65];
	struct bridge_segment seg;

	for (int i = 0; i < 65; i++)
		doorbells[i] = 0;
	assert_int_equal(bridge_segment_create(&seg, 0, doorbells, 1), -EINVAL);
	assert_int_equal(bridge_segment_create(&seg, 65, doorbells, 1), -EINVAL);
	assert_int_equal(bridge_segment_create(&seg, 64, doorbells, 1), 0);
	bridge_segment_close(&seg);
	doorbells[3] = -1;
	assert_int_equal(bridge_segment_create(&seg, 4, doorbells, 1), -EBADF);
	assert_int_equal(open_fds(), before);
}

static void a_second_control_is_told_that_one_is_attached(void **state)
{
	struct dataplane dp;
	struct bridge_segment control;
	char why[160];

	dataplane_start(&dp, "a control process is attached already");
	assert_int_equal(bridge_attach(path, &control, why), -ECONNREFUSED);
	pthread_join(dp.thread, NULL);
	assert_string_equal(why, "refused by the dataplane: a control process is attached already");
	bridge_segment_close(&control);
	dataplane_stop(&dp);
}

static int connect_raw(void)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sun.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

// Greets the dataplane with something and expects both sides to have the same reason for refusing.
static void refused_on_both_sides(const struct bridge_hello *hello, size_t len, const char *why)
{
	struct dataplane dp;
	struct bridge_answer answer;
	int fd;

	dataplane_start(&dp, NULL);
	fd = connect_raw();
	assert_int_equal(send(fd, hello, len, 0), len);
	shutdown(fd, SHUT_WR);
	assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_WAITALL), sizeof(answer));
	pthread_join(dp.thread, NULL);
	assert_true(dp.rc < 0);
	assert_int_equal(answer.accepted, 0);
	assert_int_equal(answer.fds, 0);
	assert_string_equal(answer.text, why);
	assert_string_equal(dp.why, why);
	close(fd);
	dataplane_stop(&dp);
}

static void a_control_that_does_not_fit_is_refused_by_name(void **state)
{
	struct bridge_hello hello = {BRIDGE_MAGIC, BRIDGE_VERSION + 1,
				     sizeof(struct bridge_worker_stats)};
	char why[160];

	snprintf(why, sizeof(why), "bridge version %u wanted, %u offered", BRIDGE_VERSION,
		 BRIDGE_VERSION + 1);
	refused_on_both_sides(&hello, sizeof(hello), why);
	hello.version = BRIDGE_VERSION;
	hello.stats_bytes += 8;
	snprintf(
		why, sizeof(why),
		"counters differ: %zu bytes per worker wanted, %zu offered (two builds of the same "
		"bridge version)",
		sizeof(struct bridge_worker_stats), sizeof(struct bridge_worker_stats) + 8);
	refused_on_both_sides(&hello, sizeof(hello), why);
	hello.magic[0] = 'x';
	refused_on_both_sides(&hello, sizeof(hello),
			      "attach, wrong magic (the other side is not sluice-control)");
	refused_on_both_sides(&hello, 5, "attach, no greeting (incomplete)");
}

// A dataplane that answers with whatever it is told.
struct impostor {
	struct bridge_answer answer;
	size_t answer_len;
	int fds[80];
	uint32_t fds_count;
	int listen_fd;
	bool silent;
	pthread_t thread;
};

static void *impostor_run(void *arg)
{
	struct impostor *imp = arg;
	struct pollfd pfd = {.fd = imp->listen_fd, .events = POLLIN};
	struct iovec iov = {.iov_base = &imp->answer, .iov_len = imp->answer_len};
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(sizeof(imp->fds))];
	} control = {0};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	char byte;
	int conn;

	poll(&pfd, 1, 10000);
	conn = accept4(imp->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (imp->fds_count > 0) {
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * imp->fds_count);
		control.hdr.cmsg_level = SOL_SOCKET;
		control.hdr.cmsg_type = SCM_RIGHTS;
		control.hdr.cmsg_len = CMSG_LEN(sizeof(int) * imp->fds_count);
		memcpy(CMSG_DATA(&control.hdr), imp->fds, sizeof(int) * imp->fds_count);
	}
	if (imp->answer_len > 0)
		sendmsg(conn, &msg, MSG_NOSIGNAL);
	if (imp->silent) {
		while (read(conn, &byte, 1) > 0)
			; // until control gives up
	}
	close(conn);
	return NULL;
}

static struct impostor impostor_make(void)
{
	return (struct impostor){
		.answer = {.magic = BRIDGE_MAGIC,
			   .version = BRIDGE_VERSION,
			   .stats_bytes = sizeof(struct bridge_worker_stats),
			   .accepted = 1},
		.answer_len = sizeof(struct bridge_answer),
	};
}

static void attach_fails(struct impostor *imp, int rc, const char *want)
{
	struct bridge_segment seg;
	char why[160];
	int before = open_fds();

	imp->listen_fd = bridge_listen(path);
	pthread_create(&imp->thread, NULL, impostor_run, imp);
	assert_int_equal(bridge_attach(path, &seg, why), rc);
	pthread_join(imp->thread, NULL);
	assert_string_equal(why, want);
	bridge_segment_close(&seg);
	close(imp->listen_fd);
	unlink(path);
	assert_int_equal(open_fds(), before);
}

static void a_dataplane_that_makes_no_sense_is_left(void **state)
{
	struct impostor imp = impostor_make();
	char why[160];

	imp.answer.version = BRIDGE_VERSION + 1;
	snprintf(why, sizeof(why), "bridge version %u wanted, %u offered", BRIDGE_VERSION,
		 BRIDGE_VERSION + 1);
	attach_fails(&imp, -EPROTO, why);

	imp = impostor_make();
	imp.answer.magic[0] = 'x';
	attach_fails(&imp, -EPROTO, "attach, wrong magic (the other side is not sluice-dataplane)");

	imp = impostor_make();
	attach_fails(&imp, -EPROTO, "segment, 0 descriptors handed over");

	imp = impostor_make();
	imp.answer.fds = 3;
	attach_fails(&imp, -EPROTO, "attach, 3 descriptors announced, 0 received");

	imp = impostor_make();
	imp.answer_len = 10;
	attach_fails(&imp, -EPROTO, "attach, incomplete answer");

	imp = impostor_make();
	imp.answer.accepted = 0;
	memset(imp.answer.text, 'y', sizeof(imp.answer.text));
	snprintf(why, sizeof(why), "refused by the dataplane: %.130s",
		 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy");
	attach_fails(&imp, -ECONNREFUSED, why);

	imp = impostor_make();
	for (imp.fds_count = 0; imp.fds_count < 80; imp.fds_count++)
		imp.fds[imp.fds_count] = 0;
	imp.answer.fds = 80;
	attach_fails(&imp, -EPROTO, "attach, incomplete answer");
}

static void a_silent_dataplane_is_given_up_after_two_seconds(void **state)
{
	struct impostor imp = impostor_make();

	imp.answer_len = 0;
	imp.silent = true;
	attach_fails(&imp, -ETIMEDOUT, "attach, no answer from the dataplane (timeout)");
}

static void a_silent_control_is_given_up_after_two_seconds(void **state)
{
	struct dataplane dp;
	int fd;

	dataplane_start(&dp, NULL);
	fd = connect_raw();
	pthread_join(dp.thread, NULL);
	assert_int_equal(dp.rc, -ETIMEDOUT);
	assert_string_equal(dp.why, "attach, no greeting (timeout)");
	close(fd);
	dataplane_stop(&dp);
}

// A memfd with a header as it should be, but for what the test changes.
static int memfd_make(const struct bridge_header *header, off_t size, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, size), 0);
	if (size >= (off_t)sizeof(*header))
		assert_int_equal(pwrite(fd, header, sizeof(*header), 0), sizeof(*header));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void map_fails(const struct bridge_header *header, off_t size, int seals, const char *want)
{
	int fds[3] = {memfd_make(header, size, seals), eventfd(0, 0), eventfd(0, 0)};
	struct bridge_segment seg;
	char why[160];

	assert_int_equal(bridge_segment_map(&seg, fds, 3, why), -EPROTO);
	assert_string_equal(why, want);
	for (int i = 0; i < 3; i++)
		close(fds[i]); // still ours
}

static void a_memfd_is_mapped_only_when_its_size_and_counts_agree(void **state)
{
	int seals = F_SEAL_SHRINK | F_SEAL_GROW;
	struct bridge_segment seg;
	struct bridge_header good, bad;
	int doorbell = eventfd(0, 0);
	off_t size;
	char why[160];

	assert_int_equal(bridge_segment_create(&seg, 1, &doorbell, 1), 0);
	good = *seg.header;
	size = (off_t)seg.bytes;
	assert_int_equal(ftruncate(seg.memfd, size - 4096), -1); // sealed
	bridge_segment_close(&seg);
	close(doorbell);

	map_fails(&good, size, F_SEAL_GROW,
		  "segment, not a sealed memfd (it could shrink while mapped)");
	map_fails(&good, 20, seals, "segment, too short for its header");
	snprintf(why, sizeof(why), "segment, %lld bytes where its counts need %lld",
		 (long long)size - 64, (long long)size);
	map_fails(&good, size - 64, seals, why);
	snprintf(why, sizeof(why), "segment, %zu bytes where its counts need %lld", sizeof(good),
		 (long long)size);
	map_fails(&good, sizeof(good), seals, why);
	bad = good;
	bad.workers = 2;
	map_fails(&bad, size, seals, "segment, 2 workers but 1 doorbells");
	bad = good;
	bad.magic[3] = 0;
	map_fails(&bad, size, seals, "segment, wrong magic (not a sluice bridge)");
	bad = good;
	bad.event_slots = 3000;
	map_fails(&bad, size, seals,
		  "segment, counts out of range (1 workers, 3000 event and 32768 command slots)");
	bad.event_slots = 1024;
	map_fails(&bad, size, seals,
		  "segment, counts out of range (1 workers, 1024 event and 32768 command slots)");
	bad = good;
	bad.command_slots = 1u << 31;
	map_fails(&bad, size, seals,
		  "segment, counts out of range (1 workers, 65536 event and 2147483648 command "
		  "slots)");
	bad = good;
	bad.workers = 0;
	map_fails(&bad, size, seals,
		  "segment, counts out of range (0 workers, 65536 event and 32768 command slots)");
}

static void a_listener_replaces_dead_sockets_and_nothing_else(void **state)
{
	char long_path[200];
	struct stat st;
	int first = bridge_listen(path), second;

	assert_in_range(first, 0, 1024);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(bridge_listen(path), -EADDRINUSE);
	close(first); // the file stays
	second = bridge_listen(path);
	assert_in_range(second, 0, 1024);
	close(second);
	unlink(path);

	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(bridge_listen(path), -ENOTSOCK);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(bridge_listen(long_path), -ENAMETOOLONG);
	assert_int_equal(bridge_listen("/nonexistent/bridge.sock"), -ENOENT);
}

static void an_attach_without_a_dataplane_says_why(void **state)
{
	struct bridge_segment seg;
	char long_path[200], why[160];

	assert_int_equal(bridge_attach("/nonexistent/bridge.sock", &seg, why), -ENOENT);
	assert_string_equal(why,
			    "/nonexistent/bridge.sock, cannot connect (No such file or directory)");
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(bridge_attach(long_path, &seg, why), -ENAMETOOLONG);
	assert_string_equal(why, "bridge socket, path of 199 bytes is too long (at most 107)");
}

// The other process: attaches and writes commands until it is killed.
static void control_process(void)
{
	struct bridge_segment seg;
	char why[160];
	uint64_t seq = 0;

	if (bridge_attach(path, &seg, why) < 0)
		_exit(1);
	for (;;) {
		struct bridge_ring *ring = &seg.channels[seq % 2].commands;
		uint32_t len = 24 + (uint32_t)(seq % 3000);
		struct bridge_record *rec = bridge_ring_reserve(ring, 1, len);

		if (rec == NULL)
			continue;
		memset(rec + 1, (int)(seq & 0xff), len - sizeof(*rec));
		rec->seq = ++seq;
		if (bridge_ring_publish(ring))
			eventfd_write(seg.channels[seq % 2].command_doorbell, 1);
	}
}

// Whatever was published before the kill arrives whole; what was being written is not seen.
static uint64_t commands_take(struct bridge_ring *ring, uint64_t *expected, uint64_t limit)
{
	const struct bridge_record *rec;
	uint64_t n = 0;
	uint32_t len;

	while (n < limit && (rec = bridge_ring_peek(ring, &len)) != NULL) {
		const uint8_t *body = (const uint8_t *)(rec + 1);
		uint8_t want = (uint8_t)((*expected - 1) & 0xff);

		assert_int_equal(rec->seq, *expected);
		for (uint32_t i = 0; i < len - sizeof(*rec); i++) {
			if (body[i] != want)
				fail_msg("byte %u of record %lu", i, (unsigned long)rec->seq);
		}
		*expected += 2;
		n++;
	}
	bridge_ring_release(ring);
	return n;
}

static void a_control_killed_while_it_writes_leaves_whole_records_and_a_closed_socket(void **state)
{
	struct dataplane dp;
	uint64_t expected[2] = {1, 2}, taken = 0;
	struct pollfd pfd = {.events = POLLIN};
	pid_t child;
	char byte;

	dataplane_open(&dp, NULL);
	child = fork();
	if (child == 0)
		control_process();
	dataplane_run(&dp);
	assert_int_equal(dp.rc, 0);
	while (taken < 20000) {
		taken += commands_take(&dp.seg.channels[0].commands, &expected[0], 64);
		taken += commands_take(&dp.seg.channels[1].commands, &expected[1], 64);
		assert_false(dp.seg.channels[0].commands.broken);
		assert_false(dp.seg.channels[1].commands.broken);
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	pfd.fd = dp.conn;
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	assert_in_range(read(dp.conn, &byte, 1) + 1, 0, 1); // end, or reset
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) {
		struct bridge_ring *ring = &dp.seg.channels[i].commands;

		commands_take(ring, &expected[i], UINT64_MAX);
		assert_false(ring->broken);
		assert_true(bridge_ring_sleep(ring));
	}
	dataplane_stop(&dp);
}

static int dir_make(void **state)
{
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/bridge.sock", dir);
	return 0;
}

static int dir_remove(void **state)
{
	return rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_and_doorbells_cross_the_segment_both_ways),
		cmocka_unit_test(a_segment_holds_1_to_64_workers_with_live_doorbells),
		cmocka_unit_test(a_second_control_is_told_that_one_is_attached),
		cmocka_unit_test(a_control_that_does_not_fit_is_refused_by_name),
		cmocka_unit_test(a_dataplane_that_makes_no_sense_is_left),
		cmocka_unit_test(a_silent_dataplane_is_given_up_after_two_seconds),
		cmocka_unit_test(a_silent_control_is_given_up_after_two_seconds),
		cmocka_unit_test(a_memfd_is_mapped_only_when_its_size_and_counts_agree),
		cmocka_unit_test(a_listener_replaces_dead_sockets_and_nothing_else),
		cmocka_unit_test(an_attach_without_a_dataplane_says_why),
		cmocka_unit_test(
			a_control_killed_while_it_writes_leaves_whole_records_and_a_closed_socket),
	};

	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
