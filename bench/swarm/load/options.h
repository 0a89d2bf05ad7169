// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The command line of "sluice-swarm run".
#pragma once

#include <stdbool.h>

#include "bench/swarm/load/port.h"
#include "bench/swarm/load/scenario.h"

struct load_options {
	struct port_options port; // .device is NULL for kernel sockets
	struct scenario scenario;
	const char *json_path;    // "-" is standard output
	const char *journal_path; // NULL: none
	const char *pcap_path;    // write packets there and send none
	bool live;                // ... but register with the gateway first
	int lcore;                // -1: any processor
	unsigned nap_us;          // 0: never, but for a living fleet
	bool bounce;
	bool quiet;
};

// 0: go on. 1: --help was printed. 2: the command line or the scenario is wrong, which was said on
// standard error.
int load_options_parse(struct load_options *opt, int argc, char **argv);
