// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "bench/swarm/load/dtls/port_dtls.h"
#include "bench/swarm/load/eal.h"
#include "bench/swarm/load/locations.h"
#include "bench/swarm/load/options.h"
#include "bench/swarm/load/pcap.h"
#include "bench/swarm/load/result.h"
#include "bench/swarm/load/swarm.h"

#define LIVE_NAP_US 500u

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
	(void)number;
	signals++;
}

struct progress {
	struct swarm_counters last;
	uint64_t last_tsc;
	uint64_t run_tsc; // start of the run
	unsigned nap_us;
	bool quiet;
};

// A living fleet is no measurement: what it does not need is left to the gateway beside it.
static void nap(const struct swarm *swarm, unsigned nap_us)
{
	if (nap_us != 0)
		usleep(nap_us);
	else if (swarm->phase->kind == PHASE_LIVE)
		usleep(LIVE_NAP_US);
}

static void show_progress(struct progress *p, const struct swarm *swarm)
{
	double hz = (double)swarm->tsc_hz;

	if (!p->quiet)
		result_progress(swarm, &p->last, (double)(swarm->now_tsc - p->last_tsc) / hz,
				(double)(swarm->now_tsc - p->run_tsc) / hz, stderr);
	p->last = swarm->counters;
	p->last_tsc = swarm->now_tsc;
	if (swarm->live && swarm->live->journal)
		fflush(swarm->live->journal);
}

static struct port_dtls_counters counted_since(const struct port *port,
					       const struct port_dtls_counters *before)
{
	struct port_dtls_counters now;

	port_dtls_count(port, &now);
#define X(name, help) now.name -= before->name;
	PORT_DTLS_COUNTERS(X)
#undef X
	return now;
}

// A second signal ends the phase without waiting for what is under way.
static bool play_phase(struct swarm *swarm, const struct phase *phase, struct progress *progress,
		       struct result_phase *r)
{
	struct port_dtls_counters before = {0};
	uint64_t now = rte_rdtsc(), sent_tsc = 0;

	*r = (struct result_phase){.phase = phase};
	if (swarm->sc->dtls.psk_len > 0)
		port_dtls_count(swarm->port, &before);
	swarm_begin(swarm, phase, now);
	progress->last = swarm->counters;
	progress->last_tsc = now;
	while (!swarm_is_done(swarm) && signals < 2) {
		unsigned work = swarm_poll(swarm, now);
		if (work == 0)
			nap(swarm, progress->nap_us);
		uint64_t then = now;
		now = rte_rdtsc();
		r->busy_tsc += work ? now - then : 0;
		r->busy_polls += work > 0;
		if (unlikely(sent_tsc == 0 && swarm_has_sent(swarm))) {
			sent_tsc = now;
			r->sent_exchanges = swarm->counters.exchanges;
		}
		if (unlikely(now - progress->last_tsc >= swarm->tsc_hz)) {
			show_progress(progress, swarm);
			if (signals > 0)
				swarm_stop(swarm);
		}
	}
	r->seconds = (double)(now - swarm->started_tsc) / (double)swarm->tsc_hz;
	r->sending_seconds =
		(double)((sent_tsc ? sent_tsc : now) - swarm->started_tsc) / (double)swarm->tsc_hz;
	r->counters = swarm->counters;
	r->latency = swarm->latency;
	r->first_wrong = swarm->first_wrong;
	r->first_wrong_device = swarm->first_wrong_device;
	if (swarm->sc->dtls.psk_len > 0)
		r->dtls = counted_since(swarm->port, &before);
	if (swarm->kind == REQUEST_REGISTER)
		r->shared_locations = locations_shared(swarm);
	return signals == 0;
}

// A file has no time: of a phase that would go on for some, it gets one round.
static struct phase once(const struct phase *phase)
{
	struct phase copy = *phase;

	copy.rounds = phase->rounds ?: 1;
	copy.duration_ms = 0;
	copy.rate = 0;
	return copy;
}

static bool plays_into_file(const struct load_options *opt, const struct phase *phase)
{
	bool registers = phase->kind == PHASE_REGISTER || phase->kind == PHASE_REBOOT;

	return opt->pcap_path && !(opt->live && registers);
}

static void play(struct swarm *swarm, const struct load_options *opt, struct port *file,
		 struct result *result)
{
	struct progress progress = {
		.quiet = opt->quiet, .nap_us = opt->nap_us, .run_tsc = rte_rdtsc()};
	struct port *live = swarm->port;
	bool go_on = true;

	for (uint32_t i = 0; i < opt->scenario.phases_count && go_on; i++) {
		struct result_phase *r = &result->phases[result->count++];
		const struct phase *phase = &opt->scenario.phases[i];
		struct phase into_file = once(phase);

		swarm->port = live;
		swarm->bounce = opt->bounce;
		if (plays_into_file(opt, phase)) {
			if (phase->kind == PHASE_PAUSE)
				continue;
			pcap_set_rate(file, phase->rate ?: 1000000);
			swarm->port = file;
			swarm->bounce = true;
			go_on = play_phase(swarm, &into_file, &progress, r);
			r->phase = phase;
			printf("%-10s %llu packets written\n", scenario_phase_name(phase->kind),
			       (unsigned long long)r->counters.requests);
			continue;
		}
		go_on = play_phase(swarm, &opt->scenario.phases[i], &progress, r);
		result_phase_text(result, r, strcmp(opt->json_path ?: "", "-") ? stdout : stderr);
	}
	result->interrupted = !go_on;
}

static bool write_json(const struct result *result)
{
	const char *path = result->opt->json_path;
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

	if (out)
		result_json(result, out);
	if (!out || (out == stdout ? fflush(out) : fclose(out)) != 0) {
		fprintf(stderr, "sluice-swarm: %s: %s\n", path, strerror(errno));
		return false;
	}
	return true;
}

static int run_with_ports(const struct load_options *opt, struct port *port, struct port *file)
{
	struct swarm *swarm = swarm_new(&opt->scenario, port, rte_get_tsc_hz());
	struct result *result = calloc(1, sizeof(*result));
	int status = 1;

	if (!swarm || !result) {
		fprintf(stderr, "sluice-swarm: no memory for %u devices\n", opt->scenario.devices);
		goto out;
	}
	*result = (struct result){.opt = opt, .port = port, .tsc_hz = (double)rte_get_tsc_hz()};
	if (opt->bounce || (file && !opt->live))
		locations_invent(swarm);
	if (opt->journal_path && !(swarm->live->journal = fopen(opt->journal_path, "we"))) {
		fprintf(stderr, "sluice-swarm: %s: %s\n", opt->journal_path, strerror(errno));
		goto out;
	}
	play(swarm, opt, file, result);
	status = result_ok(result) ? 0 : 1;
	if (opt->json_path && !write_json(result))
		status = 1;
	if (opt->journal_path && fclose(swarm->live->journal) != 0) {
		fprintf(stderr, "sluice-swarm: %s: %s\n", opt->journal_path, strerror(errno));
		status = 1;
	}
out:
	if (swarm)
		swarm_free(swarm);
	free(result);
	return status;
}

static struct port *open_port(const struct load_options *opt, struct rte_mempool *pool)
{
	struct port *port = opt->port.device ? port_dpdk_open(&opt->port, &opt->scenario, pool)
					     : port_udp_open(&opt->port, &opt->scenario, pool);

	return port && opt->scenario.dtls.psk_len > 0 ? port_dtls_open(port, &opt->scenario) : port;
}

static int run_with_pool(const struct load_options *opt, struct rte_mempool *pool)
{
	bool offline = opt->pcap_path && !opt->live;
	struct port *file = NULL, *port = NULL;
	int status = 1;

	if (opt->pcap_path && !(file = pcap_open(opt->pcap_path, &opt->port, &opt->scenario, pool)))
		return 1;
	port = offline ? file : open_port(opt, pool);
	if (port)
		status = run_with_ports(opt, port, file);
	if (port && port != file)
		port->ops->close(port);
	if (file && !pcap_finish(file)) {
		fprintf(stderr, "sluice-swarm: %s: not written in full\n", opt->pcap_path);
		status = 1;
	}
	return status;
}

int load_run(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct load_options opt;
	struct rte_mempool *pool;
	int stop = load_options_parse(&opt, argc, argv);

	if (stop != 0)
		return stop == 1 ? 0 : 2;
	if (eal_start(opt.port.device, opt.lcore) < 0 || !(pool = eal_pool(opt.port.device)))
		return 1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	int status = run_with_pool(&opt, pool);
	rte_mempool_free(pool);
	(void)rte_eal_cleanup();
	return status;
}
