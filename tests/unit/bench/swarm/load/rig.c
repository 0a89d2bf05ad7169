// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/bench/swarm/load/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/load/options.h"
#include "bench/swarm/load/result.h"
#include "tests/unit/support/eal.h"

struct rig t;

struct rte_mempool *pool;

static uint16_t fake_rx(struct port *port, struct rte_mbuf **pkts)
{
	uint16_t n = 0;

	for (; n < t.queued_n && n < PORT_BURST; n++) {
		const struct datagram *d = &t.queued[n];
		pkts[n] = rte_pktmbuf_alloc(pool);
		memcpy(rte_pktmbuf_append(pkts[n], d->len), d->bytes, d->len);
		*port_device(pkts[n]) = d->device;
	}
	t.queued_n -= n;
	memmove(t.queued, t.queued + n, t.queued_n * sizeof(t.queued[0]));
	return n;
}

static void fake_tx(struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	assert_in_range(n, 1, t.room);
	for (uint16_t i = 0; i < n; i++) {
		struct datagram *d = &t.sent[t.sent_n++];
		d->device = *port_device(pkts[i]);
		d->len = pkts[i]->data_len;
		memcpy(d->bytes, rte_pktmbuf_mtod(pkts[i], void *), d->len);
		rte_pktmbuf_free(pkts[i]);
	}
}

static uint16_t fake_room(struct port *port)
{
	return t.room;
}

static void fake_move(struct port *port)
{
	t.moves++;
}

static const struct port_ops fake_ops = {
	.name = "fake", .rx = fake_rx, .tx = fake_tx, .room = fake_room, .move = fake_move};

void rig_begin(const char *line)
{
	char why[128];

	t.sc.phases_count = 0;
	assert_int_equal(scenario_line(&t.sc, line, 1, why), 0);
	swarm_begin(t.swarm, &t.sc.phases[0], t.now);
}

void rig_with_devices(uint32_t devices)
{
	memset(&t, 0, sizeof(t));
	t.port = (struct port){.ops = &fake_ops, .pool = pool};
	t.room = PORT_BACKLOG;
	t.now = HZ;
	scenario_init(&t.sc);
	t.sc.devices = devices;
	t.sc.retransmit = 2;
	t.sc.phases[0].window = 256;
	t.sc.phases_count = 1;
	t.swarm = swarm_new(&t.sc, &t.port, HZ);
	assert_non_null(t.swarm);
}

int rig_teardown(void **state)
{
	swarm_free(t.swarm);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	return 0;
}

void rig_poll_after(uint64_t us)
{
	t.now += us;
	for (unsigned i = 0; i < 64; i++) { // a sweep of the whole window
		swarm_poll(t.swarm, t.now);
		t.now += HZ / 1000;
	}
}

struct coap_msg rig_sent(unsigned i)
{
	struct coap_msg msg;

	assert_in_range(i, 0, t.sent_n - 1);
	assert_int_equal(coap_msg_parse(&msg, t.sent[i].bytes, t.sent[i].len), COAP_OK);
	return msg;
}

void rig_queue_reply(unsigned i, struct reply r)
{
	struct coap_msg msg = rig_sent(i);
	struct datagram *d = &t.queued[t.queued_n++];
	struct coap_writer w;
	uint8_t token[8];

	memcpy(token, msg.token, 8);
	token[7] ^= r.other_token;
	d->device = t.sent[i].device;
	coap_write_begin(&w, d->bytes, sizeof(d->bytes), r.type, r.code,
			 (uint16_t)(msg.mid + r.mid_off), token, r.no_token ? 0 : 8);
	if (r.id) {
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, "rd");
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, r.id);
	}
	if (r.max_age)
		coap_write_opt_uint(&w, COAP_OPT_MAX_AGE, (uint32_t)r.max_age);
	d->len = (uint16_t)coap_write_finish(&w);
}

void rig_register_all(void)
{
	char id[16];

	rig_begin("register");
	rig_poll_after(0);
	for (unsigned i = 0; i < t.sent_n; i++) {
		snprintf(id, sizeof(id), "id%u", t.sent[i].device);
		rig_queue_reply(i,
				(struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = id});
	}
	rig_poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, t.sc.devices);
	t.sent_n = 0;
}

bool rig_ok(void)
{
	struct result result = {.port = &t.port, .count = 1};

	result.phases[0].counters = t.swarm->counters;
	return result_ok(&result);
}

int rig_start(void **state)
{
	support_eal_init();
	pool = support_mbuf_pool("swarm", 1023);
	return pool ? 0 : -1;
}

int rig_stop(void **state)
{
	rte_mempool_free(pool);
	return 0;
}
