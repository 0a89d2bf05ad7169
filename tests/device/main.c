// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-test-device: one simulated LwM2M device that tests steer.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/device/commands.h"
#include "tests/device/options.h"
#include "tests/device/secure.h"
#include "tests/device/socket.h"

#define CONNECT_MS 10000u

struct program {
	struct device_options opt;
	struct device dev;
	struct device_env env;
	struct swarm_counters counters;
	struct histogram latency;
	uint16_t next_mid;
	int fd;
	struct secure *secure; // NULL: in the clear
	bool over;             // the association
	char input[2048];      // what has come of a line
	size_t input_len;
};

static void on_send(void *arg, const void *datagram, size_t len)
{
	struct program *p = arg;
	if (p->secure != NULL ? secure_write(p->secure, datagram, len) < 0
			      : send(p->fd, datagram, len, 0) < 0)
		p->counters.send_errors++;
}

// One write per line, so that whoever reads a pipe sees whole lines at once.
static void on_event(void *arg, const char *line)
{
	(void)arg;
	printf("%s\n", line);
	fflush(stdout);
}

static void on_move(void *arg)
{
	struct program *p = arg;
	int fd = device_socket_open(p->opt.server, p->opt.bind);
	if (fd < 0)
		return;
	close(p->fd);
	p->fd = fd;
	device_note(&p->env, "moved %u", device_socket_port(fd));
}

static bool connect_secure(struct program *p)
{
	int alert = secure_connect(p->secure, CONNECT_MS);
	p->over = false;
	if (alert == 0)
		device_note(&p->env, secure_resumed(p->secure) ? "connected resumed" : "connected");
	else
		device_note(&p->env, "not-connected %d", alert);
	return alert == 0;
}

static bool on_secure(void *arg, const char *what)
{
	struct program *p = arg;
	if (p->secure == NULL)
		return false;
	if (strcmp(what, "handshake") == 0)
		return connect_secure(p);
	if (strcmp(what, "rekey") == 0)
		return secure_rekey(p->secure) == 0;
	secure_close(p->secure);
	return true;
}

static void set_time(struct program *p)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	p->env.now_us = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
	p->env.clock_s = time(NULL);
	if (getrandom(&p->env.random, sizeof(p->env.random), GRND_NONBLOCK) < 0)
		p->env.random = (uint32_t)now.tv_nsec;
}

static void receive_secure(struct program *p)
{
	uint8_t buf[16384];
	ssize_t len;
	while ((len = secure_read(p->secure, buf, sizeof(buf))) > 0)
		device_on_datagram(&p->dev, &p->env, buf, (size_t)len);
	if (len == 0 || p->over)
		return;
	p->over = true;
	device_note(&p->env, "over %d", secure_alert(p->secure));
}

static void receive(struct program *p)
{
	uint8_t buf[65536];
	ssize_t len;
	if (p->secure != NULL) {
		receive_secure(p);
		while (p->over && recv(p->fd, buf, sizeof(buf), 0) >= 0)
			; // for nobody
		return;
	}
	while ((len = recv(p->fd, buf, sizeof(buf), 0)) >= 0)
		device_on_datagram(&p->dev, &p->env, buf, (size_t)len);
	p->counters.send_errors += errno != EAGAIN && errno != EINTR;
}

// False at "quit" and at the end of the input.
static bool read_commands(struct program *p)
{
	const struct command_target target = {&p->dev, &p->env, on_move, on_secure, p};
	ssize_t n =
		read(STDIN_FILENO, p->input + p->input_len, sizeof(p->input) - 1 - p->input_len);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	p->input_len += (size_t)n;
	char *line = p->input, *end;
	while ((end = memchr(line, '\n', (size_t)(p->input + p->input_len - line))) != NULL) {
		*end = 0;
		if (!command_run(&target, line))
			return false;
		line = end + 1;
	}
	p->input_len -= (size_t)(line - p->input);
	memmove(p->input, line, p->input_len);
	return p->input_len < sizeof(p->input) - 1;
}

static int wait_ms(const struct program *p)
{
	if (p->dev.deadline_us == DEVICE_NEVER)
		return -1;
	if (p->dev.deadline_us <= p->env.now_us)
		return 0;
	uint64_t ms = (p->dev.deadline_us - p->env.now_us + 999) / 1000;
	return ms < 60000 ? (int)ms : 60000;
}

static void run(struct program *p)
{
	struct pollfd fds[2] = {{.fd = p->fd, .events = POLLIN},
				{.fd = STDIN_FILENO, .events = POLLIN}};
	for (;;) {
		set_time(p);
		fds[0].fd = p->fd;
		if (poll(fds, 2, wait_ms(p)) < 0 && errno != EINTR)
			return;
		set_time(p);
		if (fds[0].revents != 0)
			receive(p);
		if (fds[1].revents != 0 && !read_commands(p))
			return;
		if (p->dev.deadline_us <= p->env.now_us)
			device_on_time(&p->dev, &p->env);
	}
}

int main(int argc, char **argv)
{
	static struct program p;
	int stop = device_options_parse(&p.opt, argc, argv);
	if (stop != 0)
		return stop == 1 ? 0 : 2;
	p.fd = device_socket_open(p.opt.server, p.opt.bind);
	if (p.fd < 0)
		return 1;
	p.env = (struct device_env){
		.config = &p.opt.config,
		.counters = &p.counters,
		.latency = &p.latency,
		.next_mid = &p.next_mid,
		.send = on_send,
		.event = on_event,
		.arg = &p,
	};
	if (p.opt.secure.version != NULL) {
		p.secure = secure_new(&p.opt.secure, &p.fd);
		if (p.secure == NULL || !connect_secure(&p))
			return 1;
	}
	set_time(&p);
	p.next_mid = (uint16_t)p.env.random; // RFC 7252 section 4.4
	device_init(&p.dev, &p.opt.config, 0, p.env.now_us);
	p.dev.silent = p.opt.stop_updates;
	if (p.opt.idle) {
		p.dev.state = DEVICE_GONE;
		p.dev.deadline_us = DEVICE_NEVER;
	}
	run(&p);
	device_fini(&p.dev);
	secure_free(p.secure);
	close(p.fd);
	return 0;
}
