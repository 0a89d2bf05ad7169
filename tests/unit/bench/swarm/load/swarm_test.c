// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A fleet against canned answers: the port is an array in both directions, the clock a number.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bench/swarm/load/locations.h"
#include "bench/swarm/load/options.h"
#include "bench/swarm/load/result.h"
#include "bench/swarm/load/swarm.h"
#include "tests/unit/support/eal.h"

#define HZ 1000000u

struct datagram {
	uint32_t device;
	uint16_t len;
	uint8_t bytes[320];
};

static struct {
	struct port port;
	struct scenario sc;
	struct swarm *swarm;
	struct datagram sent[512];
	unsigned sent_n;
	struct datagram queued[512];
	unsigned queued_n;
	uint16_t room;
	unsigned moves;
	uint64_t now;
} t;

static struct rte_mempool *pool;

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

static void begin(const char *line)
{
	char why[128];

	t.sc.phases_count = 0;
	assert_int_equal(scenario_line(&t.sc, line, 1, why), 0);
	swarm_begin(t.swarm, &t.sc.phases[0], t.now);
}

static void with_devices(uint32_t devices)
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

static int teardown(void **state)
{
	swarm_free(t.swarm);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
	return 0;
}

static void poll_after(uint64_t us)
{
	t.now += us;
	for (unsigned i = 0; i < 64; i++) { // a sweep of the whole window
		swarm_poll(t.swarm, t.now);
		t.now += HZ / 1000;
	}
}

static struct coap_msg sent(unsigned i)
{
	struct coap_msg msg;

	assert_in_range(i, 0, t.sent_n - 1);
	assert_int_equal(coap_msg_parse(&msg, t.sent[i].bytes, t.sent[i].len), COAP_OK);
	return msg;
}

struct reply {
	enum coap_type type;
	uint8_t code;
	const char *id; // second segment of Location-Path
	int max_age;
	uint16_t mid_off;
	bool other_token;
	bool no_token;
};

static void queue_reply(unsigned i, struct reply r)
{
	struct coap_msg msg = sent(i);
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

static void register_all(void)
{
	char id[16];

	begin("register");
	poll_after(0);
	for (unsigned i = 0; i < t.sent_n; i++) {
		snprintf(id, sizeof(id), "id%u", t.sent[i].device);
		queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = id});
	}
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, t.sc.devices);
	t.sent_n = 0;
}

static bool ok(void)
{
	struct result result = {.port = &t.port, .count = 1};

	result.phases[0].counters = t.swarm->counters;
	return result_ok(&result);
}

static void devices_register_by_name_and_keep_their_location(void **state)
{
	with_devices(3);
	begin("register");
	poll_after(0);
	assert_int_equal(t.sent_n, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct coap_msg msg = sent(i);
		struct coap_opt opt;
		char ep[32];
		snprintf(ep, sizeof(ep), "ep=swarm-%04u", t.sent[i].device);
		assert_true(coap_msg_find_opt(&msg, COAP_OPT_URI_QUERY, &opt));
		assert_int_equal(opt.len, strlen(ep));
		assert_memory_equal(opt.value, ep, opt.len);
		snprintf(ep, sizeof(ep), "id%u", t.sent[i].device);
		queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = ep});
	}
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_true(ok());

	t.sent_n = 0;
	begin("update");
	poll_after(0);
	assert_int_equal(t.sent_n, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct coap_msg msg = sent(i);
		struct coap_opt_iter it = coap_opts_begin(&msg);
		struct coap_opt rd, id;
		assert_true(coap_opts_next(&it, &rd) && coap_opts_next(&it, &id));
		assert_memory_equal(rd.value, "rd", 2);
		assert_int_equal(id.len, 3);
		assert_int_equal(id.value[2], '0' + t.sent[i].device);
		queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	}
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, 3);
	assert_int_equal(t.swarm->latency.count, 3);
	assert_true(ok());
}

static void every_kind_of_wrong_answer_makes_the_run_fail(void **state)
{
	static const struct reply wrong[] = {
		{.type = COAP_ACK, .code = COAP_NOT_FOUND},
		{.type = COAP_ACK, .code = COAP_DELETED},
		{.type = COAP_ACK, .code = COAP_CHANGED, .id = "x"},
		{.type = COAP_ACK, .code = COAP_CHANGED, .mid_off = 1},
		{.type = COAP_RST, .code = COAP_EMPTY, .no_token = true},
		{.type = COAP_CON, .code = COAP_BAD_REQUEST},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		with_devices(1);
		register_all();
		begin("update");
		poll_after(0);
		queue_reply(0, wrong[i]);
		poll_after(0);
		assert_true(swarm_is_done(t.swarm));
		assert_int_equal(t.swarm->counters.wrong, 1);
		assert_non_null(t.swarm->first_wrong);
		assert_false(ok());
		swarm_free(t.swarm);
	}
	with_devices(1); // for teardown
}

static void an_answer_to_another_devices_request_is_wrong(void **state)
{
	with_devices(2);
	register_all();
	begin("update");
	poll_after(0);
	queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	t.queued[0].device = t.sent[1].device;
	poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
	assert_false(ok());
}

static void an_unknown_token_is_a_stray_and_the_request_goes_on_waiting(void **state)
{
	with_devices(1);
	register_all();
	begin("update");
	poll_after(0);
	queue_reply(0, (struct reply){COAP_ACK, COAP_CHANGED, .other_token = true});
	poll_after(0);
	assert_int_equal(t.swarm->counters.strays, 1);
	assert_false(swarm_is_done(t.swarm));
}

static void a_request_without_answer_is_repeated_and_then_missing(void **state)
{
	with_devices(1);
	register_all();
	begin("update");
	poll_after(0);
	poll_after(2 * HZ);
	poll_after(4 * HZ);
	assert_int_equal(t.sent_n, 3);
	assert_int_equal(t.sent[0].len, t.sent[2].len);
	assert_memory_equal(t.sent[0].bytes, t.sent[1].bytes, t.sent[0].len);
	assert_memory_equal(t.sent[0].bytes, t.sent[2].bytes, t.sent[0].len);
	assert_int_equal(t.swarm->counters.retransmissions, 2);
	assert_false(swarm_is_done(t.swarm));
	poll_after(8 * HZ);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.missing, 1);
	assert_false(ok());
}

static void a_device_that_is_unavailable_for_asks_anew_after_max_age(void **state)
{
	with_devices(1);
	begin("register");
	poll_after(0);
	queue_reply(0, (struct reply){COAP_ACK, COAP_SERVICE_UNAVAILABLE, .max_age = 7});
	poll_after(0);
	poll_after(6 * HZ);
	assert_int_equal(t.sent_n, 1);
	poll_after(HZ);
	assert_int_equal(t.sent_n, 2);
	assert_int_not_equal(sent(0).mid, sent(1).mid);
	assert_memory_not_equal(sent(0).token, sent(1).token, 8);
	queue_reply(1, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = "a"});
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.unavailable, 1);
	assert_in_range(t.swarm->latency.max, 7000000000u, 8000000000u);
	assert_true(ok());
}

static void a_gateway_that_is_never_available_ends_the_phase(void **state)
{
	with_devices(100);
	begin("register window=1");
	poll_after(0);
	for (unsigned i = 0; i < 10 && !swarm_is_done(t.swarm); i++) {
		queue_reply(t.sent_n - 1,
			    (struct reply){COAP_ACK, COAP_SERVICE_UNAVAILABLE, .max_age = 10});
		poll_after(0);
		poll_after(10 * HZ);
	}
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.missing, 1);
	assert_false(ok());
}

static void a_separate_response_is_acknowledged(void **state)
{
	with_devices(1);
	register_all();
	begin("update");
	poll_after(0);
	queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_EMPTY, .no_token = true});
	poll_after(0);
	poll_after(10 * HZ);
	assert_int_equal(t.sent_n, 1); // acknowledged: not repeated
	queue_reply(0, (struct reply){COAP_CON, COAP_CHANGED, .mid_off = 77});
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.sent_n, 2);
	assert_int_equal(sent(1).type, COAP_ACK);
	assert_int_equal(sent(1).code, COAP_EMPTY);
	assert_int_equal(sent(1).mid, (uint16_t)(sent(0).mid + 77));
	assert_int_equal(t.swarm->counters.separate, 1);
	assert_true(ok());
}

static void a_repeated_request_must_be_answered_in_the_same_bytes(void **state)
{
	for (unsigned same = 0; same < 2; same++) {
		with_devices(1);
		begin("register duplicates=100%");
		poll_after(0);
		queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CREATED, .id = "a"});
		poll_after(0);
		assert_int_equal(t.sent_n, 2);
		assert_memory_equal(t.sent[0].bytes, t.sent[1].bytes, t.sent[0].len);
		assert_false(swarm_is_done(t.swarm));
		queue_reply(1, (struct reply){.type = COAP_ACK,
					      .code = COAP_CREATED,
					      .id = same ? "a" : "b"});
		poll_after(0);
		assert_true(swarm_is_done(t.swarm));
		assert_int_equal(t.swarm->counters.duplicates, same);
		assert_int_equal(t.swarm->counters.exchanges, same);
		assert_int_equal(ok(), same);
		swarm_free(t.swarm);
	}
	with_devices(1);
}

static void what_the_gateway_asks_is_answered_not_found(void **state)
{
	with_devices(1);
	register_all();
	begin("pause seconds=1");
	t.queued[0] = (struct datagram){0, 5, {0x41, COAP_GET, 0x12, 0x34, 0xaa}};
	t.queued_n = 1;
	poll_after(0);
	assert_int_equal(t.sent_n, 1);
	assert_int_equal(t.sent[0].len, 5);
	assert_memory_equal(t.sent[0].bytes, "\x61\x84\x12\x34\xaa", 5);
	assert_int_equal(t.swarm->counters.asked, 1);
}

static void garbage_is_wrong(void **state)
{
	with_devices(1);
	register_all();
	begin("pause seconds=1");
	t.queued[0] = (struct datagram){0, 3, {0x60}};
	t.queued_n = 1;
	poll_after(0);
	assert_int_equal(t.swarm->counters.wrong, 1);
	assert_false(ok());
}

static void a_closed_loop_keeps_its_window(void **state)
{
	with_devices(200);
	register_all();
	begin("update window=10 rounds=2");
	poll_after(0);
	assert_int_equal(t.sent_n, 10);
	for (unsigned i = 0; i < 4; i++)
		queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	poll_after(0);
	assert_int_equal(t.sent_n, 14);
}

static void an_open_loop_sends_at_its_rate_and_counts_what_it_missed_as_latency(void **state)
{
	with_devices(200);
	register_all();
	begin("update rate=100 seconds=10");
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, 0);
	swarm_poll(t.swarm, t.now + HZ / 2); // as if the generator itself had stalled
	assert_int_equal(t.sent_n, 50);
	queue_reply(0, (struct reply){.type = COAP_ACK, .code = COAP_CHANGED});
	swarm_poll(t.swarm, t.now + HZ / 2);
	assert_in_range(t.swarm->latency.max, 499000000u, 501000000u);
}

static void a_full_link_holds_requests_back_and_loses_none(void **state)
{
	with_devices(100);
	t.room = PORT_BURST;
	begin("register");
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, PORT_BURST);
	t.room = 0;
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, PORT_BURST);
	t.room = PORT_BACKLOG;
	swarm_poll(t.swarm, t.now);
	assert_int_equal(t.sent_n, 100);
}

static void a_move_tells_the_port_and_goes_once_over_the_fleet(void **state)
{
	with_devices(5);
	register_all();
	begin("move");
	poll_after(0);
	assert_int_equal(t.moves, 1);
	assert_int_equal(t.sent_n, 5);
}

static void devices_that_left_are_passed_over(void **state)
{
	with_devices(3);
	register_all();
	begin("deregister");
	poll_after(0);
	for (unsigned i = 0; i < 3; i++)
		queue_reply(i, (struct reply){.type = COAP_ACK, .code = COAP_DELETED});
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	begin("update");
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.skipped, 3);
}

static void a_location_that_two_devices_have_is_found(void **state)
{
	with_devices(50);
	locations_invent(t.swarm);
	assert_int_equal(locations_shared(t.swarm), 0);
	t.swarm->devices[49] = t.swarm->devices[7];
	t.swarm->devices[3] = t.swarm->devices[7];
	assert_int_equal(locations_shared(t.swarm), 2);
	struct result_phase phase = {.shared_locations = 2};
	assert_false(result_phase_ok(&phase));
}

static void a_bounced_request_is_its_own_answer(void **state)
{
	with_devices(4);
	t.swarm->bounce = true;
	locations_invent(t.swarm);
	begin("update");
	poll_after(0);
	assert_int_equal(t.sent_n, 4);
	memcpy(t.queued, t.sent, 4 * sizeof(t.sent[0]));
	t.queued_n = 4;
	poll_after(0);
	assert_true(swarm_is_done(t.swarm));
	assert_int_equal(t.swarm->counters.exchanges, 4);
	assert_true(ok());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
		TEST(devices_register_by_name_and_keep_their_location),
		TEST(every_kind_of_wrong_answer_makes_the_run_fail),
		TEST(an_answer_to_another_devices_request_is_wrong),
		TEST(an_unknown_token_is_a_stray_and_the_request_goes_on_waiting),
		TEST(a_request_without_answer_is_repeated_and_then_missing),
		TEST(a_device_that_is_unavailable_for_asks_anew_after_max_age),
		TEST(a_gateway_that_is_never_available_ends_the_phase),
		TEST(a_separate_response_is_acknowledged),
		TEST(a_repeated_request_must_be_answered_in_the_same_bytes),
		TEST(what_the_gateway_asks_is_answered_not_found),
		TEST(garbage_is_wrong),
		TEST(a_closed_loop_keeps_its_window),
		TEST(an_open_loop_sends_at_its_rate_and_counts_what_it_missed_as_latency),
		TEST(a_full_link_holds_requests_back_and_loses_none),
		TEST(a_move_tells_the_port_and_goes_once_over_the_fleet),
		TEST(devices_that_left_are_passed_over),
		TEST(a_location_that_two_devices_have_is_found),
		TEST(a_bounced_request_is_its_own_answer),
#undef TEST
	};
	support_eal_init();
	pool = support_mbuf_pool("swarm", 1023);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_mempool_free(pool);
	return failed;
}
