// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/control/backend/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rig rig;

static int io_read(void *arg, uint64_t after, ctl_outbox_cb_t cb, void *cb_arg)
{
	rig.reads++;
	for (uint64_t key = after + 1; rig.read_rc == 0 && key <= rig.last; key++) {
		struct ctl_outbox_view view = {
			.entry = {.type = rig.endpoints[key][0] == 'r' ? CTL_RESPONSE : CTL_SEND},
			.endpoint = rig.endpoints[key],
			.endpoint_len = strlen(rig.endpoints[key]),
			.data = {.json_len = 2},
			.json = "{}",
		};

		if (view.endpoint_len > 0 && !cb(key, &view, cb_arg))
			break;
	}
	return rig.read_rc;
}

static uint64_t io_last(void *arg)
{
	return rig.last;
}

// The keys are in the ids.
static void keys_of(char *keys, const char *text, size_t len)
{
	const char *end = text + len, *id = text;

	keys[0] = '\0';
	while ((id = memmem(id, (size_t)(end - id), "\"id\":\"u-", 8)) != NULL) {
		size_t digits = strspn(id + 8, "0123456789");

		if (keys[0] != '\0')
			strcat(keys, " ");
		strncat(keys, id + 8, digits);
		id += 8;
	}
}

static void io_post(void *arg, unsigned lane, struct batch_text body, uint32_t events)
{
	struct post *post = &rig.posts[lane];

	assert_false(post->under_way);
	assert_true(body.len < sizeof(post->body));
	assert_int_equal(body.text[0], '[');
	assert_int_equal(body.text[body.len - 1], ']');
	post->under_way = true;
	post->events = events;
	post->len = body.len;
	memcpy(post->body, body.text, body.len);
	keys_of(post->keys, body.text, body.len);
	rig.posted++;
}

static int io_bury(void *arg, unsigned lane, struct batch_text event)
{
	char key[32];

	if (rig.bury_rc != 0)
		return rig.bury_rc;
	assert_int_equal(event.text[0], '{');
	assert_int_equal(event.text[event.len - 1], '}');
	keys_of(key, event.text, event.len);
	strcat(strcat(rig.buried, key), ";");
	rig.burying++;
	rig.bury_lane = lane;
	return 0;
}

static void io_moved(void *arg, uint64_t key)
{
	assert_true(key > rig.moved);
	rig.moved = key;
}

static uint32_t io_random(void *arg)
{
	return UINT32_MAX; // backoff takes it modulo
}

static const struct engine_io io = {io_read, io_last, io_post, io_bury, io_moved, io_random};

int setup(void **state)
{
	memset(&rig, 0, sizeof(rig));
	config_backend_defaults(&rig.cfg);
	rig.cfg.batch.events = 4;
	rig.now = 1000;
	return 0;
}

void begin(void)
{
	assert_int_equal(engine_init(&rig.engine, &rig.cfg, "u", 0, &io, NULL), 0);
}

int teardown(void **state)
{
	engine_fini(&rig.engine);
	return 0;
}

void happen(unsigned count, const char *endpoint)
{
	for (unsigned i = 0; i < count; i++)
		snprintf(rig.endpoints[++rig.last], sizeof(rig.endpoints[0]), "%s", endpoint);
	engine_wake(&rig.engine, rig.now);
}

void tick(uint64_t ms)
{
	rig.now += ms;
	while (engine_due(&rig.engine) <= rig.now)
		engine_tick(&rig.engine, rig.now);
}

void answer_after(unsigned lane, long status, uint32_t retry_after_s)
{
	struct engine_answer answer = {status, retry_after_s, "why"};

	assert_true(rig.posts[lane].under_way);
	rig.posts[lane].under_way = false;
	engine_done(&rig.engine, lane, &answer, rig.now);
}

void answer(long status)
{
	answer_after(0, status, 0);
}

void assert_posted(const char *keys)
{
	assert_true(rig.posts[0].under_way);
	assert_string_equal(rig.posts[0].keys, keys);
}
