// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/control/observe/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/hub.h"
#include "control/link/link.h"
#include "control/store/observations.h"
#include "control/store/outbox.h"

struct rig rig;

static void on_event(const struct ctl_event *event, void *arg)
{
	size_t len = strlen(rig.heard);

	if (event->json_len == 0 || len + event->json_len + 2 > sizeof(rig.heard))
		return;
	sprintf(rig.heard + len, "%.*s\n", (int)event->json_len, event->json);
}

static void step(void *arg)
{
	fake_step(&rig.dp);
}

static bool ready(void *arg)
{
	return fake_is_ready(&rig.dp) && ctl_link_state(rig.gw.ctl.link) == CTL_LINK_READY;
}

static bool all_committed(void *arg)
{
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		if (rig.dp.committed[w] != rig.dp.seq[w])
			return false;
	return true;
}

void rig_run_until(bool (*condition)(void *))
{
	assert_true(gateway_run_until(&rig.gw, condition, step, NULL));
}

uint64_t rig_token(unsigned number)
{
	return BRIDGE_OBSERVE_TOKEN(RIG_LOCATION, number);
}

struct ctl_reg *rig_device(void)
{
	return ctl_registry_by_endpoint(rig.gw.ctl.registry, "dev", 3);
}

static void record_put(struct ctl_store *store, unsigned number, const char *paths)
{
	char block[1024] = {0};
	struct ctl_observation_record *record = (struct ctl_observation_record *)block;
	size_t bytes;

	record->version = CTL_OBSERVATION_VERSION;
	record->token = rig_token(number);
	record->since_ms = DEVICE_WALL_MS;
	record->accept = record->format = CTL_FORMAT_ANY;
	record->composite = strchr(paths, ',') != NULL;
	if (record->composite)
		record->format = 110; // SenML JSON
	while (*paths != '\0') {
		size_t len = strcspn(paths, ",");

		assert_true(lwm2m_path_parse(&record->paths[record->paths_count++], paths, len));
		paths += len + (paths[len] == ',');
	}
	bytes = sizeof(*record) + record->paths_count * sizeof(record->paths[0]) + 3;
	record->endpoint_len = 3;
	record->bytes = (uint32_t)bytes;
	memcpy(block + bytes - 3, "dev", 3);
	ctl_store_observation_put(store, ctl_store_observation_key(store), record);
}

static void store_fill(const char *const *paths, unsigned count)
{
	static const char links[] = "</1/0>,</3/0>,</3303/0>,</5>";
	union device_event event;
	struct ctl_record *record;
	struct ctl_store *store;
	const char *reason;
	char why[160];
	uint8_t code;

	device_register(&event, RIG_LOCATION, "ep=dev&lwm2m=1.1&lt=300", links);
	record = ctl_record_from_register(&event.ev, &code, &reason);
	assert_non_null(record);
	store = ctl_store_open(rig.gw.state, (size_t)1 << 30, true, why);
	assert_non_null(store);
	ctl_store_put(store, ctl_store_key_next(store), record);
	for (unsigned i = 0; i < count; i++)
		record_put(store, i, paths[i]);
	assert_int_equal(ctl_store_commit(store), 0);
	ctl_store_close(store);
	free(record);
}

static void control_start(void)
{
	rig.heard[0] = '\0';
	rig.answered = 0;
	gateway_start(&rig.gw);
	assert_int_equal(ctl_hub_subscribe(rig.gw.ctl.hub, on_event, NULL), 0);
	rig_run_until(ready);
}

void rig_start(const char *const *paths, unsigned count)
{
	gateway_init(&rig.gw);
	store_fill(paths, count);
	fake_start(&rig.dp, rig.gw.state);
	control_start();
}

void rig_restart(void)
{
	gateway_stop(&rig.gw);
	fake_stop(&rig.dp);
	fake_start(&rig.dp, rig.gw.state);
	control_start();
}

void rig_stop(void)
{
	gateway_stop(&rig.gw);
	fake_stop(&rig.dp);
	gateway_remove(&rig.gw);
}

void rig_promise(union device_event *event, uint32_t len)
{
	assert_int_not_equal(fake_promise(&rig.dp, event, len), 0);
	rig_run_until(all_committed);
}

void rig_notify(unsigned number, uint8_t code, int32_t sequence, int32_t format,
		const void *payload, size_t len)
{
	union device_event event;

	rig_promise(&event, device_notify(&event, RIG_LOCATION, rig_token(number), code, sequence,
					  format, payload, len));
}

void rig_respond(uint32_t result, uint8_t code, int32_t sequence, int32_t format,
		 const char *payload)
{
	union device_event event = {.response = {.location = rig.dp.request_location,
						 .request_id = rig.dp.request_id,
						 .result = result}};
	uint64_t token_be = __builtin_bswap64(rig.dp.request_token);
	struct coap_writer w;

	coap_write_begin(&w, event.response.coap, 1024, COAP_ACK, code, 1, &token_be,
			 sizeof(token_be));
	if (sequence >= 0)
		coap_write_opt_uint(&w, COAP_OPT_OBSERVE, (uint32_t)sequence);
	if (format >= 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	coap_write_payload(&w, payload, strlen(payload));
	if (result == BRIDGE_ANSWERED)
		event.response.coap_len = (uint32_t)coap_write_finish(&w);
	event.record.type = BRIDGE_EV_RESPONSE;
	rig.answered = rig.dp.requests;
	assert_true(fake_send(&rig.dp,
			      BRIDGE_LOCATION_VSHARD(rig.dp.request_location) % FAKE_WORKERS,
			      &event, (uint32_t)sizeof(event.response) + event.response.coap_len));
}

bool rig_is_asked(void *arg)
{
	return rig.dp.requests > rig.answered;
}

void rig_assert_heard(const char *expected)
{
	assert_string_equal(rig.heard, expected);
	rig.heard[0] = '\0';
}

void rig_assert_rejected(uint32_t count, uint32_t code, uint32_t reason)
{
	assert_int_equal(rig.dp.rejects_count, count);
	if (count == 0)
		return;
	assert_int_equal(rig.dp.rejects[count - 1].code, code);
	assert_int_equal(rig.dp.rejects[count - 1].reason, reason);
}
