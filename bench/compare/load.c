// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Load for any CoAP server on kernel sockets: GET /.well-known/core in a closed loop, so many
// requests under way on each of a few sockets. An answer counts, whatever is in it: the same load
// must do for a server that only sends bytes back.
//
// A message id must not come again from the same address and port within EXCHANGE_LIFETIME (RFC
// 7252 section 4.4), or a gateway takes it for a repetition. So a socket that has used most of them
// is replaced by one with another port.
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS_MAX  64
#define WINDOW_MAX   256
#define BYTES_MAX    2048
#define MIDS_OF_PORT 60000u
#define LOST_NS      250000000ull // no answer on a socket for so long: what is under way is lost

struct request {
	uint8_t bytes[4 + 2 + 12 + 5]; // header, token, two Uri-Path options
};

static const struct request get_core = {{0x42, 0x01, 0,    0,   0,   0,   0xbb, '.',
					 'w',  'e',  'l',  'l', '-', 'k', 'n',  'o',
					 'w',  'n',  0x04, 'c', 'o', 'r', 'e'}};

struct source {
	int fd;
	uint32_t under_way;
	uint32_t mids_used;
	uint16_t mid;
	uint64_t heard_ns;
	struct request requests[WINDOW_MAX];
	struct iovec iov[WINDOW_MAX];
	struct mmsghdr msgs[WINDOW_MAX];
};

struct load {
	struct sockaddr_in server;
	uint32_t sockets;
	uint32_t window;
	double seconds;
	uint64_t answers;
	uint64_t lost;
	uint64_t ports;
	uint32_t answer_bytes; // of the last answer
	struct source sources[SOCKETS_MAX];
	struct mmsghdr in[WINDOW_MAX];
	struct iovec in_iov[WINDOW_MAX];
	uint8_t data[WINDOW_MAX][BYTES_MAX];
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void source_open(struct load *load, struct source *src)
{
	src->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (src->fd < 0 ||
	    connect(src->fd, (struct sockaddr *)&load->server, sizeof(load->server)) < 0 ||
	    getrandom(&src->mid, sizeof(src->mid), 0) != sizeof(src->mid)) {
		perror("sluice-bench-load: socket");
		exit(1);
	}
	src->under_way = src->mids_used = 0;
	src->heard_ns = now_ns();
	load->ports++;
}

static void prepare(struct load *load)
{
	for (uint32_t s = 0; s < load->sockets; s++) {
		struct source *src = &load->sources[s];
		for (uint32_t i = 0; i < WINDOW_MAX; i++) {
			src->requests[i] = get_core;
			src->iov[i] = (struct iovec){&src->requests[i], sizeof(struct request)};
			src->msgs[i].msg_hdr =
				(struct msghdr){.msg_iov = &src->iov[i], .msg_iovlen = 1};
		}
		source_open(load, src);
	}
	for (uint32_t i = 0; i < WINDOW_MAX; i++) {
		load->in_iov[i] = (struct iovec){load->data[i], BYTES_MAX};
		load->in[i].msg_hdr = (struct msghdr){.msg_iov = &load->in_iov[i], .msg_iovlen = 1};
	}
}

static void fill(struct load *load, struct source *src)
{
	uint32_t n = load->window - src->under_way;

	if (src->mids_used + n > MIDS_OF_PORT) {
		if (src->under_way > 0)
			return;
		close(src->fd);
		source_open(load, src);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint16_t mid = (uint16_t)(src->mid + i);
		uint8_t *bytes = src->requests[i].bytes;
		bytes[2] = bytes[4] = (uint8_t)(mid >> 8);
		bytes[3] = bytes[5] = (uint8_t)mid;
	}
	int sent = n > 0 ? sendmmsg(src->fd, src->msgs, n, MSG_DONTWAIT) : 0;
	if (sent > 0) {
		src->mid = (uint16_t)(src->mid + sent);
		src->mids_used += (uint32_t)sent;
		src->under_way += (uint32_t)sent;
	}
}

static void drain(struct load *load, struct source *src, uint64_t now)
{
	int n = recvmmsg(src->fd, load->in, WINDOW_MAX, MSG_DONTWAIT, NULL);

	if (n > 0) {
		src->heard_ns = now;
		load->answers += (uint32_t)n;
		load->answer_bytes = load->in[0].msg_len;
		src->under_way -= (uint32_t)n < src->under_way ? (uint32_t)n : src->under_way;
	} else if (now - src->heard_ns > LOST_NS) {
		load->lost += src->under_way;
		src->under_way = 0;
		src->heard_ns = now;
	}
}

// Seconds that it took, until the first moment at which the time is up.
static double run(struct load *load)
{
	uint64_t start = now_ns(), now = start;

	while ((double)(now - start) < load->seconds * 1e9) {
		for (uint32_t s = 0; s < load->sockets; s++)
			fill(load, &load->sources[s]);
		now = now_ns();
		for (uint32_t s = 0; s < load->sockets; s++)
			drain(load, &load->sources[s], now);
	}
	return (double)(now - start) / 1e9;
}

static int usage(void)
{
	fputs("usage: sluice-bench-load [--sockets N] [--window N] [--seconds S] ADDRESS PORT\n"
	      "\n"
	      "Closed loop of GET /.well-known/core; prints what was answered as JSON.\n"
	      "  --sockets N  1 to 64 (4)\n"
	      "  --window N   requests under way on each socket, 1 to 256 (48)\n"
	      "  --seconds S  (1)\n",
	      stderr);
	return 2;
}

static bool parse(struct load *load, int argc, char **argv)
{
	static const struct option options[] = {{"sockets", required_argument, NULL, 's'},
						{"window", required_argument, NULL, 'w'},
						{"seconds", required_argument, NULL, 't'},
						{NULL, 0, NULL, 0}};
	int which;

	while ((which = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (which == 's')
			load->sockets = (uint32_t)strtoul(optarg, NULL, 10);
		else if (which == 'w')
			load->window = (uint32_t)strtoul(optarg, NULL, 10);
		else if (which == 't')
			load->seconds = strtod(optarg, NULL);
		else
			return false;
	}
	if (argc - optind != 2 || inet_pton(AF_INET, argv[optind], &load->server.sin_addr) != 1)
		return false;
	load->server.sin_port = htons((uint16_t)strtoul(argv[optind + 1], NULL, 10));
	return load->server.sin_port != 0 && load->sockets >= 1 && load->sockets <= SOCKETS_MAX &&
	       load->window >= 1 && load->window <= WINDOW_MAX && load->seconds > 0;
}

int main(int argc, char **argv)
{
	static struct load load = {
		.server = {.sin_family = AF_INET}, .sockets = 4, .window = 48, .seconds = 1};

	if (!parse(&load, argc, argv))
		return usage();
	prepare(&load);
	double seconds = run(&load);
	printf("{\"answers\":%llu,\"seconds\":%.6f,\"answers_per_second\":%.1f,\"lost\":%llu,"
	       "\"answer_bytes\":%u,\"ports\":%llu}\n",
	       (unsigned long long)load.answers, seconds, (double)load.answers / seconds,
	       (unsigned long long)load.lost, load.answer_bytes, (unsigned long long)load.ports);
	return load.answers > 0 ? 0 : 1;
}
