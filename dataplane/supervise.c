// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/supervise.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dataplane/log.h"
#include "dataplane/pktio/inherited.h"
#include "dataplane/pktio/udp_socket.h"

LOG_TYPE("supervise")

#define EXIT_CONFIG  2
#define PAUSE_MIN_MS 100u
#define PAUSE_MAX_MS 5000u
#define HEALTHY_MS   10000u

struct supervisor {
	const struct dp_supervised *what;
	int signal_fd;
	pid_t child; // 0: none
	uint64_t started_ms;
	uint64_t due_ms; // without a child: when the next one starts
	uint32_t pause_ms;
	bool stopping;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void number_set(const char *name, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	setenv(name, text, 1);
}

// To the numbers that are agreed on, out of each other's way first.
static bool place_sockets(const struct dp_supervised *what)
{
	int beyond = PKTIO_INHERITED_FIRST + (int)what->fds_count;
	int *fds = what->fds; // the child's own copy by now

	for (uint32_t i = 0; i < what->fds_count; i++) {
		fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, beyond);
		if (fds[i] < 0)
			return false;
	}
	for (uint32_t i = 0; i < what->fds_count; i++)
		if (dup2(fds[i], PKTIO_INHERITED_FIRST + (int)i) < 0)
			return false;
	return true;
}

static void become_child(const struct dp_supervised *what, pid_t parent)
{
	sigset_t none;

	// Should this process be killed outright, the kernel tells the child to stop.
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (what->fds_count > 0 && !place_sockets(what))
		_exit(EXIT_FAILURE);
	if (what->fds_count > 0) {
		number_set("LISTEN_FDS", what->fds_count);
		number_set("LISTEN_PID", (uint32_t)getpid());
		unsetenv("LISTEN_FDNAMES");
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(what->argv[0], what->argv);
	_exit(EXIT_FAILURE);
}

static void start(struct supervisor *s)
{
	pid_t self = getpid();
	pid_t child = fork();

	if (child == 0)
		become_child(s->what, self);
	s->started_ms = now_ms();
	if (child < 0) {
		LOG(ERROR, "dataplane, cannot be started (%s)", strerror(errno));
		s->pause_ms = dp_supervise_pause(s->what, s->pause_ms, 0);
		s->due_ms = s->started_ms + s->pause_ms;
		return;
	}
	s->child = child;
}

uint32_t dp_supervise_pause(const struct dp_supervised *supervised, uint32_t last_ms,
			    uint64_t lived_ms)
{
	if (last_ms == 0 || lived_ms >= supervised->healthy_ms)
		return supervised->pause_min_ms;
	return last_ms * 2 < supervised->pause_max_ms ? last_ms * 2 : supervised->pause_max_ms;
}

// The exit status to end with, or -1 when the child is to be started again.
static int ended(struct supervisor *s, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
	uint64_t now = now_ms();

	s->child = 0;
	// It may have been told to stop before it had a handler for that.
	if (s->stopping && WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGINT))
		return EXIT_SUCCESS;
	if (s->stopping || (WIFEXITED(status) && (code == 0 || code == EXIT_CONFIG)))
		return code;
	s->pause_ms = dp_supervise_pause(s->what, s->pause_ms, now - s->started_ms);
	s->due_ms = now + s->pause_ms;
	if (WIFEXITED(status))
		LOG(WARNING, "dataplane, ended (status %d), starting it again in %u ms", code,
		    s->pause_ms);
	else
		LOG(WARNING, "dataplane, ended (%s), starting it again in %u ms",
		    strsignal(WTERMSIG(status)), s->pause_ms);
	return -1;
}

static int on_signal(struct supervisor *s, uint32_t number)
{
	int status;

	if (number == SIGCHLD)
		return s->child != 0 && waitpid(s->child, &status, WNOHANG) == s->child
			       ? ended(s, status)
			       : -1;
	s->stopping = true;
	if (s->child == 0)
		return EXIT_SUCCESS;
	kill(s->child, (int)number);
	return -1;
}

// Milliseconds to wait for a signal; -1: for ever.
static int patience(const struct supervisor *s)
{
	uint64_t now = now_ms();

	if (s->child != 0)
		return -1;
	return s->due_ms > now ? (int)(s->due_ms - now) : 0;
}

int dp_supervise_child(const struct dp_supervised *supervised)
{
	struct supervisor s = {.what = supervised};
	struct signalfd_siginfo info;
	sigset_t signals, before;
	int result = -1;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &before);
	s.signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	while (result < 0) {
		struct pollfd fd = {.fd = s.signal_fd, .events = POLLIN};

		if (s.child == 0 && patience(&s) == 0)
			start(&s);
		if (poll(&fd, 1, patience(&s)) > 0 &&
		    read(s.signal_fd, &info, sizeof(info)) == sizeof(info))
			result = on_signal(&s, info.ssi_signo);
	}
	close(s.signal_fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

static int open_sockets(const struct config *cfg, int fds[static PKTIO_INHERITED_MAX])
{
	uint16_t workers = (uint16_t)cfg->dataplane.workers;
	int count = 0;

	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++) {
		const char *udp = cfg->dataplane.ports[i].udp;
		uint8_t addr[16];
		uint16_t port;

		if (!udp || !config_parse_endpoint(udp, addr, &port))
			continue;
		port = htons(port);
		int rc = udp_sockets_open(addr, &port, fds + count, workers);
		if (rc < 0) {
			char key[64];

			snprintf(key, sizeof(key), "dataplane.ports[%u].udp", i);
			fprintf(stderr, "%s:%u: %s: udp %s: %s\n", cfg->path,
				config_line(cfg->path, key), key, udp, strerror(-rc));
			return rc;
		}
		count += workers;
	}
	return count;
}

int dp_supervise(const struct config *cfg, char *const *argv)
{
	static int fds[PKTIO_INHERITED_MAX];
	int count = open_sockets(cfg, fds);
	struct dp_supervised supervised = {
		.fds = fds,
		.fds_count = (uint32_t)count,
		.argv = argv,
		.pause_min_ms = PAUSE_MIN_MS,
		.pause_max_ms = PAUSE_MAX_MS,
		.healthy_ms = HEALTHY_MS,
	};

	return count < 0 ? EXIT_CONFIG : dp_supervise_child(&supervised);
}
