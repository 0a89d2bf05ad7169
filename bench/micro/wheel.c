// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The timer wheel with a lifetime for each of n devices, the timers as far apart in memory as
// sessions are.
#include <stdalign.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "bench/micro/random.h"
#include "dataplane/state/region.h"
#include "dataplane/state/session.h"
#include "dataplane/state/wheel.h"

#define BURST        64u
#define TICKS_LEAST  18311u  // 300 s
#define TICKS_SPREAD 200000u // up to an hour more

struct device {
	alignas(sizeof(struct dp_session_rest)) struct wheel_timer timer;
};

struct fleet {
	struct wheel wheel;
	struct device *devices;
	uint64_t count;
	uint64_t now_us;
	struct random random;
};

static uint32_t lifetime(struct fleet *fleet)
{
	return TICKS_LEAST + (uint32_t)random_below(&fleet->random, TICKS_SPREAD);
}

// Kept for the next run with the same number. NULL after bench_skip.
static struct fleet *fleet_of(struct bench_state *state)
{
	static struct fleet fleet;
	uint64_t count = (uint64_t)bench_arg(state, 0);

	if (fleet.count == count)
		return &fleet;
	if (!machine_has_memory(state, count * sizeof(struct device)))
		return NULL;
	dp_region_free(fleet.devices, fleet.count * sizeof(struct device));
	fleet = (struct fleet){.devices = dp_region_alloc(count * sizeof(struct device)),
			       .count = count};
	if (!fleet.devices) {
		fleet.count = 0;
		bench_skip(state, "no memory");
		return NULL;
	}
	wheel_init(&fleet.wheel, 0);
	for (uint64_t i = 0; i < count; i++)
		wheel_arm(&fleet.wheel, &fleet.devices[i].timer, lifetime(&fleet));
	return &fleet;
}

// A lifetime that is armed anew: what a Register does.
BENCH(wheel_arm, .arg_names = {"timers"}, .range_multiplier = 10)
{
	struct fleet *fleet = fleet_of(state);

	if (!fleet)
		return;
	bench_loop (state) {
		uint64_t i = random_below(&fleet->random, fleet->count);

		wheel_arm(&fleet->wheel, &fleet->devices[i].timer,
			  fleet->wheel.now + lifetime(fleet));
	}
	bench_items(state, bench_iterations(state));
}
BENCH_RANGE(wheel_arm, 10000, 10000000);

static void fire(struct wheel_timer *timer, void *arg)
{
	struct fleet *fleet = arg;

	wheel_arm(&fleet->wheel, timer, fleet->wheel.now + lifetime(fleet));
}

// Time goes on: each timer that fires is armed again. The ticks between and the cascades are in the
// price.
BENCH(wheel_fire, .arg_names = {"timers"}, .range_multiplier = 10)
{
	struct fleet *fleet = fleet_of(state);

	if (!fleet)
		return;
	while (bench_next_batch(state, BURST)) {
		uint32_t fired = 0;

		while (fired < BURST) {
			uint32_t n = wheel_sweep(&fleet->wheel, fleet->now_us, BURST - fired, fire,
						 fleet);

			if (n == 0)
				fleet->now_us += 1u << WHEEL_TICK_SHIFT;
			fired += n;
		}
	}
	bench_items(state, bench_iterations(state));
}
BENCH_RANGE(wheel_fire, 10000, 10000000);
