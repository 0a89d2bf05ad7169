// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/control/queue/rig.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/link/link.h"
#include "control/observe/observations.h"
#include "control/store/outbox.h"
#include "tests/unit/control/support/device.h"

struct rig rig;

static void on_hub(const struct ctl_event *event, void *arg)
{
	static const char *const names[] = {
		[CTL_REGISTERED] = "REGISTERED",
		[CTL_UPDATED] = "UPDATED",
		[CTL_DEREGISTERED] = "DEREGISTERED",
		[CTL_NOTIFICATION] = "NOTIFICATION",
		[CTL_SEND] = "SEND",
		[CTL_AWAKE] = "AWAKE",
		[CTL_SLEEPING] = "SLEEPING",
		[CTL_RESPONSE] = "RESPONSE",
	};
	const struct ctl_record *record = event->reg->record;

	assert_true(rig.events_count < RIG_EVENTS_MAX);
	if (event->json != NULL)
		assert_int_equal(strlen(event->json), event->json_len);
	assert_true(asprintf(&rig.events[rig.events_count++], "%s %.*s", names[event->type],
			     event->json != NULL ? (int)event->json_len : record->endpoint_len,
			     event->json != NULL ? event->json : ctl_record_endpoint(record)) > 0);
}

void rig_start(void)
{
	struct ctl *ctl = &rig.ctl;
	const char *backend = "events";
	char why[160];

	ctl->loop = &rig.loop;
	ctl->cfg = &rig.cfg;
	ctl->store = ctl_store_open(rig.state, rig.map_bytes, true, why);
	assert_non_null(ctl->store);
	assert_int_equal(ctl_outbox_configure(ctl->store, &backend, 1), 0);
	ctl->registry = ctl_registry_new();
	assert_non_null(ctl->registry);
	assert_int_equal(ctl_store_load(ctl->store, ctl->registry), 0);
	ctl->hub = ctl_hub_new();
	assert_non_null(ctl->hub);
	assert_int_equal(ctl_hub_subscribe(ctl->hub, on_hub, NULL), 0);
	assert_int_equal(ctl_queue_new(ctl, &rig.queue), 0);
}

void rig_flush(void)
{
	queue_flush(rig.queue);
	ctl_store_flush(rig.ctl.store);
}

void rig_stop(void)
{
	ctl_queue_free(rig.queue);
	assert_null(rig.ctl.queue);
	uv_run(&rig.loop, UV_RUN_DEFAULT);
	ctl_hub_free(rig.ctl.hub);
	ctl_registry_free(rig.ctl.registry);
	ctl_store_close(rig.ctl.store);
	rig.cb = NULL;
}

int rig_setup(void **state)
{
	memset(&rig, 0, sizeof(rig));
	strcpy(rig.state, "/tmp/sluice-test-XXXXXX");
	assert_non_null(mkdtemp(rig.state));
	rig.map_bytes = (size_t)64 << 20;
	rig.cfg.lwm2m.awake_s = RIG_AWAKE_S;
	rig.cfg.lwm2m.queue_max = 4;
	rig.link = CTL_LINK_READY;
	assert_int_equal(uv_loop_init(&rig.loop), 0);
	rig_start();
	return 0;
}

static int on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

int rig_teardown(void **state)
{
	rig_stop();
	rig_last();
	assert_int_equal(uv_loop_close(&rig.loop), 0);
	nftw(rig.state, on_file, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

struct ctl_reg *rig_register(const char *name)
{
	struct ctl_store *store = rig.ctl.store;
	uint64_t key = ctl_store_key_next(store);
	struct ctl_record *record = device_record(name, DEVICE_LOCATION(key));
	struct ctl_reg *reg;

	record->queue_mode = 1;
	record->updated_ms = queue_wall_ms();
	reg = ctl_registry_add(rig.ctl.registry, key, record);
	assert_non_null(reg);
	ctl_store_put(store, key, record);
	assert_int_equal(ctl_store_commit(store), 0);
	rig_event(CTL_REGISTERED, reg);
	return reg;
}

void rig_event(enum ctl_event_type type, struct ctl_reg *reg)
{
	struct ctl_event event = {.type = type, .reg = reg, .wall_ms = queue_wall_ms()};

	ctl_hub_publish(rig.ctl.hub, &event);
}

void rig_deregister(struct ctl_reg *reg, enum ctl_dereg_reason reason)
{
	struct ctl_event event = {.type = CTL_DEREGISTERED, .reg = reg, .reason = reason};

	ctl_registry_unlink(rig.ctl.registry, reg);
	ctl_hub_publish(rig.ctl.hub, &event);
	ctl_reg_free(reg);
}

void rig_on_added(uint64_t id, int err, void *arg)
{
	assert_ptr_equal(arg, &rig);
	rig.id = id;
	rig.err = err;
	rig.told++;
}

int rig_add(struct ctl_reg *reg, const char *text, uint64_t ttl_ms)
{
	struct ctl_operation op = {
		.kind = CTL_WRITE_REPLACE,
		.paths_count = 1,
		.payload = (const uint8_t *)text,
		.payload_len = (uint32_t)strlen(text),
		.paths = {{.ids = {3, 0, 14}, .depth = 3}},
	};

	return ctl_queue_add(rig.queue, reg, &op, ttl_ms, rig_on_added, &rig);
}

uint64_t rig_added(struct ctl_reg *reg, const char *text)
{
	unsigned told = rig.told;

	assert_int_equal(rig_add(reg, text, 60000), 0);
	assert_int_equal(rig.told, told); // not before it returns
	rig_flush();
	assert_int_equal(rig.told, told + 1);
	assert_int_equal(rig.err, 0);
	assert_true(rig.id > 0);
	return rig.id;
}

void rig_outcome(enum ctl_op_result result)
{
	json_t *json =
		result == CTL_OP_ANSWERED ? json_pack("{s:s}", "status", "CHANGED(204)") : NULL;
	struct ctl_outcome outcome = {
		.result = result,
		.http = result == CTL_OP_ANSWERED ? 200 : 500,
		.json = json,
		.text = "it went wrong",
	};
	ctl_operation_cb_t cb = rig.cb;

	assert_non_null(cb);
	rig.cb = NULL;
	cb(&outcome, rig.arg);
	json_decref(json);
}

void rig_sleep(void)
{
	queue_tick(rig.queue, uv_now(&rig.loop) + RIG_AWAKE_S * 1000, queue_wall_ms());
}

const char *rig_last(void)
{
	static char last[512];

	last[0] = '\0';
	for (unsigned i = 0; i < rig.events_count; i++) {
		snprintf(last, sizeof(last), "%s", rig.events[i]);
		free(rig.events[i]);
	}
	rig.events_count = 0;
	return last;
}

static int count_one(const struct ctl_queue_block *block, void *arg)
{
	(*(size_t *)arg)++;
	return 0;
}

size_t rig_on_disk(void)
{
	size_t count = 0;

	assert_int_equal(ctl_store_queue_load(rig.ctl.store, count_one, &count), 0);
	return count;
}

enum ctl_link_state ctl_link_state(const struct ctl_link *link)
{
	return rig.link;
}

struct ctl_running *ctl_observe_run(struct ctl *ctl, struct ctl_reg *reg,
				    const struct ctl_operation *op, uint32_t timeout_ms,
				    ctl_operation_cb_t cb, void *arg)
{
	assert_ptr_equal(ctl, &rig.ctl);
	assert_null(rig.cb); // one at a time
	if (rig.no_memory)
		return NULL;
	rig.running = *op;
	assert_true(op->payload_len < sizeof(rig.payload));
	memcpy(rig.payload, op->payload, op->payload_len);
	rig.payload[op->payload_len] = '\0';
	rig.cb = cb;
	rig.arg = arg;
	rig.starts++;
	return (struct ctl_running *)&rig;
}

void ctl_operation_cancel(struct ctl_running *running)
{
	assert_ptr_equal(running, &rig);
	assert_non_null(rig.cb);
	rig.cb = NULL;
	rig.cancels++;
}

void *ctl_operation_pack(const struct ctl_operation *op, size_t *bytes)
{
	uint8_t *block = malloc(sizeof(*op) + op->payload_len);

	assert_non_null(block);
	memcpy(block, op, sizeof(*op));
	memcpy(block + sizeof(*op), op->payload, op->payload_len);
	*bytes = sizeof(*op) + op->payload_len;
	return block;
}

int ctl_operation_unpack(struct ctl_operation *op, const void *block, size_t bytes)
{
	if (bytes < sizeof(*op))
		return -EBADMSG;
	memcpy(op, block, sizeof(*op));
	op->payload = (const uint8_t *)block + sizeof(*op);
	return op->payload_len == bytes - sizeof(*op) ? 0 : -EBADMSG;
}
