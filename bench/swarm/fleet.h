// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// All devices of a run: who is called when, which socket is whose, and when the run is over.
// One thread.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bench/swarm/device/device.h"
#include "bench/swarm/options.h"
#include "bench/swarm/udp.h"

#define FLEET_TICK_US 5000u  // how late a device may be called
#define FLEET_SLOTS   16384u // of the timer wheel: 82 s; later deadlines go round again

typedef uint64_t (*fleet_clock_t)(void);

enum fleet_phase {
	FLEET_RUNNING,
	FLEET_LEAVING, // --deregister
	FLEET_DONE,
};

struct fleet {
	const struct options *opt;
	struct device_config config; // of every device
	struct udp *udp;
	struct device *devices;
	uint16_t *next_mids; // per socket
	uint32_t *slots;     // first device of each timer slot
	uint64_t tick;       // all slots before this one are worked off
	uint64_t started_us;
	uint64_t complete_us; // when the last device was registered for the first time, 0 before
	uint64_t leaving_us;
	uint64_t now_us;
	int64_t wall_s; // what to add to seconds of now_us to get those since 1970
	fleet_clock_t clock_us;
	uint64_t random;
	uint32_t socket; // of the device that is being called
	uint32_t registered;
	uint32_t told; // devices told to leave so far
	uint32_t gone; // devices that have left
	enum fleet_phase phase;
	bool interrupted;
	bool late; // --timeout struck
	struct swarm_counters counters;
	struct histogram latency;
};

struct fleet *fleet_new(const struct options *opt, fleet_clock_t clock_us);
void fleet_free(struct fleet *fleet);
// Receives and sends what there is, for at most a tick.
void fleet_run(struct fleet *fleet);
// A signal: end the phase that is under way.
void fleet_interrupt(struct fleet *fleet);
bool fleet_succeeded(const struct fleet *fleet);
