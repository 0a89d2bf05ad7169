// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/support/gateway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/loop.h"
#include "dataplane/pkt.h"
#include "tests/unit/support/eal.h"

#define ROUNDS_MAX 10000

static void connect_workers(struct gateway *gw, uint32_t slots)
{
	char name[32];

	for (uint16_t from = 0; from < gw->workers_count; from++) {
		for (uint16_t to = 0; to < gw->workers_count; to++) {
			struct rte_ring *ring;

			gw->w[from]->siblings[to] = gw->w[to];
			if (from == to)
				continue;
			snprintf(name, sizeof(name), "ring-%u-%u", from, to);
			ring = rte_ring_create(name, slots, SOCKET_ID_ANY,
					       RING_F_SP_ENQ | RING_F_SC_DEQ);
			assert_non_null(ring);
			gw->rings[from * GATEWAY_WORKERS_MAX + to] = ring;
			gw->w[from]->rings_out[to] = ring;
			gw->w[to]->rings_in[from] = ring;
		}
	}
}

void gateway_open(struct gateway *gw, struct gateway_params params)
{
	struct rte_mempool *pools[GATEWAY_WORKERS_MAX];
	struct dp_worker_params wp = {
		.workers = params.workers ? params.workers : 1,
		.max_sessions = params.max_sessions ? params.max_sessions : 1000,
		.tsc_hz = 1000000000,
		.body_max = params.body_max ? params.body_max : 32768,
		.overload = params.overload,
		// As random as those of a real run: the hash of peers rests on it.
		.hash_seed = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb,
			      0x2545f4914f6cdd1d},
	};

	support_eal_init();
	memset(gw, 0, sizeof(*gw));
	gw->workers_count = wp.workers;
	gw->now_us = 1000000;
	gw->pool = support_mbuf_pool("gateway", params.mbufs ? params.mbufs : 2047);
	gw->mbufs = rte_mempool_avail_count(gw->pool);
	wp.pool = gw->pool;
	for (uint16_t i = 0; i < gw->workers_count; i++) {
		pools[i] = gw->pool;
		wp.index = i;
		gw->w[i] = dp_worker_new(&wp, SOCKET_ID_ANY);
		assert_non_null(gw->w[i]);
	}
	connect_workers(gw, params.ring ? params.ring : 1024);
	assert_int_equal(pktio_mem_open(&gw->port, PKTIO_DATAGRAMS, gw->workers_count, pools), 0);
	for (uint16_t i = 0; i < gw->workers_count; i++) {
		gw->w[i]->ports[0] = &gw->port;
		gw->w[i]->ports_count = 1;
	}
}

void gateway_close(struct gateway *gw)
{
	gateway_detach(gw);
	gateway_run(gw);
	gateway_drain(gw);
	assert_int_equal(rte_mempool_avail_count(gw->pool), gw->mbufs);
	gw->port.ops->close(&gw->port);
	for (uint16_t i = 0; i < gw->workers_count; i++)
		dp_worker_free(gw->w[i]);
	for (size_t i = 0; i < GATEWAY_WORKERS_MAX * GATEWAY_WORKERS_MAX; i++)
		rte_ring_free(gw->rings[i]);
	rte_mempool_free(gw->pool);
}

static uint32_t round_of_all(struct gateway *gw)
{
	uint32_t work = 0;

	for (uint16_t i = 0; i < gw->workers_count; i++) {
		gw->w[i]->housekeeping_us = 0; // every round: time stands still
		work += dp_worker_poll(gw->w[i], gw->now_us, GATEWAY_WALL_US + gw->now_us);
	}
	return work;
}

void gateway_round(struct gateway *gw)
{
	round_of_all(gw);
}

void gateway_run(struct gateway *gw)
{
	unsigned rounds = 0;

	do
		assert_true(rounds++ < ROUNDS_MAX);
	while (round_of_all(gw) > 0);
}

void gateway_wait(struct gateway *gw, uint64_t us)
{
	uint64_t end_us = gw->now_us + us;

	gateway_run(gw);
	while (gw->now_us < end_us) {
		uint64_t step_us = end_us - gw->now_us;

		for (uint16_t i = 0; i < gw->workers_count; i++) {
			step_us = wheel_idle_us(&gw->w[i]->session_wheel, gw->now_us, step_us);
			step_us = wheel_idle_us(&gw->w[i]->exchange_wheel, gw->now_us, step_us);
			step_us = wheel_idle_us(&gw->w[i]->transfer_wheel, gw->now_us, step_us);
		}
		gw->now_us += step_us ? step_us : 1;
		gateway_run(gw);
	}
}

uint64_t gateway_sum(const struct gateway *gw, size_t offset)
{
	uint64_t sum = 0;

	for (uint16_t i = 0; i < gw->workers_count; i++)
		sum += *(const uint64_t *)((const char *)&gw->w[i]->counters + offset);
	return sum;
}

uint64_t gateway_drops(const struct gateway *gw)
{
	uint64_t sum = 0;

#define X(name, help) sum += GATEWAY_COUNT(gw, drop_##name);
	DP_DROPS(X)
#undef X
	return sum;
}

struct dp_peer gateway_device(uint32_t number)
{
	struct dp_peer peer = {.addr = {0xfd}, .udp_port_be16 = 0x3316};

	for (int i = 0; i < 4; i++)
		peer.addr[15 - i] = (uint8_t)(number >> (8 * i));
	return peer;
}

void gateway_inject(struct gateway *gw, uint16_t worker, const struct datagram *d)
{
	assert_int_equal(pktio_mem_inject(&gw->port, worker, d->bytes, d->len, &d->peer), 0);
}

bool gateway_take(struct gateway *gw, uint16_t worker, struct datagram *d)
{
	struct rte_mbuf *m = pktio_mem_take(&gw->port, worker);

	if (!m)
		return false;
	memset(d, 0, sizeof(*d));
	assert_int_equal(m->pkt_len, m->data_len);
	assert_int_equal(dp_pkt(m)->peer.worker, worker);
	memcpy(d->bytes, rte_pktmbuf_mtod(m, void *), m->data_len);
	d->len = m->data_len;
	d->peer = dp_pkt(m)->peer;
	rte_pktmbuf_free(m);
	assert_int_equal(coap_msg_parse(&d->msg, d->bytes, d->len), COAP_OK);
	return true;
}

unsigned gateway_drain(struct gateway *gw)
{
	struct rte_mbuf *m;
	unsigned n = 0;

	for (uint16_t i = 0; i < gw->workers_count; i++) {
		while ((m = pktio_mem_take(&gw->port, i))) {
			rte_pktmbuf_free(m);
			n++;
		}
	}
	return n;
}

void gateway_attach(struct gateway *gw)
{
	int doorbells[GATEWAY_WORKERS_MAX], fds[2 + GATEWAY_WORKERS_MAX];
	char why[160] = "";

	for (uint16_t i = 0; i < gw->workers_count; i++)
		doorbells[i] = gw->w[i]->doorbell;
	assert_int_equal(bridge_segment_create(&gw->segment, gw->workers_count, doorbells, 1), 0);
	fds[0] = dup(gw->segment.memfd);
	fds[1] = dup(gw->segment.event_doorbell);
	for (uint16_t i = 0; i < gw->workers_count; i++)
		fds[2 + i] = dup(gw->segment.channels[i].command_doorbell);
	if (bridge_segment_map(&gw->control, fds, 2u + gw->workers_count, why) != 0)
		fail_msg("%s", why);
	for (uint16_t i = 0; i < gw->workers_count; i++)
		atomic_store(&gw->w[i]->offered, &gw->segment);
	gw->attached = true;
	gateway_run(gw);
}

void gateway_detach(struct gateway *gw)
{
	if (!gw->attached)
		return;
	for (uint16_t i = 0; i < gw->workers_count; i++)
		atomic_store(&gw->w[i]->offered, NULL);
	for (uint16_t i = 0; i < gw->workers_count; i++) {
		for (int r = 0; r < ROUNDS_MAX && atomic_load(&gw->w[i]->adopted); r++)
			gateway_round(gw);
		assert_null(atomic_load(&gw->w[i]->adopted));
		atomic_store(&gw->w[i]->bridge_failed, false);
	}
	bridge_segment_close(&gw->segment);
	bridge_segment_close(&gw->control);
	gw->attached = false;
	gateway_run(gw);
}

void gateway_ready(struct gateway *gw)
{
	gateway_attach(gw);
	for (uint16_t i = 0; i < gw->workers_count; i++)
		gateway_restore_end(gw, i);
	gateway_run(gw);
}

static void copy_event(struct gateway_event *ev, const struct bridge_record *rec, uint32_t len)
{
	const struct bridge_uplink *reg = (const void *)rec;
	const struct bridge_touch *touch = (const void *)rec;
	const struct bridge_response *resp = (const void *)rec;
	const struct bridge_trace *trace = (const void *)rec;
	const struct bridge_credential_query *query = (const void *)rec;
	const struct bridge_dtls_save *save = (const void *)rec;
	const uint8_t *coap = NULL;
	size_t head = sizeof(*reg);

	ev->type = rec->type;
	ev->seq = rec->seq;
	ev->flags = rec->flags;
	switch (rec->type) {
	case BRIDGE_EV_TOUCH:
		assert_int_equal(len, sizeof(*touch));
		ev->location = touch->location;
		ev->wall_ms = touch->wall_ms;
		ev->peer = touch->peer;
		break;
	case BRIDGE_EV_RESPONSE:
		ev->location = resp->location;
		ev->request_id = resp->request_id;
		ev->peer = resp->peer;
		ev->result = resp->result;
		ev->coap_len = resp->coap_len;
		coap = resp->coap;
		head = sizeof(*resp);
		break;
	case BRIDGE_EV_CREDENTIAL_QUERY:
		ev->request_id = query->query;
		ev->result = query->kind;
		ev->coap_len = query->id_len;
		coap = query->id;
		head = sizeof(*query);
		break;
	case BRIDGE_EV_DTLS_SAVE:
	case BRIDGE_EV_DTLS_END:
		ev->location = save->cid;
		if (rec->type == BRIDGE_EV_DTLS_END)
			break;
		ev->credential = save->credential;
		ev->coap_len = sizeof(save->session);
		coap = save->session;
		head = offsetof(struct bridge_dtls_save, session);
		break;
	case BRIDGE_EV_TRACE:
		ev->location = trace->location;
		ev->wall_ms = trace->wall_ms;
		ev->coap_len = trace->coap_len;
		coap = trace->coap;
		head = sizeof(*trace);
		break;
	default:
		ev->location = reg->location;
		ev->wall_ms = reg->wall_ms;
		ev->peer = reg->peer;
		ev->credential = reg->credential;
		ev->coap_len = reg->coap_len;
		coap = reg->coap;
	}
	if (coap) {
		assert_int_equal(len, head + ev->coap_len);
		memcpy(ev->coap, coap, ev->coap_len);
	}
}

bool gateway_event(struct gateway *gw, uint16_t worker, struct gateway_event *ev)
{
	struct bridge_ring *ring = &gw->control.channels[worker].events;
	const struct bridge_record *rec;
	uint32_t len;

	memset(ev, 0, offsetof(struct gateway_event, coap));
	rec = bridge_ring_peek(ring, &len);
	assert_false(ring->broken);
	if (!rec)
		return false;
	copy_event(ev, rec, len);
	bridge_ring_release(ring);
	return true;
}

void gateway_command(struct gateway *gw, uint16_t worker, uint16_t type, const void *body,
		     size_t len)
{
	struct bridge_ring *ring = &gw->control.channels[worker].commands;
	struct bridge_record *rec = bridge_ring_reserve(ring, type, (uint32_t)(sizeof(*rec) + len));

	assert_non_null(rec);
	if (len > 0)
		memcpy(rec + 1, body, len);
	bridge_ring_publish(ring);
}

static void commit(struct gateway *gw, uint16_t worker, uint16_t type, uint64_t seq, uint32_t code,
		   uint32_t reason)
{
	struct bridge_commit cmd = {.seq = seq, .code = code, .reason = reason};

	gateway_command(gw, worker, type, &cmd.record + 1, sizeof(cmd) - sizeof(cmd.record));
}

void gateway_commit(struct gateway *gw, uint16_t worker, uint64_t seq)
{
	commit(gw, worker, BRIDGE_COMMIT, seq, 0, 0);
}

void gateway_reject(struct gateway *gw, uint16_t worker, uint64_t seq, uint8_t code)
{
	commit(gw, worker, BRIDGE_REJECT, seq, code, 0);
}

void gateway_reject_because(struct gateway *gw, uint16_t worker, uint64_t seq, uint32_t code,
			    uint32_t reason)
{
	commit(gw, worker, BRIDGE_REJECT, seq, code, reason);
}

void gateway_restore(struct gateway *gw, uint16_t worker, uint64_t location, const char *endpoint,
		     uint32_t lifetime_s, const struct dp_peer *peer)
{
	size_t endpoint_len = strlen(endpoint);
	union {
		struct bridge_restore cmd;
		uint8_t bytes[512];
	} u = {.cmd = {.location = location,
		       .peer = *peer,
		       .lifetime_s = lifetime_s,
		       .remaining_s = lifetime_s,
		       .version = 11,
		       .binding = 1,
		       .endpoint_len = (uint8_t)endpoint_len}};
	const size_t at = offsetof(struct bridge_restore, endpoint);

	memcpy(u.bytes + at, endpoint, endpoint_len);
	gateway_command(gw, worker, BRIDGE_RESTORE, u.bytes + sizeof(struct bridge_record),
			at + endpoint_len - sizeof(struct bridge_record));
}

void gateway_restore_end(struct gateway *gw, uint16_t worker)
{
	gateway_command(gw, worker, BRIDGE_RESTORE_END, NULL, 0);
}

static void request(struct gateway *gw, uint16_t type, uint64_t location, uint64_t request_id,
		    uint64_t token, const void *coap, size_t len)
{
	union {
		struct bridge_request cmd;
		uint8_t bytes[4096];
	} u = {.cmd = {.location = location,
		       .request_id = request_id,
		       .token = token,
		       .coap_len = (uint32_t)len}};

	assert_true(len <= sizeof(u) - sizeof(u.cmd));
	if (len > 0)
		memcpy(u.bytes + sizeof(u.cmd), coap, len);
	gateway_command(gw, (uint16_t)(BRIDGE_LOCATION_VSHARD(location) % gw->workers_count), type,
			u.bytes + sizeof(struct bridge_record),
			sizeof(u.cmd) + len - sizeof(struct bridge_record));
}

void gateway_request(struct gateway *gw, uint64_t location, uint64_t request_id, const void *coap,
		     size_t len)
{
	request(gw, BRIDGE_REQUEST, location, request_id, 0, coap, len);
}

void gateway_request_with(struct gateway *gw, uint64_t location, uint64_t request_id,
			  uint64_t token, const void *coap, size_t len)
{
	request(gw, BRIDGE_REQUEST, location, request_id, token, coap, len);
}

void gateway_trace(struct gateway *gw, uint64_t location, bool on)
{
	struct bridge_touch cmd = {.record.flags = on, .location = location};
	struct bridge_ring *ring =
		&gw->control.channels[BRIDGE_LOCATION_VSHARD(location) % gw->workers_count]
			 .commands;
	struct bridge_record *rec = bridge_ring_reserve(ring, BRIDGE_TRACE, sizeof(cmd));

	assert_non_null(rec);
	memcpy(rec + 1, &cmd.record + 1, sizeof(cmd) - sizeof(cmd.record));
	rec->flags = on;
	bridge_ring_publish(ring);
}

void gateway_hold(struct gateway *gw, bool on)
{
	for (uint16_t i = 0; i < gw->workers_count; i++) {
		struct bridge_ring *ring = &gw->control.channels[i].commands;
		struct bridge_record *rec = bridge_ring_reserve(ring, BRIDGE_HOLD, sizeof(*rec));

		assert_non_null(rec);
		rec->flags = on;
		bridge_ring_publish(ring);
	}
	gateway_run(gw);
}

void gateway_cancel(struct gateway *gw, uint64_t location, uint64_t request_id)
{
	request(gw, BRIDGE_CANCEL, location, request_id, 0, NULL, 0);
}

unsigned gateway_commit_all(struct gateway *gw)
{
	struct gateway_event ev;
	unsigned n = 0;

	gateway_run(gw);
	for (uint16_t i = 0; i < gw->workers_count; i++) {
		uint64_t seq = 0;

		while (gateway_event(gw, i, &ev)) {
			seq = ev.seq ? ev.seq : seq;
			n++;
		}
		if (seq)
			gateway_commit(gw, i, seq);
	}
	gateway_run(gw);
	return n;
}
