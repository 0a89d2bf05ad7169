// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the test device is told on standard input.
#pragma once

#include <stdbool.h>

#include "bench/swarm/device/device.h"

struct command_target {
	struct device *dev;
	struct device_env *env;
	void (*move)(void *arg); // to a new local port
	// Of the DTLS association; false: it could not be.
	bool (*secure)(void *arg, const char *what);
	void *arg;
};

// Does one line. False for "quit". What cannot be done is said as "error WHY".
bool command_run(const struct command_target *target, char *line);
