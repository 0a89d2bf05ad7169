// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A gateway of one worker and a control that the test plays, for the tests of the registration
// interface: every test starts ready (or, FRESH, before the first restore) and ends with every
// datagram accounted for.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/lifetime.h"
#include "dataplane/loop.h"
#include "dataplane/promise.h"
#include "tests/unit/support/device.h"

#define S 1000000ull

static struct gateway gw;
static struct gateway_event ev;

static inline int set_up(void **state)
{
	gateway_open(&gw, (struct gateway_params){0});
	return 0;
}

static inline int set_up_ready(void **state)
{
	set_up(state);
	gateway_ready(&gw);
	return 0;
}

static inline int tear_down(void **state)
{
	gateway_detach(&gw);
	gateway_run(&gw);
	assert_int_equal(GATEWAY_COUNT(&gw, rx_datagrams),
			 GATEWAY_COUNT(&gw, tx_datagrams) + gateway_drops(&gw));
	gateway_close(&gw);
	return 0;
}

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static inline uint8_t code_of(struct datagram d)
{
	return device_ask(&gw, 0, &d).msg.code; // 0: no answer
}

static inline void expect_event(uint16_t type, uint64_t seq, uint64_t location)
{
	do
		assert_true(gateway_event(&gw, 0, &ev));
	while (ev.type == BRIDGE_EV_TOUCH && type != BRIDGE_EV_TOUCH);
	assert_int_equal(ev.type, type);
	assert_int_equal(ev.seq, seq);
	if (location)
		assert_int_equal(ev.location, location);
}

static inline void expect_no_event(void)
{
	gateway_run(&gw);
	assert_false(gateway_event(&gw, 0, &ev));
}

static inline void commit(uint64_t seq)
{
	gateway_commit(&gw, 0, seq);
	gateway_run(&gw);
}

static inline uint8_t taken_code(void)
{
	struct datagram answer;

	return gateway_take(&gw, 0, &answer) ? answer.msg.code : 0;
}

#define T(name)     cmocka_unit_test_setup_teardown(name, set_up_ready, tear_down)
#define FRESH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
