// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What came of the phases: for people as text, for programs as JSON.
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "bench/swarm/load/dtls/port_dtls.h"
#include "bench/swarm/load/options.h"
#include "bench/swarm/load/swarm.h"

struct result_phase {
	const struct phase *phase;
	struct swarm_counters counters;
	struct histogram latency;
	double seconds;          // until the last answer
	double sending_seconds;  // until the last first request
	uint64_t sent_exchanges; // of counters.exchanges, while sending
	uint64_t busy_tsc;       // spent in calls that found something to do
	uint64_t busy_polls;     // number of those calls
	int64_t shared_locations;
	struct port_dtls_counters dtls;
	const char *first_wrong;
	uint32_t first_wrong_device;
};

struct result {
	const struct load_options *opt;
	const struct port *port;
	double tsc_hz;
	bool interrupted;
	uint32_t count;
	struct result_phase phases[SCENARIO_PHASES_MAX];
};

bool result_phase_ok(const struct result_phase *phase);
bool result_ok(const struct result *result);
// Exchanges per second: while requests were being sent, or over all of a pass through the fleet.
double result_rate(const struct result_phase *phase);
void result_progress(const struct swarm *swarm, const struct swarm_counters *last, double span,
		     double since, FILE *out);
void result_phase_text(const struct result *result, const struct result_phase *phase, FILE *out);
void result_json(const struct result *result, FILE *out);
