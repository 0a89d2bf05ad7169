// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/micro/machine.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>

// 0 when the kernel does not say.
static uint64_t memory_available(void)
{
	FILE *meminfo = fopen("/proc/meminfo", "re");
	uint64_t kib = 0;
	char line[128];

	while (meminfo && fgets(line, sizeof(line), meminfo))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
			break;
	if (meminfo)
		fclose(meminfo);
	return kib * 1024;
}

bool machine_has_memory(struct bench_state *state, uint64_t bytes)
{
	uint64_t available = memory_available();
	char why[BENCH_TEXT_MAX];

	if (bytes <= available / 10 * 9)
		return true;
	snprintf(why, sizeof(why), "needs %" PRIu64 " MiB of memory, %" PRIu64 " MiB are available",
		 bytes >> 20, available >> 20);
	bench_skip(state, why);
	return false;
}

bool machine_has_two_processors(struct bench_state *state)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) >= 2)
		return true;
	bench_skip(state, "needs two processors");
	return false;
}
