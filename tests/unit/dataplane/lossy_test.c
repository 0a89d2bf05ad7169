// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Whole devices and a whole worker over a link that loses 30 % of the datagrams in either
// direction, doubles some and lets them overtake each other; the test plays control. Fixed seeds.
// Everything must end in the right result or a clear failure, and nothing may be done twice.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/device/device.h"
#include "tests/unit/support/gateway.h"
#include "tests/unit/support/prng.h"

#define DEVICES      10
#define OPERATIONS   100u // of each device
#define IN_FLIGHT    512
#define LOSS         30 // percent
#define DOUBLED      10 // percent of what is not lost
#define DELAY_MAX_US 400000
#define STEP_US      50000
#define SETTLE_US    1000000 // longer than anything stays in flight

struct flight {
	struct datagram d;
	uint64_t due_us; // 0: free
	bool to_gateway;
};

enum kind { EXECUTE, WRITE, READ, CREATE, DELETE, KINDS };

// A device, and what control makes it do.
struct client {
	struct device dev;
	struct device_config config;
	struct swarm_counters counters;
	struct device_env env;
	struct histogram latency;
	uint16_t next_mid;
	char endpoint[16];
	uint64_t location;
	uint64_t ready_us; // of the next operation; 0 while one is under way
	uint32_t done;
	enum kind kind;
	bool created;       // instance /3303/7, as far as control knows
	bool sure;          // whether it is known
	uint32_t values[2]; // that /3/0/14 may have
	struct swarm_counters before;
	uint32_t sends; // that reached control
	uint32_t notifications;
	bool observes; // what is read is the temperature
};

static struct gateway gw;
static struct prng prng;
static struct flight flights[IN_FLIGHT];
static struct client clients[DEVICES];
static uint32_t answered, failed;

static void fly(const struct datagram *d, bool to_gateway)
{
	struct flight *f = flights;

	if (prng_below(&prng, 100) < LOSS)
		return;
	while (f->due_us != 0)
		assert_true(++f < flights + IN_FLIGHT);
	f->d = *d;
	f->due_us = gw.now_us + 1 + prng_below(&prng, DELAY_MAX_US);
	f->to_gateway = to_gateway;
	if (prng_below(&prng, 100) < DOUBLED)
		fly(d, to_gateway);
}

static void on_send(void *arg, const void *bytes, size_t len)
{
	struct client *c = arg;
	struct datagram d = {.len = len, .peer = gateway_device((uint32_t)(c - clients) + 1)};

	memcpy(d.bytes, bytes, len);
	fly(&d, true);
}

static void set_time(struct client *c)
{
	c->env.now_us = gw.now_us;
	c->env.random = (uint32_t)prng_next(&prng);
}

static void land(struct flight *f)
{
	struct client *c;

	f->due_us = 0;
	if (f->to_gateway) {
		gateway_inject(&gw, 0, &f->d);
		return;
	}
	c = &clients[f->d.peer.addr[15] - 1];
	set_time(c);
	device_on_datagram(&c->dev, &c->env, f->d.bytes, f->d.len);
}

static void setup_clients(void)
{
	for (unsigned i = 0; i < DEVICES; i++) {
		struct client *c = &clients[i];
		*c = (struct client){.config = device_config_default, .sure = true};
		snprintf(c->endpoint, sizeof(c->endpoint), "dev-%u", i);
		c->config.endpoint = c->endpoint;
		c->config.lifetime_s = 86400;
		c->config.confirmable = true;
		c->config.separate_ms = i % 2 * 100;
		c->env = (struct device_env){
			.config = &c->config,
			.counters = &c->counters,
			.latency = &c->latency,
			.next_mid = &c->next_mid,
			.send = on_send,
			.arg = c,
		};
		device_init(&c->dev, &c->config, i, gw.now_us);
		c->ready_us = UINT64_MAX;
	}
}

static int set_up(void **state)
{
	prng = (struct prng){20261123};
	memset(flights, 0, sizeof(flights));
	answered = failed = 0;
	gateway_open(&gw, (struct gateway_params){.mbufs = 8191});
	gateway_ready(&gw);
	setup_clients();
	return 0;
}

static int tear_down(void **state)
{
	for (unsigned i = 0; i < DEVICES; i++)
		device_fini(&clients[i].dev);
	gateway_close(&gw);
	return 0;
}

static struct client *client_at(const struct dp_peer *peer)
{
	assert_in_range(peer->addr[15], 1, DEVICES);
	return &clients[peer->addr[15] - 1];
}

static void expect_at_most_once(const struct client *c, bool success)
{
	uint64_t executes = c->counters.executes - c->before.executes;
	uint64_t writes = c->counters.writes - c->before.writes;
	uint64_t creates = c->counters.creates - c->before.creates;
	uint64_t deletes = c->counters.deletes - c->before.deletes;

	assert_in_range(executes, c->kind == EXECUTE && success, c->kind == EXECUTE);
	assert_in_range(writes, c->kind == WRITE && success, c->kind == WRITE);
	assert_in_range(creates, c->kind == CREATE && success, c->kind == CREATE);
	assert_in_range(deletes, c->kind == DELETE && success, c->kind == DELETE);
}

static void check_answer(struct client *c, const struct coap_msg *msg)
{
	static const uint8_t codes[KINDS] = {COAP_CHANGED, COAP_CHANGED, COAP_CONTENT, COAP_CREATED,
					     COAP_DELETED};
	char text[16];

	// Where a lost answer left in doubt what there is, the other answer is right too.
	if (!c->sure && c->kind == CREATE && msg->code == COAP_BAD_REQUEST)
		return;
	if (!c->sure && c->kind == DELETE && msg->code == COAP_NOT_FOUND)
		return;
	assert_int_equal(msg->code, codes[c->kind]);
	if (c->kind != READ || c->observes)
		return;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "+%05u", c->values[i]);
		if (msg->payload_len == 6 && memcmp(msg->payload, text, 6) == 0)
			return;
	}
	fail_msg("%s: %.*s read", c->endpoint, (int)msg->payload_len, (const char *)msg->payload);
}

static void on_result(struct client *c, const struct gateway_event *ev)
{
	bool success = ev->result == BRIDGE_ANSWERED;
	struct coap_msg msg;

	if (success) {
		assert_int_equal(coap_msg_parse(&msg, ev->coap, ev->coap_len), COAP_OK);
		check_answer(c, &msg);
		success = COAP_CODE_CLASS(msg.code) == 2;
		answered++;
	} else {
		assert_true(ev->result == BRIDGE_TIMEOUT || ev->result == BRIDGE_GONE);
		failed++;
	}
	expect_at_most_once(c, success);
	if (c->kind == WRITE && success)
		c->values[0] = c->values[1];
	if (c->kind == CREATE || c->kind == DELETE) {
		c->sure = ev->result == BRIDGE_ANSWERED;
		c->created = c->kind == CREATE;
	}
	c->done++;
	c->ready_us = gw.now_us + SETTLE_US;
}

static void on_event(const struct gateway_event *ev)
{
	if (ev->type == BRIDGE_EV_RESPONSE) { // of a timeout without a peer
		on_result(&clients[ev->request_id % DEVICES], ev);
		return;
	}
	struct client *c = client_at(&ev->peer);
	if (ev->type == BRIDGE_EV_REGISTER) {
		c->location = ev->location;
		if (c->ready_us == UINT64_MAX)
			c->ready_us = gw.now_us + SETTLE_US;
	}
	c->sends += ev->type == BRIDGE_EV_SEND;
	c->notifications += ev->type == BRIDGE_EV_NOTIFY;
	if (ev->seq != 0)
		gateway_commit(&gw, 0, ev->seq);
}

static void request(struct client *c, uint8_t code, uint64_t token, const char *const *path,
		    int observe, const void *payload, size_t len)
{
	uint8_t buf[128];
	struct coap_writer w;

	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, code, 0, NULL, 0);
	if (observe >= 0)
		coap_write_opt_uint(&w, COAP_OPT_OBSERVE, (uint32_t)observe);
	for (; *path; path++)
		coap_write_opt_str(&w, COAP_OPT_URI_PATH, *path);
	if (len > 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, code == COAP_PUT ? 0 : 11542);
	if (code == COAP_GET)
		coap_write_opt_uint(&w, COAP_OPT_ACCEPT, 0);
	coap_write_payload(&w, payload, len);
	gateway_request_with(&gw, c->location,
			     (uint64_t)c->done * DEVICES + (uint64_t)(c - clients), token, buf,
			     coap_write_finish(&w));
}

static void operate(struct client *c)
{
	char text[16];

	c->kind = prng_below(&prng, KINDS);
	if (c->kind == CREATE || c->kind == DELETE)
		c->kind = c->created ? DELETE : CREATE;
	c->before = c->counters;
	c->ready_us = 0;
	switch (c->kind) {
	case EXECUTE:
		request(c, COAP_POST, 0, (const char *[]){"3303", "0", "5605", NULL}, -1, NULL, 0);
		break;
	case WRITE:
		c->values[1] = c->done + 1;
		snprintf(text, sizeof(text), "+%05u", c->values[1]);
		request(c, COAP_PUT, 0, (const char *[]){"3", "0", "14", NULL}, -1, text, 6);
		break;
	case CREATE: // instance 7, empty
		request(c, COAP_POST, 0, (const char *[]){"3303", NULL}, -1, "\x00\x07", 2);
		break;
	case DELETE:
		request(c, COAP_DELETE, 0, (const char *[]){"3303", "7", NULL}, -1, NULL, 0);
		break;
	default:
		request(c, COAP_GET, 0, (const char *[]){"3", "0", "14", NULL}, -1, NULL, 0);
	}
}

static void exchange(void)
{
	struct datagram d;
	struct gateway_event ev;

	for (struct flight *f = flights; f < flights + IN_FLIGHT; f++)
		if (f->due_us != 0 && f->due_us <= gw.now_us)
			land(f);
	for (unsigned i = 0; i < DEVICES; i++) {
		set_time(&clients[i]);
		if (clients[i].dev.deadline_us <= gw.now_us)
			device_on_time(&clients[i].dev, &clients[i].env);
	}
	gateway_wait(&gw, STEP_US);
	while (gateway_event(&gw, 0, &ev))
		if (ev.type != BRIDGE_EV_TOUCH)
			on_event(&ev);
	gateway_run(&gw);
	while (gateway_take(&gw, 0, &d))
		fly(&d, false);
}

static void a_thousand_operations_end_and_none_is_done_twice(void **state)
{
	uint32_t left;

	for (unsigned i = 0; i < DEVICES; i++) {
		// What the factory wrote is not of the form that is written here.
		struct lwm2m_path path = {.ids = {3, 0, 14}, .depth = 3};
		set_time(&clients[i]);
		assert_true(device_set(&clients[i].dev, &clients[i].env, &path, "+00000"));
	}
	do {
		left = 0;
		exchange();
		for (unsigned i = 0; i < DEVICES; i++) {
			struct client *c = &clients[i];
			left += OPERATIONS - c->done;
			if (c->done < OPERATIONS && c->ready_us != 0 && c->ready_us <= gw.now_us)
				operate(c);
		}
		assert_true(gw.now_us < 10000000000); // simulated hours would be a hang
	} while (left > 0);
	assert_int_equal(answered + failed, DEVICES * OPERATIONS);
	// Five transmissions, each with a chance of 0.49: about 3 % fail.
	assert_in_range(failed, 1, DEVICES * OPERATIONS / 10);
	assert_true(GATEWAY_COUNT(&gw, requests_retransmitted) > DEVICES * OPERATIONS / 2);
}

static void register_all(void)
{
	unsigned registered;

	do {
		registered = 0;
		exchange();
		for (unsigned i = 0; i < DEVICES; i++)
			registered += device_has_registration(&clients[i].dev);
	} while (registered < DEVICES);
}

static void a_send_reaches_control_once_however_often_it_is_sent(void **state)
{
	const struct lwm2m_path path = {.ids = {3303, 0, 5700}, .depth = 3};
	uint64_t sends = 0, missing = 0, reached = 0, resent = 0;

	register_all();
	for (unsigned i = 0; i < DEVICES; i++) {
		clients[i].counters = (struct swarm_counters){0};
		for (unsigned n = 0; n < 20; n++)
			assert_true(device_send(&clients[i].dev, &clients[i].env, &path, 1));
		device_on_time(&clients[i].dev, &clients[i].env);
	}
	for (uint64_t end_us = gw.now_us + 3000000000; gw.now_us < end_us;)
		exchange();
	for (unsigned i = 0; i < DEVICES; i++) {
		const struct client *c = &clients[i];
		assert_int_equal(c->counters.sends + c->counters.missing, 20);
		assert_in_range(c->sends, c->counters.sends, 20);
		sends += c->counters.sends;
		missing += c->counters.missing;
		reached += c->sends;
		resent += c->counters.retransmissions;
	}
	assert_true(sends > 180 && reached <= sends + missing);
	assert_true(resent > 50);
}

static void a_confirmable_notification_is_told_once(void **state)
{
	const struct lwm2m_path path = {.ids = {3303, 0, 5700}, .depth = 3};
	struct client *c = &clients[0];
	char text[16];

	register_all();
	while (c->counters.reads == 0 || answered == 0) { // until an Observe has come through
		exchange();
		if (c->ready_us == 0 || c->ready_us > gw.now_us)
			continue;
		c->kind = READ;
		c->observes = true;
		c->before = c->counters;
		c->ready_us = 0;
		request(c, COAP_GET, BRIDGE_OBSERVE_TOKEN(c->location, 1),
			(const char *[]){"3303", "0", "5700", NULL}, 0, NULL, 0);
	}
	c->counters = (struct swarm_counters){0};
	for (unsigned n = 0; n < 100; n++) {
		uint64_t before = c->counters.notifications;
		snprintf(text, sizeof(text), "%u", 100 + n);
		set_time(c);
		assert_true(device_set(&c->dev, &c->env, &path, text));
		device_on_time(&c->dev, &c->env);
		assert_int_equal(c->counters.notifications, before + 1);
		for (uint64_t end_us = gw.now_us + 100000000; gw.now_us < end_us;)
			exchange(); // acknowledged, or given up
	}
	assert_in_range(c->notifications, 100 - c->counters.missing, 100);
	assert_true(c->counters.missing < 10 && c->counters.retransmissions > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_thousand_operations_end_and_none_is_done_twice,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_send_reaches_control_once_however_often_it_is_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_confirmable_notification_is_told_once, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
