// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/unit/control/support/gateway.h"

#include <assert.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend/backend.h"
#include "control/downlink.h"
#include "control/hub.h"
#include "control/link/link.h"
#include "control/observe/observations.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/security/credentials.h"
#include "control/store/store.h"
#include "control/upkeep.h"

#define MUST(expression)                                                                 \
	do {                                                                             \
		if (!(expression)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #expression); \
			abort();                                                         \
		}                                                                        \
	} while (0)

void gateway_init(struct gateway *gw)
{
	memset(gw, 0, sizeof(*gw));
	strcpy(gw->state, "/tmp/sluice-test-XXXXXX");
	MUST(mkdtemp(gw->state) != NULL);
	gw->cfg.state = gw->state;
	gw->cfg.lwm2m.awake_s = 93;
	gw->cfg.lwm2m.queue_max = 64;
	gw->cfg.backends = gw->backends;
	gw->cfg.outbox.max_bytes = UINT64_C(8) << 30;
}

static int on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void gateway_remove(struct gateway *gw)
{
	nftw(gw->state, on_file, 8, FTW_DEPTH | FTW_PHYS);
}

void gateway_backend(struct gateway *gw, const char *name, const char *url)
{
	struct config_backend *backend = &gw->backends[gw->cfg.backends_count++];

	backend->name = (char *)(uintptr_t)name;
	backend->url = (char *)(uintptr_t)url;
	config_backend_defaults(backend);
}

void gateway_start(struct gateway *gw)
{
	struct ctl *ctl = &gw->ctl;
	char why[160];

	memset(ctl, 0, sizeof(*ctl));
	MUST(uv_loop_init(&gw->loop) == 0);
	ctl->loop = &gw->loop;
	ctl->cfg = &gw->cfg;
	ctl->store = ctl_store_open(gw->state, gw->map_bytes ? gw->map_bytes : (size_t)1 << 30,
				    !config_all_memory(&gw->cfg), why);
	MUST(ctl->store != NULL);
	MUST((ctl->registry = ctl_registry_new()) != NULL);
	MUST(ctl_store_load(ctl->store, ctl->registry) == 0);
	MUST((ctl->hub = ctl_hub_new()) != NULL);
	MUST(ctl_store_start(ctl->store, &gw->loop, &ctl->holds) == 0);
	MUST(ctl_upkeep_start(ctl, &ctl->upkeep) == 0);
	MUST(ctl_credentials_new(ctl, &ctl->credentials, why) == 0);
	MUST((ctl->downlink = ctl_downlink_new(ctl)) != NULL);
	MUST(ctl_observations_new(ctl, &ctl->observations) == 0);
	MUST(ctl_backends_start(ctl, &ctl->backends) == 0);
	MUST(ctl_link_start(ctl, &ctl->link) == 0);
	MUST(ctl_queue_new(ctl, &ctl->queue) == 0);
}

void gateway_stop(struct gateway *gw)
{
	struct ctl *ctl = &gw->ctl;

	ctl_store_finish(ctl->store);
	ctl_queue_free(ctl->queue);
	ctl_credentials_free(ctl->credentials);
	ctl_link_stop(ctl->link);
	ctl_backends_stop(ctl->backends);
	ctl_observations_free(ctl->observations);
	ctl_downlink_free(ctl->downlink);
	ctl_upkeep_stop(ctl->upkeep);
	uv_run(&gw->loop, UV_RUN_DEFAULT);
	ctl_hub_free(ctl->hub);
	ctl_registry_free(ctl->registry);
	ctl_store_close(ctl->store);
	MUST(uv_loop_close(&gw->loop) == 0);
}

bool gateway_run_until(struct gateway *gw, bool (*condition)(void *), void (*step)(void *),
		       void *arg)
{
	uint64_t deadline_ns = uv_hrtime() + 120000000000u;

	while (!condition(arg)) {
		if (uv_hrtime() > deadline_ns)
			return false;
		uv_run(&gw->loop, UV_RUN_NOWAIT);
		if (step != NULL)
			step(arg);
		sched_yield();
	}
	return true;
}
