// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-bench-micro: the parts of the packet path one by one. Flags and output are Google
// Benchmark's.
#include <stdio.h>

#include <rte_version.h>

#include "bench/libbench/bench.h"
#include "bench/micro/git_commit.h"

int main(int argc, char **argv)
{
	bench_context_add("git_commit", git_commit);
	bench_context_add("dpdk", rte_version());
	bench_context_add("compiler", __VERSION__);
#ifndef WITH_LIBCOAP
	bench_context_add("libcoap", "absent");
	fprintf(stderr, "built without libcoap (Debian: libcoap3-dev): its rows are left out\n");
#endif
	return bench_main(argc, argv);
}
