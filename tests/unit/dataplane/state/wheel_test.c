// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/state/wheel.h"
#include "tests/unit/support/prng.h"

#define TIMERS 512

struct subject {
	struct wheel_timer timer; // first: the callback gets its address
	uint32_t due;             // tick
	bool armed;
	uint32_t fired;
};

static struct wheel wheel;
static struct subject subjects[TIMERS];
static uint32_t now_tick;
static uint32_t late; // fired at another tick than its own

static uint64_t us(uint64_t tick)
{
	return tick << WHEEL_TICK_SHIFT;
}

static void count_fire(struct wheel_timer *timer, void *arg)
{
	struct subject *s = (struct subject *)timer;

	assert_null(timer->pprev);
	assert_true(s->armed);
	assert_true((int32_t)(wheel.now - s->due) >= 0); // never early
	late += wheel.now != s->due;
	s->armed = false;
	s->fired++;
}

static int set_up(void **state)
{
	memset(subjects, 0, sizeof(subjects));
	late = 0;
	now_tick = 1000;
	wheel_init(&wheel, us(now_tick));
	return 0;
}

static void arm(struct subject *s, uint32_t deadline)
{
	wheel_arm(&wheel, &s->timer, deadline);
	s->armed = true;
	s->due = (int32_t)(deadline - wheel.now) <= 0 ? wheel.now + 1 : deadline;
}

static uint32_t sweep_to(uint64_t tick)
{
	return wheel_sweep(&wheel, us(tick), UINT32_MAX, count_fire, NULL);
}

static void a_timer_fires_at_its_tick_and_not_before(void **state)
{
	arm(&subjects[0], now_tick + 5);
	assert_int_equal(sweep_to(now_tick + 4), 0);
	assert_int_equal(wheel_sweep(&wheel, us(now_tick + 5) - 1, 99, count_fire, NULL), 0);
	assert_int_equal(sweep_to(now_tick + 5), 1);
	assert_int_equal(wheel.armed, 0);
	assert_int_equal(sweep_to(now_tick + 5000), 0);
	assert_int_equal(late, 0);
}

static void a_tick_is_rounded_up(void **state)
{
	assert_int_equal(wheel_tick(0), 0);
	assert_int_equal(wheel_tick(1), 1);
	assert_int_equal(wheel_tick(us(1)), 1);
	assert_int_equal(wheel_tick(us(1) + 1), 2);
}

static void a_deadline_that_has_passed_fires_with_the_next_tick(void **state)
{
	arm(&subjects[0], now_tick);
	arm(&subjects[1], now_tick - 100);
	assert_int_equal(sweep_to(now_tick), 0);
	assert_int_equal(sweep_to(now_tick + 1), 2);
}

static void a_disarmed_timer_does_not_fire_and_disarming_twice_is_fine(void **state)
{
	for (int i = 0; i < 3; i++)
		arm(&subjects[i], now_tick + 10); // one slot
	wheel_disarm(&wheel, &subjects[1].timer);
	wheel_disarm(&wheel, &subjects[1].timer);
	assert_int_equal(wheel.armed, 2);
	assert_int_equal(sweep_to(now_tick + 20), 2);
	assert_int_equal(subjects[1].fired, 0);
}

static void arming_again_moves_the_deadline_both_ways(void **state)
{
	arm(&subjects[0], now_tick + 10);
	arm(&subjects[0], now_tick + 70000);
	arm(&subjects[1], now_tick + 70000);
	arm(&subjects[1], now_tick + 10);
	assert_int_equal(wheel.armed, 2);
	assert_int_equal(sweep_to(now_tick + 10), 1);
	assert_int_equal(subjects[1].fired, 1);
	assert_int_equal(sweep_to(now_tick + 69999), 0);
	assert_int_equal(sweep_to(now_tick + 70000), 1);
	assert_int_equal(late, 0);
}

// Around every power of 256, from a tick that is itself on, before and after such a boundary.
static void deadlines_at_the_edges_of_every_level_are_exact(void **state)
{
	static const uint32_t starts[] = {0x0, 0x1, 0xfe, 0xff, 0x100, 0xffff, 0x10000, 0xfffffe};
	static const uint32_t spans[] = {1,     255,   256,      257,      65535,
					 65536, 65537, 0xffffff, 0x1000000};

	for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
		wheel_init(&wheel, us(starts[s]));
		late = 0;
		for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
			arm(&subjects[i], starts[s] + spans[i]);
		assert_int_equal(sweep_to((uint64_t)starts[s] + 0x1000000), 9);
		assert_int_equal(late, 0);
	}
}

static void a_deadline_at_the_horizon_is_kept(void **state)
{
	arm(&subjects[0], now_tick + WHEEL_MAX_AHEAD);
	wheel_disarm(&wheel, &subjects[0].timer);
	assert_int_equal(wheel.armed, 0);
	arm(&subjects[0], now_tick + WHEEL_MAX_AHEAD);
	assert_int_equal(sweep_to(now_tick + 0x20000), 0);
	assert_true(subjects[0].armed);
}

static void ticks_wrap_at_32_bits(void **state)
{
	const uint64_t start = 0xffffff80u;

	wheel_init(&wheel, us(start));
	arm(&subjects[0], (uint32_t)(start + 0x7f));  // the last tick before
	arm(&subjects[1], (uint32_t)(start + 0x80));  // tick 0
	arm(&subjects[2], (uint32_t)(start + 0x181)); // level 1 from here
	arm(&subjects[3], (uint32_t)(start + 0x20000));
	assert_int_equal(sweep_to(start + 0x7e), 0);
	assert_int_equal(sweep_to(start + 0x7f), 1);
	assert_int_equal(sweep_to(start + 0x80), 1);
	assert_int_equal(sweep_to(start + 0x1ffff), 1);
	assert_int_equal(sweep_to(start + 0x20000), 1);
	assert_int_equal(late, 0);
}

static void no_more_than_max_fire_in_one_sweep_and_none_is_lost(void **state)
{
	uint32_t fired = 0, sweeps = 0;

	for (int i = 0; i < 10; i++)
		arm(&subjects[i], now_tick + 3 + i / 5);
	for (uint32_t n; (n = wheel_sweep(&wheel, us(now_tick + 9), 3, count_fire, NULL));
	     sweeps++) {
		assert_true(n <= 3);
		fired += n;
	}
	assert_int_equal(fired, 10);
	assert_int_equal(sweeps, 4);
}

static void what_is_due_but_not_fired_can_be_disarmed_and_armed_again(void **state)
{
	for (int i = 0; i < 4; i++)
		arm(&subjects[i], now_tick + 3);
	assert_int_equal(wheel_sweep(&wheel, us(now_tick + 3), 1, count_fire, NULL), 1);
	int victims[2], n = 0;
	for (int i = 0; i < 4 && n < 2; i++)
		if (subjects[i].armed)
			victims[n++] = i;
	wheel_disarm(&wheel, &subjects[victims[0]].timer);
	subjects[victims[0]].armed = false;
	arm(&subjects[victims[1]], now_tick + 50);
	assert_int_equal(wheel_idle_us(&wheel, us(now_tick + 3), 1000000), 0);
	assert_int_equal(sweep_to(now_tick + 3), 1);
	assert_int_equal(sweep_to(now_tick + 50), 1);
	assert_int_equal(wheel.armed, 0);
}

static void rearm_self_and_disarm_next(struct wheel_timer *timer, void *arg)
{
	struct subject *s = (struct subject *)timer;
	uint32_t *budget = arg;

	s->fired++;
	if ((*budget)-- == 0)
		return;
	wheel_arm(&wheel, timer, wheel.now); // at once is the next tick, or a sweep would not end
	for (struct wheel_timer *t = wheel.due; t; t = wheel.due)
		wheel_disarm(&wheel, t);
}

static void a_callback_may_arm_itself_and_disarm_others_that_are_due(void **state)
{
	uint32_t budget = 3;

	for (int i = 0; i < 8; i++)
		wheel_arm(&wheel, &subjects[i].timer, now_tick + 4);
	assert_int_equal(
		wheel_sweep(&wheel, us(now_tick + 4), 99, rearm_self_and_disarm_next, &budget), 1);
	assert_int_equal(wheel.armed, 1);
	assert_int_equal(
		wheel_sweep(&wheel, us(now_tick + 99), 99, rearm_self_and_disarm_next, &budget), 3);
	assert_int_equal(wheel.armed, 0);
}

static void an_idle_wheel_skips_ahead(void **state)
{
	assert_int_equal(sweep_to(0x70000000), 0);
	assert_int_equal(wheel.now, 0x70000000);
	arm(&subjects[0], 0x70000001);
	assert_int_equal(sweep_to(0x70000001), 1);
}

// The first tick at which something is due is never slept through, wherever in a tick sleep begins.
static void sleep_ends_no_later_than_the_first_deadline(void **state)
{
	static const uint32_t aheads[] = {1, 2, 12, 13, 14, 200, 255, 256, 300, 70000};
	static const uint32_t offsets[] = {0, 1, 5000, 16000, 16383};

	for (size_t a = 0; a < sizeof(aheads) / sizeof(aheads[0]); a++) {
		for (size_t o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
			uint64_t now_us = us(now_tick) + offsets[o];
			uint64_t due_us = us(now_tick + aheads[a]);

			wheel_init(&wheel, now_us);
			arm(&subjects[0], now_tick + aheads[a]);
			for (uint64_t max_us = 1; max_us < 5000000; max_us = max_us * 3 + 7) {
				uint64_t idle_us = wheel_idle_us(&wheel, now_us, max_us);

				assert_true(idle_us <= max_us);
				assert_true(now_us + idle_us <= due_us);
			}
			wheel_disarm(&wheel, &subjects[0].timer);
		}
	}
	assert_int_equal(wheel_idle_us(&wheel, us(now_tick), 200000), 200000);
}

static void a_wheel_that_is_behind_does_not_sleep(void **state)
{
	arm(&subjects[0], now_tick + 300);
	assert_int_equal(wheel_idle_us(&wheel, us(now_tick + 1), 200000), 0);
}

static void fire_at_random(struct wheel_timer *timer, void *arg)
{
	struct prng *random = arg;

	count_fire(timer, NULL);
	if (prng_below(random, 4) == 0)
		arm((struct subject *)timer, wheel.now + 1 + prng_below(random, 400));
	if (prng_below(random, 4) == 0) { // any other
		struct subject *s = &subjects[prng_below(random, TIMERS)];

		wheel_disarm(&wheel, &s->timer);
		s->armed = false;
	}
}

// Against the plainest model there is: every armed timer whose tick has come has fired at that
// tick.
static void random_use_agrees_with_a_model(void **state)
{
	struct prng random = {0x5eed1};
	uint64_t tick = 0xffff0000u; // wraps on the way

	wheel_init(&wheel, us(tick));
	for (int round = 0; round < 20000; round++) {
		struct subject *s = &subjects[prng_below(&random, TIMERS)];
		uint32_t armed = 0;

		switch (prng_below(&random, 4)) {
		case 0:
			arm(s, (uint32_t)tick + 1 +
				       prng_below(&random, 1u << prng_below(&random, 20)));
			break;
		case 1:
			wheel_disarm(&wheel, &s->timer);
			s->armed = false;
			break;
		default:
			tick += prng_below(&random, 1u << prng_below(&random, 10));
			wheel_sweep(&wheel, us(tick), UINT32_MAX, fire_at_random, &random);
		}
		for (int i = 0; i < TIMERS; i++) {
			armed += subjects[i].armed;
			assert_int_equal(subjects[i].armed, subjects[i].timer.pprev != NULL);
			if (subjects[i].armed && (int32_t)(subjects[i].due - (uint32_t)tick) <= 0)
				fail_msg("timer %d is overdue in round %d", i, round);
		}
		assert_int_equal(wheel.armed, armed);
	}
	assert_int_equal(late, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_timer_fires_at_its_tick_and_not_before, set_up),
		cmocka_unit_test(a_tick_is_rounded_up),
		cmocka_unit_test_setup(a_deadline_that_has_passed_fires_with_the_next_tick, set_up),
		cmocka_unit_test_setup(a_disarmed_timer_does_not_fire_and_disarming_twice_is_fine,
				       set_up),
		cmocka_unit_test_setup(arming_again_moves_the_deadline_both_ways, set_up),
		cmocka_unit_test_setup(deadlines_at_the_edges_of_every_level_are_exact, set_up),
		cmocka_unit_test_setup(a_deadline_at_the_horizon_is_kept, set_up),
		cmocka_unit_test_setup(ticks_wrap_at_32_bits, set_up),
		cmocka_unit_test_setup(no_more_than_max_fire_in_one_sweep_and_none_is_lost, set_up),
		cmocka_unit_test_setup(what_is_due_but_not_fired_can_be_disarmed_and_armed_again,
				       set_up),
		cmocka_unit_test_setup(a_callback_may_arm_itself_and_disarm_others_that_are_due,
				       set_up),
		cmocka_unit_test_setup(an_idle_wheel_skips_ahead, set_up),
		cmocka_unit_test_setup(sleep_ends_no_later_than_the_first_deadline, set_up),
		cmocka_unit_test_setup(a_wheel_that_is_behind_does_not_sleep, set_up),
		cmocka_unit_test_setup(random_use_agrees_with_a_model, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
