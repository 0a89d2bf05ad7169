// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-control: makes its parts in the order of struct ctl, runs the loop, takes them down in
// reverse.
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <jemalloc/jemalloc.h>

#include "control/backend/backend.h"
#include "control/ctl.h"
#include "control/downlink.h"
#include "control/drain.h"
#include "control/hub.h"
#include "control/link/link.h"
#include "control/log.h"
#include "control/models/models.h"
#include "control/observe/observations.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/rest/rest.h"
#include "control/security/credentials.h"
#include "control/security/own.h"
#include "control/store/dtls_sessions.h"
#include "control/store/guard.h"
#include "control/store/store.h"
#include "control/upkeep.h"

LOG_TYPE("main");

#define EXIT_CONFIG 2

struct options {
	const char *config;
	const char *state;
	bool check;
	bool forget;
};

static void usage(FILE *out)
{
	fputs("Usage: sluice-control [--config FILE] [--state DIR] [--check | --forget-sessions]\n"
	      "\n"
	      "The control process of the sluice gateway: storage, REST API, back ends.\n"
	      "\n"
	      "  -c, --config FILE  configuration (default sluice.yaml)\n"
	      "  -s, --state DIR    state directory, instead of the configured one\n"
	      "      --check        check the configuration and exit\n"
	      "      --forget-sessions\n"
	      "                     forget the DTLS sessions in the store and exit: for a copy "
	      "that "
	      "was put back\n"
	      "  -h, --help         show this help\n"
	      "      --version      show the version\n"
	      "\n"
	      "SIGHUP reads the certificate and the key in the configuration again.\n"
	      "\n"
	      "Exit status: 0 stopped by SIGINT or SIGTERM, 1 failed, 2 bad command line or "
	      "configuration.\n",
	      out);
}

static void options_parse(struct options *options, int argc, char **argv)
{
	enum { OPT_CHECK = 256, OPT_VERSION, OPT_FORGET };
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"state", required_argument, NULL, 's'},
		{"check", no_argument, NULL, OPT_CHECK},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, OPT_VERSION},
		{"forget-sessions", no_argument, NULL, OPT_FORGET},
		{0},
	};
	int c;

	*options = (struct options){.config = "sluice.yaml"};
	while ((c = getopt_long(argc, argv, "c:s:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 's':
			options->state = optarg;
			break;
		case OPT_CHECK:
			options->check = true;
			break;
		case OPT_FORGET:
			options->forget = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_SUCCESS);
		case OPT_VERSION:
			puts("sluice-control " SLUICE_VERSION);
			exit(EXIT_SUCCESS);
		default:
			usage(stderr);
			exit(EXIT_CONFIG);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "sluice-control: %s: not expected\n", argv[optind]);
		exit(EXIT_CONFIG);
	}
}

static struct config *config_get(const struct options *options)
{
	struct config *cfg = config_load(options->config, stderr);
	char *state;

	if (cfg == NULL || options->state == NULL)
		return cfg;
	state = strdup(options->state);
	if (state == NULL) {
		config_free(cfg);
		return NULL;
	}
	free(cfg->state);
	cfg->state = state;
	return cfg;
}

// malloc may be another library's, should somebody preload one: worth a line, as /metrics would
// lie.
static void allocator_check(void)
{
	uint64_t before = 0, after = 0;
	size_t len = sizeof(before);
	void *volatile block;

	if (mallctl("thread.allocated", &before, &len, NULL, 0) != 0)
		return;
	block = malloc(1 << 16);
	mallctl("thread.allocated", &after, &len, NULL, 0);
	free(block);
	if (after == before)
		LOG(warning, "allocator, not jemalloc; its figures in /metrics mean nothing");
}

static void models_problem(const char *text, void *arg)
{
	LOG(warning, "object definitions, %s", text);
}

static void check_problem(const char *text, void *arg)
{
	bool *ok = arg;

	*ok = false;
	fprintf(stderr, "%s\n", text);
}

static int check(const struct config *cfg, const char *name)
{
	bool ok = true;
	struct ctl_models *models = ctl_models_new(cfg->lwm2m.models, check_problem, &ok);
	struct ctl_own *own = NULL;
	char why[160];

	if (models == NULL)
		return EXIT_FAILURE;
	ctl_models_free(models);
	if (ctl_own_load(&cfg->security, &own, why) != 0)
		check_problem(why, &ok);
	ctl_own_free(own);
	if (!ok)
		return EXIT_CONFIG;
	printf("%s: ok\n", name);
	return EXIT_SUCCESS;
}

static int forget(const struct config *cfg)
{
	char why[160];
	struct ctl_store *store =
		ctl_store_open(cfg->state, CTL_STORE_MAP_BYTES, !config_all_memory(cfg), why);
	int rc;

	if (store == NULL) {
		fprintf(stderr, "%s\n", why);
		return EXIT_FAILURE;
	}
	ctl_store_dtls_forget(store);
	rc = ctl_store_commit(store);
	ctl_store_close(store);
	if (rc == 0)
		printf("%s: DTLS sessions forgotten\n", cfg->state);
	else
		fprintf(stderr, "%s: store, cannot be written (%s)\n", cfg->state, strerror(-rc));
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int data_open(struct ctl *ctl)
{
	char why[160];
	int rc;

	ctl_store_guard(ctl->cfg->state);
	ctl->store = ctl_store_open(ctl->cfg->state, CTL_STORE_MAP_BYTES,
				    !config_all_memory(ctl->cfg), why);
	if (ctl->store == NULL) {
		LOG(error, "%s", why);
		return -EIO;
	}
	ctl->models = ctl_models_new(ctl->cfg->lwm2m.models, models_problem, NULL);
	ctl->registry = ctl_registry_new();
	if (ctl->models == NULL || ctl->registry == NULL)
		return -ENOMEM;
	rc = ctl_store_load(ctl->store, ctl->registry);
	if (rc != 0)
		LOG(error, "store, cannot be read (%s)", strerror(-rc));
	else
		LOG(info, "store, %zu registrations", ctl_registry_count(ctl->registry));
	return rc;
}

static void data_close(struct ctl *ctl)
{
	ctl_registry_free(ctl->registry);
	ctl_models_free(ctl->models);
	ctl_store_close(ctl->store);
}

static int parts_start(struct ctl *ctl)
{
	char why[160] = "";
	int rc;

	ctl->hub = ctl_hub_new();
	if (ctl->hub == NULL)
		return -ENOMEM;
	rc = ctl_upkeep_start(ctl, &ctl->upkeep);
	if (rc != 0)
		return rc;
	rc = ctl_credentials_new(ctl, &ctl->credentials, why);
	if (rc != 0) {
		LOG(error, "%s", why);
		return rc;
	}
	rc = ctl_own_reload(ctl);
	if (rc != 0)
		return rc;
	ctl->downlink = ctl_downlink_new(ctl);
	if (ctl->downlink == NULL)
		return -ENOMEM;
	rc = ctl_observations_new(ctl, &ctl->observations);
	if (rc == 0)
		rc = ctl_backends_start(ctl, &ctl->backends);
	if (rc == 0)
		rc = ctl_link_start(ctl, &ctl->link);
	// Before REST, so that event streams tell AWAKE before the REGISTRATION that caused it, as
	// Leshan does, and of a device that is leaving that it sleeps.
	if (rc == 0)
		rc = ctl_queue_new(ctl, &ctl->queue);
	if (rc == 0)
		rc = ctl_rest_start(ctl, &ctl->rest, why);
	// Until here a disk that cannot be written is an error.
	if (rc == 0)
		rc = ctl_store_start(ctl->store, ctl->loop, &ctl->holds);
	if (why[0] != '\0')
		LOG(error, "REST, %s", why);
	return rc;
}

// Also after a start that came only half way.
static void parts_stop(struct ctl *ctl)
{
	ctl_store_finish(ctl->store); // what was taken is told while everybody is there
	if (ctl->queue != NULL)
		ctl_queue_free(ctl->queue);
	if (ctl->rest != NULL)
		ctl_rest_stop(ctl->rest);
	ctl_credentials_free(ctl->credentials);
	if (ctl->link != NULL)
		ctl_link_stop(ctl->link);
	if (ctl->backends != NULL)
		ctl_backends_stop(ctl->backends);
	ctl_observations_free(ctl->observations);
	if (ctl->downlink != NULL)
		ctl_downlink_free(ctl->downlink);
	if (ctl->upkeep != NULL)
		ctl_upkeep_stop(ctl->upkeep);
	uv_run(ctl->loop, UV_RUN_DEFAULT); // handles are closed by the loop
	ctl_hub_free(ctl->hub);
	ctl_own_free(ctl->own);
}

static struct ctl_drain drain;

static void on_signal(uv_signal_t *handle, int signum)
{
	if (signum == SIGHUP) {
		if (ctl_own_reload(handle->data) == 0)
			LOG(info, "certificate and key, read again");
		return;
	}
	LOG(info, "stopping (%s)", strsignal(signum));
	ctl_drain_start(&drain, handle->data);
}

static int run(struct ctl *ctl)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	uv_signal_t signals[3];
	int rc = parts_start(ctl);

	if (rc == 0) {
		for (int i = 0; i < 3; i++) {
			uv_signal_init(ctl->loop, &signals[i]);
			signals[i].data = ctl;
			uv_signal_start(&signals[i], on_signal, numbers[i]);
		}
		LOG(info, "ready, REST on http://%s", ctl->cfg->control.listen);
		uv_run(ctl->loop, UV_RUN_DEFAULT);
		ctl_drain_close(&drain);
		for (int i = 0; i < 3; i++)
			uv_close((uv_handle_t *)&signals[i], NULL);
	} else {
		LOG(error, "start failed (%s)", strerror(-rc));
	}
	parts_stop(ctl);
	return rc;
}

int main(int argc, char **argv)
{
	struct options options;
	struct ctl ctl = {0};
	struct config *cfg;
	uv_loop_t loop;
	int rc;

	options_parse(&options, argc, argv);
	cfg = config_get(&options);
	if (cfg == NULL)
		return EXIT_CONFIG;
	if (options.check || options.forget) {
		rc = options.check ? check(cfg, options.config) : forget(cfg);
		config_free(cfg);
		return rc;
	}
	signal(SIGPIPE, SIG_IGN);
	allocator_check();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	uv_loop_init(&loop);
	ctl.loop = &loop;
	ctl.cfg = cfg;
	rc = data_open(&ctl);
	if (rc == 0)
		rc = run(&ctl);
	data_close(&ctl);
	uv_loop_close(&loop);
	curl_global_cleanup();
	config_free(cfg);
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
