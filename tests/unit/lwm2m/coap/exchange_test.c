// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S 1000000ull

static void the_first_timeout_is_spread_over_2_to_3_seconds(void **state)
{
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 5 * S, 0);
	assert_int_equal(x.deadline_us, 7 * S);
	coap_exchange_start(&x, &coap_params_default, 5 * S, 0x80000000);
	assert_int_equal(x.deadline_us, 5 * S + 2500000);
	coap_exchange_start(&x, &coap_params_default, 5 * S, UINT32_MAX);
	assert_in_range(x.deadline_us, 8 * S - 1, 8 * S);
}

static void an_unanswered_request_is_sent_five_times_and_given_up(void **state)
{
	static const uint64_t resend_at[] = {2 * S, 6 * S, 14 * S, 30 * S};
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	for (int i = 0; i < 4; i++) {
		uint64_t at = resend_at[i];
		assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, at - 1),
				 COAP_EXCHANGE_WAIT);
		assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, at),
				 COAP_EXCHANGE_RESEND);
	}
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 62 * S - 1),
			 COAP_EXCHANGE_WAIT);
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 62 * S),
			 COAP_EXCHANGE_TIMEOUT);
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 63 * S),
			 COAP_EXCHANGE_IGNORE);
	assert_int_equal(coap_exchange_on_response(&x), COAP_EXCHANGE_IGNORE);
}

static void a_late_timer_sends_one_copy_only(void **state)
{
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 20 * S),
			 COAP_EXCHANGE_RESEND);
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 20 * S),
			 COAP_EXCHANGE_WAIT);
	assert_int_equal(x.deadline_us, 24 * S);
}

static void an_ack_stops_retransmission_and_waits_for_the_response(void **state)
{
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	assert_int_equal(coap_exchange_on_ack(&x, &coap_params_default, S), COAP_EXCHANGE_WAIT);
	assert_int_equal(x.deadline_us, S + COAP_MAX_TRANSMIT_WAIT_US);
	assert_int_equal(coap_exchange_on_ack(&x, &coap_params_default, 2 * S),
			 COAP_EXCHANGE_IGNORE);
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 40 * S),
			 COAP_EXCHANGE_WAIT);
	assert_int_equal(coap_exchange_on_response(&x), COAP_EXCHANGE_ANSWERED);
	assert_int_equal(coap_exchange_on_response(&x), COAP_EXCHANGE_IGNORE);
}

static void a_separate_response_that_never_comes_times_out(void **state)
{
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	coap_exchange_on_ack(&x, &coap_params_default, S);
	assert_int_equal(coap_exchange_on_time(&x, &coap_params_default, 94 * S),
			 COAP_EXCHANGE_TIMEOUT);
}

static void a_response_without_its_ack_is_enough(void **state)
{
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	assert_int_equal(coap_exchange_on_response(&x), COAP_EXCHANGE_ANSWERED);
	assert_int_equal(coap_exchange_on_ack(&x, &coap_params_default, S), COAP_EXCHANGE_IGNORE);
	assert_int_equal(coap_exchange_on_reset(&x), COAP_EXCHANGE_IGNORE);
}

static void a_reset_ends_the_exchange_acked_or_not(void **state)
{
	struct coap_exchange x;

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	assert_int_equal(coap_exchange_on_reset(&x), COAP_EXCHANGE_RESET);
	assert_int_equal(coap_exchange_on_reset(&x), COAP_EXCHANGE_IGNORE);

	coap_exchange_start(&x, &coap_params_default, 0, 0);
	coap_exchange_on_ack(&x, &coap_params_default, S);
	assert_int_equal(coap_exchange_on_reset(&x), COAP_EXCHANGE_RESET);
}

static void extreme_parameters_saturate(void **state)
{
	const struct coap_params params = {
		.ack_timeout_us = UINT32_MAX,
		.ack_random_permille = UINT32_MAX,
		.max_retransmit = 2,
	};
	struct coap_exchange x;

	coap_exchange_start(&x, &params, 0, UINT32_MAX);
	assert_int_equal(x.timeout_us, UINT32_MAX);
	assert_int_equal(coap_exchange_on_time(&x, &params, UINT32_MAX), COAP_EXCHANGE_RESEND);
	assert_int_equal(x.timeout_us, UINT32_MAX);
	assert_int_equal(x.deadline_us, 2ull * UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_timeout_is_spread_over_2_to_3_seconds),
		cmocka_unit_test(an_unanswered_request_is_sent_five_times_and_given_up),
		cmocka_unit_test(a_late_timer_sends_one_copy_only),
		cmocka_unit_test(an_ack_stops_retransmission_and_waits_for_the_response),
		cmocka_unit_test(a_separate_response_that_never_comes_times_out),
		cmocka_unit_test(a_response_without_its_ack_is_enough),
		cmocka_unit_test(a_reset_ends_the_exchange_acked_or_not),
		cmocka_unit_test(extreme_parameters_saturate),
	};
	return cmocka_run_group_tests_name("lwm2m/coap/exchange", tests, NULL, NULL);
}
