// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-flood: throws datagrams that deserve nothing at a gateway, at a steady rate, from many
// addresses of the loopback: random bytes, valid messages with a byte changed, Updates of
// registrations that do not exist. Says how many it sent.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "tests/unit/support/prng.h"

#define SOURCES 64
#define BATCH   32
#define BYTES   80

struct flood {
	struct prng random;
	int fds[SOURCES];
	uint8_t bytes[BATCH][BYTES];
	struct iovec iov[BATCH];
	struct mmsghdr msgs[BATCH];
};

static const uint8_t valid[][24] = {
	"\x40\x00\x00\x01",
	"\x44\x01\x00\x02tokn\xbb.well-known",
	"\x44\x02\x00\x03tokn\xb2rd\x11\x28\x35"
	"ep=up",
	"\x54\x45\x00\x05tokn\xc0\xff"
	"20",
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

// A keep-alive of a location that nobody was given, in all but one of 2^26 cases.
static size_t write_update(struct prng *random, uint8_t *p)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	memcpy(p, "\x44\x02\0\0tokn\xb2rd\x09", 12);
	for (int i = 0; i < 9; i++)
		p[12 + i] = (uint8_t)alphabet[prng_below(random, 64)];
	p[2] = (uint8_t)prng_next(random);
	p[3] = (uint8_t)prng_next(random);
	return 21;
}

static size_t write_garbage(struct prng *random, uint8_t *p)
{
	size_t len = 1 + prng_below(random, BYTES - 1);

	if (prng_below(random, 2)) {
		for (size_t i = 0; i < len; i++)
			p[i] = (uint8_t)prng_next(random);
		return len;
	}
	memcpy(p, valid[prng_below(random, 4)], 24);
	p[2] = (uint8_t)prng_next(random);
	p[prng_below(random, 20)] = (uint8_t)prng_next(random);
	return 4 + prng_below(random, 20);
}

static void fill(struct flood *f)
{
	for (unsigned i = 0; i < BATCH; i++) {
		f->iov[i].iov_len = i % 2 ? write_update(&f->random, f->bytes[i])
					  : write_garbage(&f->random, f->bytes[i]);
		f->iov[i].iov_base = f->bytes[i];
		f->msgs[i].msg_hdr = (struct msghdr){.msg_iov = &f->iov[i], .msg_iovlen = 1};
	}
}

// 127.66.0.1 and on: the answers are taken by nobody, as a forger would have it.
static int open_sources(struct flood *f, const struct sockaddr_in *to)
{
	for (unsigned i = 0; i < SOURCES; i++) {
		struct sockaddr_in from = {.sin_family = AF_INET,
					   .sin_addr.s_addr = htonl(0x7f420001u + i)};
		int least = 1; // the kernel makes it some 2 KB

		f->fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (f->fds[i] < 0 ||
		    setsockopt(f->fds[i], SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) ||
		    bind(f->fds[i], (struct sockaddr *)&from, sizeof(from)) ||
		    connect(f->fds[i], (const struct sockaddr *)to, sizeof(*to)))
			return -errno;
	}
	return 0;
}

// What falls behind is not made up for: a burst would be no steady rate.
static uint64_t run(struct flood *f, uint64_t rate, uint64_t seconds)
{
	uint64_t start = now_ns(), end = start + seconds * 1000000000, sent = 0, due_ns = start;
	const uint64_t step_ns = BATCH * 1000000000ull / rate;

	for (unsigned source = 0; due_ns < end; source = (source + 1) % SOURCES) {
		struct timespec until = {.tv_sec = (time_t)(due_ns / 1000000000),
					 .tv_nsec = (long)(due_ns % 1000000000)};

		fill(f);
		if (now_ns() < due_ns)
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		int n = sendmmsg(f->fds[source], f->msgs, BATCH, MSG_DONTWAIT);
		sent += n > 0 ? (uint64_t)n : 0;
		due_ns += step_ns;
		if (now_ns() > due_ns + 10000000)
			due_ns = now_ns();
	}
	return sent;
}

int main(int argc, char **argv)
{
	static struct flood f = {.random = {1}};
	struct sockaddr_in to = {.sin_family = AF_INET};
	uint64_t rate, seconds;
	int ret;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
	    (rate = strtoull(argv[3], NULL, 10)) == 0 ||
	    (seconds = strtoull(argv[4], NULL, 10)) == 0) {
		fputs("usage: sluice-flood ADDRESS PORT DATAGRAMS-A-SECOND SECONDS\n", stderr);
		return 2;
	}
	to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	ret = open_sources(&f, &to);
	if (ret < 0) {
		fprintf(stderr, "sluice-flood: %s\n", strerror(-ret));
		return 1;
	}
	uint64_t start = now_ns(), sent = run(&f, rate, seconds);
	printf("%llu datagrams, %.0f a second\n", (unsigned long long)sent,
	       (double)sent * 1e9 / (double)(now_ns() - start));
	return 0;
}
