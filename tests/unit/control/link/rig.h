// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control without REST and a played dataplane, for the tests of the link: every test starts with
// the two attached.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/hub.h"
#include "control/link/state.h"
#include "control/metrics.h"
#include "control/registry.h"
#include "control/store/store.h"
#include "tests/unit/control/support/dataplane.h"
#include "tests/unit/control/support/gateway.h"

static struct gateway gw;
static struct fake_dataplane dp;
static char heard[4096]; // what the hub said: "R:name ", "U:name ", "D0:name "

static inline void on_event(const struct ctl_event *event, void *arg)
{
	static const char *const types[] = {"R", "U", "D"};
	const struct ctl_record *rec = event->reg->record;
	size_t len = strlen(heard);

	if (len + 300 > sizeof(heard))
		return;
	len += (size_t)sprintf(heard + len, "%s", types[event->type]);
	if (event->type == CTL_DEREGISTERED)
		len += (size_t)sprintf(heard + len, "%d", (int)event->reason);
	if (event->type == CTL_UPDATED)
		len += (size_t)sprintf(heard + len, "%u/%d/%u", event->update_params,
				       event->update_links, rec->lifetime_s);
	sprintf(heard + len, ":%.*s ", rec->endpoint_len, ctl_record_endpoint(rec));
}

static inline void step(void *arg)
{
	fake_step(&dp);
}

static inline bool ready(void *arg)
{
	return fake_is_ready(&dp) && ctl_link_state(gw.ctl.link) == CTL_LINK_READY;
}

static inline bool all_committed(void *arg)
{
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		if (dp.committed[w] != dp.seq[w])
			return false;
	return true;
}

static inline void run_until(bool (*condition)(void *))
{
	assert_true(gateway_run_until(&gw, condition, step, NULL));
}

static inline void start(void)
{
	gateway_start(&gw);
	assert_int_equal(ctl_hub_subscribe(gw.ctl.hub, on_event, NULL), 0);
	heard[0] = '\0';
}

static inline int setup(void **state)
{
	gateway_init(&gw);
	fake_start(&dp, gw.state);
	start();
	run_until(ready);
	return 0;
}

static inline int teardown(void **state)
{
	gateway_stop(&gw);
	fake_stop(&dp);
	gateway_remove(&gw);
	return 0;
}

static inline void send_register(const char *name, uint64_t location)
{
	union device_event event;
	char query[300];
	uint32_t len;

	snprintf(query, sizeof(query), "ep=%s&lwm2m=1.1&lt=300", name);
	len = device_register(&event, location, query, "</1/0>,</3/0>");
	assert_int_not_equal(fake_promise(&dp, &event, len), 0);
}

static inline struct ctl_reg *find(const char *name)
{
	return ctl_registry_by_endpoint(gw.ctl.registry, name, strlen(name));
}

static inline bool attached_twice(void *arg)
{
	return dp.attaches == 2 && ready(NULL);
}

static inline bool all_held(void *arg)
{
	return dp.held[0] && dp.held[1];
}

static inline bool none_held(void *arg)
{
	return !dp.held[0] && !dp.held[1];
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
