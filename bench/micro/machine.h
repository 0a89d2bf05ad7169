// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Whether this machine can run a benchmark; each skips it with the reason if not.
#pragma once

#include "bench/libbench/bench.h"

// That many bytes are available, and some to spare.
bool machine_has_memory(struct bench_state *state, uint64_t bytes);
// Two threads can really run at a time.
bool machine_has_two_processors(struct bench_state *state);
