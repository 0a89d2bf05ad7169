// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-swarm: a fleet of simulated LwM2M devices.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/swarm/fleet.h"
#include "bench/swarm/load/run.h"
#include "bench/swarm/options.h"
#include "bench/swarm/report.h"

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static uint64_t clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static bool write_list(const struct fleet *fleet)
{
	int err = report_list(fleet, fleet->opt->list_path);
	if (err != 0)
		fprintf(stderr, "sluice-swarm: %s: %s\n", fleet->opt->list_path, strerror(-err));
	return true;
}

static void run(struct fleet *fleet)
{
	struct report report = {.last_us = fleet->started_us};
	sig_atomic_t seen = 0;
	bool listed = fleet->opt->list_path == NULL;
	while (fleet->phase != FLEET_DONE) {
		if (signals != seen) {
			seen = signals;
			fleet_interrupt(fleet);
		}
		fleet_run(fleet);
		if (!listed && fleet->phase != FLEET_RUNNING)
			listed = write_list(fleet);
		if (!fleet->opt->quiet && fleet->now_us - report.last_us >= 1000000u)
			report_progress(&report, fleet, stderr);
	}
}

int main(int argc, char **argv)
{
	struct options opt;
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return load_run(argc - 1, argv + 1);
	struct sigaction action = {.sa_handler = on_signal};
	int stop = options_parse(&opt, argc, argv);
	if (stop != 0)
		return stop == 1 ? 0 : 2;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	struct fleet *fleet = fleet_new(&opt, clock_us);
	if (fleet == NULL)
		return 1;
	run(fleet);
	if (opt.json)
		report_json(fleet, stdout);
	else
		report_text(fleet, stdout);
	bool ok = fleet_succeeded(fleet);
	fleet_free(fleet);
	return ok ? 0 : 1;
}
