// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The command line of the test device.
#pragma once

#include "bench/swarm/device/config.h"
#include "tests/device/secure.h"

struct device_options {
	const char *server; // HOST:PORT or [HOST]:PORT, numeric
	const char *bind;   // numeric source address, NULL for the kernel's choice
	struct device_config config;
	struct secure_params secure;
	bool stop_updates;
	bool idle; // registers only when told to
};

// 0: go on. 1: --help was printed. 2: the command line is wrong, which was said.
int device_options_parse(struct device_options *opt, int argc, char **argv);
