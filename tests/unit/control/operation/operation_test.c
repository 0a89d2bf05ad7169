// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the REST resources do not show of operations: observations, alternate paths, and what cannot
// be sent.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/operation.h"
#include "tests/unit/control/rest/fixture.h"

static struct fixture f;
static struct ctl_reg *reg;
static struct {
	uint32_t count;
	struct ctl_outcome outcome;
	char text[400]; // the JSON, or what went wrong
} ended;

static int setup(void **state)
{
	fixture_init(&f);
	reg = fixture_register(&f, "dev", "</3/0>");
	memset(&ended, 0, sizeof(ended));
	return 0;
}

static int teardown(void **state)
{
	fixture_fini(&f);
	return 0;
}

static void on_end(const struct ctl_outcome *outcome, void *arg)
{
	char *dump = outcome->json ? json_dumps(outcome->json, JSON_COMPACT) : NULL;

	ended.count++;
	ended.outcome = *outcome;
	snprintf(ended.text, sizeof(ended.text), "%s", dump ? dump : outcome->text);
	free(dump);
}

static struct ctl_running *run(const struct ctl_operation *op)
{
	struct ctl_running *running = ctl_operation_run(&f.ctl, reg, op, 500, on_end, NULL);

	assert_non_null(running);
	return running;
}

static void assert_sent(const char *hex)
{
	uint8_t bytes[256];
	size_t len = fixture_hex(hex, bytes, sizeof(bytes));

	assert_int_equal(f.sent_len, len);
	assert_memory_equal(f.sent, bytes, len);
}

static struct ctl_operation observe(enum ctl_operation_kind kind)
{
	return (struct ctl_operation){.kind = (uint8_t)kind,
				      .paths_count = 1,
				      .accept = CTL_FORMAT_ANY,
				      .format = CTL_FORMAT_ANY,
				      .token = 77,
				      .paths = {{{3, 0, 13}, 3}}};
}

static void an_observation_has_its_token_and_tells_its_number(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE);

	run(&op);
	assert_sent("400100006051330130023133");
	assert_true(f.token == 77);
	fixture_answer(&f, "604500016112ff3132"); // Observe 18, "12" as text
	assert_int_equal(ended.count, 1);
	assert_int_equal(ended.outcome.http, 200);
	assert_int_equal(ended.outcome.code, COAP_CONTENT);
	assert_true(ended.outcome.observing);
	assert_int_equal(ended.outcome.sequence, 18);
	assert_non_null(strstr(ended.text, "\"type\":\"TIME\",\"value\":12000"));
}

static void an_answer_without_the_option_observes_nothing(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE);

	run(&op);
	fixture_answer(&f, "60450001ff3132");
	assert_int_equal(ended.outcome.http, 200);
	assert_false(ended.outcome.observing);
	run(&op);
	fixture_answer(&f, "608400016112"); // nor does an error
	assert_false(ended.outcome.observing);
}

static void a_cancellation_says_so(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE_CANCEL);

	run(&op);
	assert_sent("40010000610151330130023133");
	assert_true(f.token == 77);
	fixture_end(&f, CTL_OP_TIMEOUT);
	assert_int_equal(ended.outcome.http, 504);
	assert_string_equal(ended.text, "Request timeout");
}

static void a_composite_observation_carries_its_paths(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE_COMPOSITE);

	op.format = op.accept = 112;
	op.paths_count = 2;
	op.paths[1] = (struct lwm2m_path){{1, 0, 1}, 3};
	run(&op);
	assert_sent("40050000606170"
		    "5170ff82a100672f332f302f3133a100662f312f302f31");
	fixture_end(&f, CTL_OP_GONE);
	assert_int_equal(ended.outcome.http, 400);
	assert_string_equal(ended.text, "No registered client with id 'dev'");
}

static void a_composite_goes_to_the_alternate_path(void **state)
{
	struct ctl_operation op = {.kind = CTL_READ_COMPOSITE,
				   .paths_count = 1,
				   .accept = 112,
				   .format = 112,
				   .paths = {{{3}, 1}}};

	reg = fixture_register(&f, "alt", "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/3/0>");
	run(&op);
	assert_sent("40050000b56c776d326d11705170ff81a100622f33");
	fixture_end(&f, CTL_OP_RESET);
	assert_int_equal(ended.outcome.http, 500);
}

static void what_does_not_fit_a_datagram_is_told_later(void **state)
{
	static char query[2000];
	struct ctl_operation op = observe(CTL_WRITE_ATTRIBUTES);

	memset(query, '1', sizeof(query));
	op.query = query;
	op.query_len = sizeof(query);
	run(&op);
	assert_int_equal(f.sent_len, 0); // which the downlink refuses
	fixture_end(&f, CTL_OP_INVALID);
	assert_int_equal(ended.outcome.http, 400);
	assert_string_equal(ended.text, "Request does not fit a datagram");
}

static void without_memory_nothing_starts(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE);

	f.out_of_memory = true;
	assert_null(ctl_operation_run(&f.ctl, reg, &op, 500, on_end, NULL));
	assert_int_equal(ended.count, 0);
}

static void a_cancelled_operation_is_silent(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE);

	ctl_operation_cancel(run(&op));
	assert_int_equal(f.cancelled, 1);
	assert_int_equal(ended.count, 0);
}

static bool is_listed(enum ctl_operation_kind kind, uint8_t code)
{
	size_t count;
	const uint8_t *codes = ctl_operation_codes(kind, &count);

	return memchr(codes, code, count) != NULL;
}

// Transport 1.1.1 tables 6.4.4-1 and 6.4.5-1, every operation with every code.
static void an_answer_is_valid_when_the_enabler_lists_its_code(void **state)
{
	for (int kind = 0; kind < CTL_OPERATION_KINDS; kind++) {
		for (uint8_t code = COAP_BAD_REQUEST; code <= COAP_CODE(5, 5); code++) {
			struct ctl_operation op = observe((enum ctl_operation_kind)kind);
			const uint8_t answer[] = {0x60, code, 0, 1};
			bool valid = is_listed((enum ctl_operation_kind)kind, code);

			op.format = 112;
			run(&op);
			fixture_answer_bytes(&f, answer, sizeof(answer));
			assert_int_equal(ended.outcome.http, 200);
			assert_int_equal(ended.outcome.code, code);
			assert_non_null(strstr(ended.text, "\"success\":false,\"failure\":true"));
			assert_true(valid == (strstr(ended.text, "\"valid\":true") != NULL));
		}
	}
}

static void on_rest(const struct ctl_transfer_outcome *outcome, void *arg)
{
	ended.count++;
	assert_int_equal(outcome->result, CTL_OP_ANSWERED);
	assert_int_equal(outcome->response.payload_len, 17);
}

static void the_rest_of_a_notification_is_asked_for_without_observing(void **state)
{
	struct ctl_operation op = observe(CTL_OBSERVE);
	struct coap_msg first;
	uint8_t coap[64];
	size_t len =
		fixture_hex("40450001d10a08ff30313233343536373839616263646566", coap, sizeof(coap));

	assert_int_equal(coap_msg_parse(&first, coap, len), COAP_OK);
	assert_true(ctl_transfer_is_partial(&first));
	assert_non_null(ctl_operation_rest(&f.ctl, reg, &op, &first, 500, on_rest, NULL));
	assert_sent("40010000b133013002313"
		    "3c110");
	assert_true(f.token == 0);
	fixture_answer(&f, "60450001d10a10ff21");
	assert_int_equal(ended.count, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_observation_has_its_token_and_tells_its_number),
		T(an_answer_without_the_option_observes_nothing),
		T(a_cancellation_says_so),
		T(a_composite_observation_carries_its_paths),
		T(a_composite_goes_to_the_alternate_path),
		T(what_does_not_fit_a_datagram_is_told_later),
		T(without_memory_nothing_starts),
		T(a_cancelled_operation_is_silent),
		T(an_answer_is_valid_when_the_enabler_lists_its_code),
		T(the_rest_of_a_notification_is_asked_for_without_observing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
