// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-dataplane: start-up in three phases (allocate, ports up, run) and shut-down in reverse.
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf_pool_ops.h>

#include "dataplane/attach.h"
#include "dataplane/bridge/config.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/eal.h"
#include "dataplane/log.h"
#include "dataplane/loop.h"
#include "dataplane/pkt.h"
#include "dataplane/quiesce.h"
#include "dataplane/state/region.h"
#include "dataplane/supervise.h"

LOG_TYPE("main")

#define MBUFS_PER_WORKER \
	16383u // answers parked (8192), bursts and hand-offs under way, receive queues
#define MBUF_CACHE    256u
#define HANDOFF_RING  2048u
#define EXIT_CONFIG   2
#define WAIT_MS       200
#define DRAIN_MS      1000 // for commits under way; devices repeat what takes longer
#define DRAIN_POLL_MS 5
#define DRAIN_PER_MS  100u // DTLS sessions that are written down in a millisecond, at the least

struct gateway {
	struct config *cfg;
	uint32_t workers_count;
	struct dp_worker *workers[BRIDGE_WORKERS_MAX];
	struct rte_mempool *pools[BRIDGE_WORKERS_MAX];
	struct pktio_port ports[PKTIO_PORTS_MAX];
	uint16_t ports_count;
	struct pktio_inherited inherited;
	int keylog_fd;
};

static void usage(FILE *out)
{
	fputs("Usage: sluice-dataplane [--config FILE] [--state DIR] [--check | --supervise]\n"
	      "\n"
	      "The packet-processing process of the sluice gateway.\n"
	      "\n"
	      "  -c, --config FILE  configuration (default sluice.yaml)\n"
	      "  -s, --state DIR    state directory, instead of the configured one; holds "
	      "bridge.sock\n"
	      "      --check        check the configuration and exit\n"
	      "      --supervise    open the kernel sockets, and start the dataplane with them "
	      "again and\n"
	      "                     again when it dies: what devices send meanwhile waits "
	      "(systemd's\n"
	      "                     socket activation does the same: deploy/systemd)\n"
	      "  -h, --help         show this help\n"
	      "      --version      show the version\n"
	      "\n"
	      "Exit status: 0 stopped by SIGINT or SIGTERM, 1 failed, 2 bad command line or "
	      "configuration.\n",
	      out);
}

// Last in, first out: what a burst used is still near when the next one comes. A ring, the usual
// kind, hands out all buffers in turn once a stall has emptied the worker's cache of them, which
// are megabytes more than the processor's caches hold besides what is remembered of devices. AF_XDP
// receives nothing into a stack.
static const char *pool_kind(const struct config *cfg)
{
	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++) {
		const char *ethdev = cfg->dataplane.ports[i].ethdev;

		if (ethdev && strncmp(ethdev, "net_af_xdp", strlen("net_af_xdp")) == 0)
			return rte_mbuf_best_mempool_ops();
	}
	return "stack";
}

static int allocate(struct gateway *gw)
{
	struct dp_worker_params params = {
		.workers = (uint16_t)gw->workers_count,
		.adaptive = gw->cfg->dataplane.poll == CONFIG_POLL_ADAPTIVE,
		.tsc_hz = rte_get_tsc_hz(),
		.body_max = gw->cfg->lwm2m.body_max,
		.overload = gw->cfg->overload,
	};
	char name[32];

	// Hashing spreads devices evenly but not exactly; an eighth more room takes care of that.
	params.max_sessions = gw->cfg->dataplane.max_devices / gw->workers_count;
	if (gw->workers_count > 1)
		params.max_sessions += params.max_sessions / 8 + 64;
	if (getrandom(params.hash_seed, sizeof(params.hash_seed), 0) != sizeof(params.hash_seed))
		return -errno;
	for (uint32_t i = 0; i < gw->workers_count; i++) {
		int socket = (int)rte_lcore_to_socket_id(i + 1);

		snprintf(name, sizeof(name), "packets-%u", i);
		gw->pools[i] = rte_pktmbuf_pool_create_by_ops(
			name, MBUFS_PER_WORKER, MBUF_CACHE, sizeof(struct dp_pkt),
			DP_PKT_DATA_ROOM + RTE_PKTMBUF_HEADROOM, socket, pool_kind(gw->cfg));
		if (!gw->pools[i])
			return -ENOMEM;
		params.index = (uint16_t)i;
		params.pool = gw->pools[i];
		gw->workers[i] = dp_worker_new(&params, socket);
		if (!gw->workers[i])
			return -ENOMEM;
	}
	return 0;
}

static bool wants_dtls(const struct config *cfg)
{
	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++)
		if (cfg->dataplane.ports[i].dtls)
			return true;
	return false;
}

static int open_keylog(struct gateway *gw)
{
	const char *path = gw->cfg->dataplane.keylog;

	gw->keylog_fd = -1;
	if (!path)
		return 0;
	gw->keylog_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (gw->keylog_fd < 0) {
		LOG(ERROR, "dataplane.keylog, %s, cannot open (%s)", path, strerror(errno));
		return -1;
	}
	LOG(WARNING, "secrets of DTLS sessions are written to %s", path);
	return 0;
}

// Whatever else there is to say is the caller's.
static struct dp_dtls_params certificates_of(const struct config *cfg)
{
	return (struct dp_dtls_params){
		.certificate = cfg->security.certificate,
		.key = cfg->security.key,
		.ca = cfg->security.ca,
		.named = cfg->security.by_name,
		.named_count = cfg->security.by_name_count,
		.ticket_lifetime_s = cfg->security.ticket_lifetime_s,
	};
}

// Control has found the files good before it asked for this.
static void renew_certificates(struct gateway *gw)
{
	const struct dp_dtls_params params = certificates_of(gw->cfg);
	char why[160];

	for (uint32_t i = 0; i < gw->workers_count; i++) {
		if (!atomic_exchange_explicit(&gw->workers[i]->renew_wanted, false,
					      memory_order_relaxed) ||
		    !gw->workers[i]->dtls)
			continue;
		if (dp_dtls_renew(gw->workers[i], &params, why) < 0)
			LOG(ERROR, "certificate, not changed (%s)", why);
		else if (i == 0)
			LOG(INFO, "certificate and keys have been read again");
	}
}

static int start_dtls(struct gateway *gw)
{
	struct dp_dtls_params params = certificates_of(gw->cfg);
	char why[160];

	if (!wants_dtls(gw->cfg))
		return 0;
	if (open_keylog(gw) < 0)
		return -1;
	params.keylog_fd = gw->keylog_fd;
	params.prove_moves = gw->cfg->dataplane.routability == CONFIG_ROUTABILITY_PING;
	params.max_handshakes = 1 + (gw->cfg->dataplane.handshakes_max - 1) / gw->workers_count;
	params.max_sessions = gw->cfg->dataplane.max_devices / gw->workers_count;
	// Which worker a device's datagrams come to is chance; and one that comes back on another
	// address without a Connection ID has two sessions for a while.
	params.max_sessions += params.max_sessions / 2 + 64;
	if (getrandom(params.cookie_secret, sizeof(params.cookie_secret), 0) !=
	    sizeof(params.cookie_secret))
		return -1;
	for (uint32_t i = 0; i < gw->workers_count; i++) {
		if (dp_dtls_new(gw->workers[i], &params, why) < 0) {
			LOG(ERROR, "%s", why);
			return -1;
		}
	}
	return 0;
}

// One ring for every ordered pair of workers.
static int connect_workers(struct gateway *gw)
{
	char name[32];

	for (uint32_t from = 0; from < gw->workers_count; from++) {
		for (uint32_t to = 0; to < gw->workers_count; to++) {
			struct rte_ring *ring;

			gw->workers[from]->siblings[to] = gw->workers[to];
			if (from == to)
				continue;
			snprintf(name, sizeof(name), "handoff-%u-%u", from, to);
			ring = rte_ring_create(name, HANDOFF_RING,
					       (int)rte_lcore_to_socket_id(to + 1),
					       RING_F_SP_ENQ | RING_F_SC_DEQ);
			if (!ring)
				return -ENOMEM;
			gw->workers[from]->rings_out[to] = ring;
			gw->workers[to]->rings_in[from] = ring;
		}
	}
	return 0;
}

static void port_error(const struct config *cfg, uint32_t i, const char *why)
{
	char key[64];

	snprintf(key, sizeof(key), "dataplane.ports[%u].%s", i,
		 cfg->dataplane.ports[i].udp ? "udp" : "ethdev");
	fprintf(stderr, "%s:%u: %s: %s\n", cfg->path, config_line(cfg->path, key), key, why);
}

static int open_port(struct gateway *gw, uint32_t i)
{
	const struct config_port *cfg = &gw->cfg->dataplane.ports[i];
	struct pktio_port *port = &gw->ports[i];
	char why[160] = "";
	int ret;

	port->index = (uint8_t)i;
	if (cfg->udp)
		ret = pktio_udp_open(port, cfg, (uint16_t)gw->workers_count, gw->pools,
				     &gw->inherited, why);
	else
		ret = pktio_ethdev_open(port, cfg, (uint16_t)gw->workers_count, gw->pools, why);
	if (ret < 0) {
		port_error(gw->cfg, i, why);
		return ret;
	}
	if (cfg->dtls)
		port->secure = cfg->udp ? PKTIO_SECURE : PKTIO_MIXED;
	gw->ports_count++;
	for (uint32_t w = 0; w < gw->workers_count; w++) {
		gw->workers[w]->ports[i] = port;
		gw->workers[w]->ports_count = gw->ports_count;
	}
	LOG(INFO, "port %u is open (%s)", i, cfg->udp ? cfg->udp : cfg->ethdev);
	if (why[0] != '\0')
		LOG(WARNING, "port %u, %s", i, why);
	return 0;
}

static int open_ports(struct gateway *gw)
{
	char why[160];

	for (uint32_t i = 0; i < gw->cfg->dataplane.ports_count; i++)
		if (open_port(gw, i) < 0)
			return -1;
	if (pktio_inherited_all_taken(&gw->inherited, why))
		return 0;
	fprintf(stderr, "%s: %s\n", gw->cfg->path, why);
	return -1;
}

static void close_ports(struct gateway *gw)
{
	while (gw->ports_count > 0) {
		gw->ports_count--;
		gw->ports[gw->ports_count].ops->close(&gw->ports[gw->ports_count]);
	}
}

static void ring(struct gateway *gw)
{
	uint64_t one = 1;

	for (uint32_t i = 0; i < gw->workers_count; i++)
		(void)!write(gw->workers[i]->doorbell, &one, sizeof(one));
}

static bool all_drained(const struct gateway *gw)
{
	for (uint32_t i = 0; i < gw->workers_count; i++)
		if (!atomic_load_explicit(&gw->workers[i]->drained, memory_order_acquire))
			return false;
	return true;
}

// What was promised is answered as control commits it. What is still in the sockets waits for the
// next dataplane.
static void drain_workers(struct gateway *gw, struct dp_attach *attach)
{
	uint32_t quiet = 0; // twice in a row: what one hands over keeps another at work
	uint64_t max_ms = DRAIN_MS;

	for (uint32_t i = 0; i < gw->workers_count; i++)
		max_ms += gw->workers[i]->gauges.dtls_sessions / DRAIN_PER_MS;
	for (uint32_t i = 0; i < gw->workers_count; i++)
		atomic_store_explicit(&gw->workers[i]->draining, true, memory_order_relaxed);
	ring(gw);
	for (uint32_t ms = 0; ms < max_ms && quiet < 2; ms += DRAIN_POLL_MS) {
		dp_attach_wait(attach, -1, DRAIN_POLL_MS); // control may go meanwhile
		quiet = all_drained(gw) ? quiet + 1 : 0;
	}
	if (quiet < 2)
		LOG(WARNING, "answers that wait for control are given up");
}

static void stop_workers(struct gateway *gw, struct dp_attach *attach)
{
	drain_workers(gw, attach);
	for (uint32_t i = 0; i < gw->workers_count; i++)
		atomic_store_explicit(&gw->workers[i]->stop, true, memory_order_relaxed);
	ring(gw);
	rte_eal_mp_wait_lcore();
	dp_quiesce_watch(NULL, 0);
}

static int run(struct gateway *gw, int stop_fd)
{
	struct dp_attach attach;
	char path[512];
	int ret;

	snprintf(path, sizeof(path), "%s/bridge.sock", gw->cfg->state);
	ret = dp_attach_init(&attach, path, gw->workers, gw->workers_count);
	if (ret < 0) {
		LOG(ERROR, "%s, cannot listen (%s)", path, strerror(-ret));
		return -1;
	}
	dp_quiesce_watch(gw->workers, gw->workers_count);
	for (uint32_t i = 0; i < gw->workers_count; i++)
		rte_eal_remote_launch(dp_worker_run, gw->workers[i], i + 1);
	LOG(INFO, "running with %u worker%s", gw->workers_count, gw->workers_count == 1 ? "" : "s");
	while (!dp_attach_wait(&attach, stop_fd, WAIT_MS))
		renew_certificates(gw);
	LOG(INFO, "stopping");
	stop_workers(gw, &attach);
	dp_attach_fini(&attach);
	return 0;
}

// What an operator has to reserve for all of them.
static void log_tables(void)
{
	struct dp_region_sizes sizes = dp_region_sizes();

	LOG(INFO, "tables, up to %zu MiB as devices come (%zu of them in reserved huge pages)",
	    (sizes.reserved + sizes.other) >> 20, sizes.reserved >> 20);
}

static int start(struct config *cfg)
{
	static struct gateway gw;
	char why[160];
	sigset_t signals;
	int stop_fd, ret = -1;

	gw.cfg = cfg;
	gw.workers_count = cfg->dataplane.workers;
	if (pktio_inherited_init(&gw.inherited, why) < 0) {
		fprintf(stderr, "%s\n", why);
		return EXIT_CONFIG;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL); // before EAL's threads inherit the mask
	signal(SIGPIPE, SIG_IGN);
	stop_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (mkdir(cfg->state, 0750) < 0 && errno != EEXIST) {
		fprintf(stderr, "%s: cannot make the state directory (%s)\n", cfg->state,
			strerror(errno));
		return EXIT_FAILURE;
	}
	if (dp_eal_start(cfg, why) < 0) {
		fprintf(stderr, "%s\n", why);
		return EXIT_FAILURE;
	}
	if (allocate(&gw) < 0 || connect_workers(&gw) < 0) {
		LOG(ERROR, "memory, not enough for %u workers and %u devices", gw.workers_count,
		    cfg->dataplane.max_devices);
		return EXIT_FAILURE;
	}
	if (start_dtls(&gw) < 0)
		return EXIT_FAILURE;
	log_tables();
	ret = open_ports(&gw) == 0 ? run(&gw, stop_fd) == 0 ? EXIT_SUCCESS : EXIT_FAILURE
				   : EXIT_CONFIG;
	close_ports(&gw);
	for (uint32_t i = 0; i < gw.workers_count; i++)
		dp_worker_free(gw.workers[i]);
	rte_eal_cleanup();
	return ret;
}

// What config_load cannot know: which drivers there are. DPDK must run to tell.
static int check_devices(const struct config *cfg)
{
	bool started = false, wrong = false;
	char why[160];

	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++) {
		if (!cfg->dataplane.ports[i].ethdev)
			continue;
		if (!started && dp_eal_start(cfg, why) < 0) {
			fprintf(stderr, "%s\n", why);
			return EXIT_FAILURE;
		}
		started = true;
		if (pktio_ethdev_check(&cfg->dataplane.ports[i], why) < 0) {
			port_error(cfg, i, why);
			wrong = true;
		}
	}
	if (started)
		rte_eal_cleanup();
	return wrong ? EXIT_CONFIG : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"state", required_argument, NULL, 's'},
		{"check", no_argument, NULL, 'k'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{"supervise", no_argument, NULL, 'S'},
		{0},
	};
	const char *path = "sluice.yaml", *state = NULL;
	struct config *cfg;
	bool check = false, supervise = false;
	int opt, ret;

	while ((opt = getopt_long(argc, argv, "c:s:h", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			path = optarg;
			break;
		case 's':
			state = optarg;
			break;
		case 'k':
			check = true;
			break;
		case 'S':
			supervise = true;
			break;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'v':
			puts("sluice-dataplane " SLUICE_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_CONFIG;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "sluice-dataplane: unexpected argument: %s\n", argv[optind]);
		return EXIT_CONFIG;
	}
	cfg = config_load(path, stderr);
	if (!cfg)
		return EXIT_CONFIG;
	if (state) {
		free(cfg->state);
		cfg->state = strdup(state);
	}
	if (check) {
		ret = check_devices(cfg);
		if (ret == EXIT_SUCCESS)
			printf("%s: ok\n", path);
	} else if (supervise) {
		ret = dp_supervise(cfg, (char *[]){argv[0], "--config", cfg->path, "--state",
						   cfg->state, NULL});
	} else {
		ret = start(cfg);
	}
	config_free(cfg);
	return ret;
}
