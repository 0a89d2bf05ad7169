// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The least that a server on kernel sockets can do: answers every datagram with as many bytes as a
// gateway would, and looks at none. What it reaches is what the kernel leaves to anybody.
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BURST     64 // as the gateway's
#define BYTES_MAX 1500

struct echo {
	struct mmsghdr msgs[BURST];
	struct iovec in[BURST];
	struct iovec out[BURST];
	struct sockaddr_in peers[BURST];
	char data[BURST][BYTES_MAX];
};

static int open_socket(uint16_t port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		perror("sluice-bench-echo: socket");
		exit(1);
	}
	return fd;
}

static void prepare(struct echo *echo, size_t answer_bytes)
{
	for (int i = 0; i < BURST; i++) {
		echo->in[i] = (struct iovec){echo->data[i], BYTES_MAX};
		echo->out[i] = (struct iovec){echo->data[i], answer_bytes};
		echo->msgs[i].msg_hdr =
			(struct msghdr){.msg_name = &echo->peers[i], .msg_iovlen = 1};
	}
}

static int receive(struct echo *echo, int fd, int flags)
{
	for (int i = 0; i < BURST; i++) {
		echo->msgs[i].msg_hdr.msg_namelen = sizeof(echo->peers[i]);
		echo->msgs[i].msg_hdr.msg_iov = &echo->in[i];
	}
	return recvmmsg(fd, echo->msgs, BURST, flags, NULL);
}

static void answer(struct echo *echo, int fd, int n)
{
	for (int i = 0; i < n; i++)
		echo->msgs[i].msg_hdr.msg_iov = &echo->out[i];
	for (int sent = 0; sent < n;) {
		int rc = sendmmsg(fd, echo->msgs + sent, (unsigned)(n - sent), 0);
		sent += rc > 0 ? rc : 1; // one that cannot be sent is lost
	}
}

int main(int argc, char **argv)
{
	static struct echo echo;
	unsigned long port = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	bool busy = argc == 4 && strcmp(argv[3], "busy") == 0;

	if (port == 0 || port > 65535 || bytes == 0 || bytes > BYTES_MAX || (argc == 4 && !busy)) {
		fputs("usage: sluice-bench-echo PORT ANSWER-BYTES [busy]\n", stderr);
		return 2;
	}
	int fd = open_socket((uint16_t)port);
	prepare(&echo, bytes);
	for (;;) {
		int n = receive(&echo, fd, busy ? MSG_DONTWAIT : MSG_WAITFORONE);
		if (n > 0)
			answer(&echo, fd, n);
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return 1;
	}
}
