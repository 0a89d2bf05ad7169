// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The hand-over of a segment: listen, serve and refuse on the dataplane's side, attach on
// control's.
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "dataplane/bridge/handshake.h"
#include "dataplane/bridge/proto.h"
#include "dataplane/bridge/segment.h"

#define FDS_MAX (BRIDGE_FDS_FIXED + BRIDGE_WORKERS_MAX)

union fds_control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int) * FDS_MAX)];
};

static int address_fill(struct sockaddr_un *sun, const char *path)
{
	if (strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(sun->sun_path, path, strlen(path) + 1);
	return 0;
}

static void timeouts_set(int fd)
{
	struct timeval tv = {.tv_sec = BRIDGE_HANDSHAKE_TIMEOUT_S};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

// Removes a socket file that nobody listens on. Anything else at that path is left alone.
static int dead_socket_remove(const struct sockaddr_un *sun)
{
	struct stat st;
	int fd, rc;

	if (lstat(sun->sun_path, &st) != 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ? 0 : -errno;
	close(fd);
	if (rc != -ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(sun->sun_path) == 0 ? 0 : -errno;
}

static int socket_bind(int fd, const struct sockaddr_un *sun)
{
	return bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ? 0 : -errno;
}

int bridge_listen(const char *path)
{
	struct sockaddr_un sun;
	int fd, rc;

	rc = address_fill(&sun, path);
	if (rc != 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	// Before bind, Linux gives the file the socket's mode: there is no moment at which others
	// may connect.
	rc = fchmod(fd, 0600) == 0 ? 0 : -errno;
	if (rc == 0)
		rc = socket_bind(fd, &sun);
	if (rc == -EADDRINUSE) {
		rc = dead_socket_remove(&sun);
		if (rc == 0)
			rc = socket_bind(fd, &sun);
	}
	if (rc == 0 && listen(fd, 8) != 0)
		rc = -errno;
	if (rc != 0) {
		close(fd);
		return rc;
	}
	return fd;
}

static int answer_send(int fd, const struct bridge_answer *answer, const int *fds)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)answer, .iov_len = sizeof(*answer)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	union fds_control control = {0};

	if (answer->fds > 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * answer->fds);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * answer->fds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * answer->fds);
	}
	for (;;) {
		ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (n == (ssize_t)sizeof(*answer))
			return 0;
		if (n >= 0)
			return -EIO;
		if (errno != EINTR)
			return -errno;
	}
}

static struct bridge_answer answer_make(void)
{
	return (struct bridge_answer){
		.magic = BRIDGE_MAGIC,
		.version = BRIDGE_VERSION,
		.stats_bytes = sizeof(struct bridge_worker_stats),
	};
}

static void refusal_send(int fd, const char *why)
{
	struct bridge_answer answer = answer_make();

	snprintf(answer.text, sizeof(answer.text), "%s", why);
	answer_send(fd, &answer, NULL);
}

static int hello_receive(int fd, char why[static 160])
{
	struct bridge_hello hello;
	ssize_t n;

	do {
		// On a Unix socket the time limit is that of the whole call, however the bytes
		// trickle.
		n = recv(fd, &hello, sizeof(hello), MSG_WAITALL);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		int rc = errno == EAGAIN ? -ETIMEDOUT : -errno;

		snprintf(why, 160, "attach, no greeting (%s)",
			 rc == -ETIMEDOUT ? "timeout" : strerror(-rc));
		return rc;
	}
	if (n != (ssize_t)sizeof(hello)) {
		snprintf(why, 160, "attach, no greeting (%s)",
			 n == 0 ? "connection closed" : "incomplete");
		return -EPROTO;
	}
	if (memcmp(hello.magic, BRIDGE_MAGIC, sizeof(hello.magic)) != 0) {
		snprintf(why, 160, "attach, wrong magic (the other side is not sluice-control)");
		return -EPROTO;
	}
	return bridge_versions_match(hello.version, hello.stats_bytes, why);
}

int bridge_serve(int conn_fd, const struct bridge_segment *seg, char why[static 160])
{
	struct bridge_answer answer = answer_make();
	int fds[FDS_MAX];
	int rc;

	why[0] = '\0';
	timeouts_set(conn_fd);
	rc = hello_receive(conn_fd, why);
	if (rc != 0) {
		refusal_send(conn_fd, why);
		return rc;
	}
	fds[0] = seg->memfd;
	fds[1] = seg->event_doorbell;
	for (uint32_t w = 0; w < seg->workers; w++)
		fds[BRIDGE_FDS_FIXED + w] = seg->channels[w].command_doorbell;
	answer.accepted = 1;
	answer.fds = BRIDGE_FDS_FIXED + seg->workers;
	rc = answer_send(conn_fd, &answer, fds);
	if (rc != 0)
		snprintf(why, 160, "attach, cannot hand over the segment (%s)", strerror(-rc));
	return rc;
}

void bridge_refuse(int conn_fd, const char *why)
{
	timeouts_set(conn_fd);
	refusal_send(conn_fd, why);
	close(conn_fd);
}

static void fds_close(const int *fds, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		close(fds[i]);
}

// Takes what descriptors came, so that none leaks whatever else is wrong with the message.
static uint32_t fds_take(struct msghdr *msg, int fds[static FDS_MAX])
{
	uint32_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (count < FDS_MAX)
				fds[count++] = fd;
			else
				close(fd);
		}
	}
	return count;
}

static int answer_receive(int fd, struct bridge_answer *answer, int fds[static FDS_MAX],
			  uint32_t *count, char why[static 160])
{
	struct iovec iov = {.iov_base = answer, .iov_len = sizeof(*answer)};
	union fds_control control;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t n;

	*count = 0;
	do {
		n = recvmsg(fd, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		bool late = errno == EAGAIN;

		snprintf(why, 160, "attach, no answer from the dataplane (%s)",
			 late ? "timeout" : strerror(errno));
		return late ? -ETIMEDOUT : -errno;
	}
	*count = fds_take(&msg, fds);
	if (n != (ssize_t)sizeof(*answer) || (msg.msg_flags & MSG_CTRUNC) != 0) {
		snprintf(why, 160, "attach, %s",
			 n == 0 ? "the dataplane closed the connection" : "incomplete answer");
		return n == 0 ? -ECONNRESET : -EPROTO;
	}
	return 0;
}

static int answer_check(struct bridge_answer *answer, uint32_t count, char why[static 160])
{
	answer->text[sizeof(answer->text) - 1] = '\0';
	if (memcmp(answer->magic, BRIDGE_MAGIC, sizeof(answer->magic)) != 0) {
		snprintf(why, 160, "attach, wrong magic (the other side is not sluice-dataplane)");
		return -EPROTO;
	}
	if (answer->accepted != 1) {
		snprintf(why, 160, "refused by the dataplane: %.130s", answer->text);
		return -ECONNREFUSED;
	}
	if (bridge_versions_match(answer->version, answer->stats_bytes, why) != 0)
		return -EPROTO;
	if (answer->fds != count) {
		snprintf(why, 160,
			 "attach, %" PRIu32 " descriptors announced, %" PRIu32 " received",
			 answer->fds, count);
		return -EPROTO;
	}
	return 0;
}

static int handshake(int fd, struct bridge_segment *seg, char why[static 160])
{
	struct bridge_hello hello = {
		.magic = BRIDGE_MAGIC,
		.version = BRIDGE_VERSION,
		.stats_bytes = sizeof(struct bridge_worker_stats),
	};
	struct bridge_answer answer;
	int fds[FDS_MAX];
	uint32_t count;
	int rc;

	// A dataplane that refuses may have answered and closed already: its answer is still there
	// to read, so a failed send is not the end.
	if (send(fd, &hello, sizeof(hello), MSG_NOSIGNAL) < 0 && errno != EPIPE &&
	    errno != ECONNRESET) {
		rc = -errno;
		snprintf(why, 160, "attach, cannot greet the dataplane (%s)", strerror(-rc));
		return rc;
	}
	rc = answer_receive(fd, &answer, fds, &count, why);
	if (rc == 0)
		rc = answer_check(&answer, count, why);
	if (rc == 0)
		rc = bridge_segment_map(seg, fds, count, why);
	if (rc != 0)
		fds_close(fds, count);
	return rc;
}

int bridge_attach(const char *path, struct bridge_segment *seg, char why[static 160])
{
	struct sockaddr_un sun;
	int fd, rc;

	why[0] = '\0';
	*seg = (struct bridge_segment){.memfd = -1, .event_doorbell = -1};
	rc = address_fill(&sun, path);
	if (rc != 0) {
		snprintf(why, 160, "bridge socket, path of %zu bytes is too long (at most %zu)",
			 strlen(path), sizeof(sun.sun_path) - 1);
		return rc;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		rc = -errno;
		snprintf(why, 160, "bridge socket, cannot be made (%s)", strerror(-rc));
		return rc;
	}
	timeouts_set(fd);
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) != 0) {
		rc = -errno;
		snprintf(why, 160, "%.110s, cannot connect (%s)", path, strerror(-rc));
	} else {
		rc = handshake(fd, seg, why);
	}
	if (rc != 0) {
		close(fd);
		return rc;
	}
	return fd;
}
