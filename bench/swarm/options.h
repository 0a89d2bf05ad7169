// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the command line asks of the fleet. Filled once, read by everybody.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *server;          // host:port or [v6]:port, numeric
	const char *bind;            // numeric source address, NULL for the kernel's choice
	const char *endpoint_prefix; // device n is called PREFIX-n, n in at least four digits
	const char *list_path; // where to write endpoint and location of every registered device
	uint32_t count;
	uint32_t lifetime_s;
	uint32_t interval_s; // between Updates
	uint32_t rate;       // first Registers (and De-registers) per second
	uint32_t duration_s; // after the last device registered; UINT32_MAX: until a signal
	uint32_t timeout_s;  // for all of it; a fleet that is not done by then has failed
	uint32_t seed;
	bool deregister;
	bool strict; // 4.04 to an Update is a wrong answer, not a reason to register again
	bool json;
	bool quiet;
};

// 0: go on. 1: --help was printed. 2: the command line is wrong, which was said on standard error.
int options_parse(struct options *opt, int argc, char **argv);
