// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// All devices of a run and what is under way between them and the gateway. One thread, which calls
// swarm_poll as often as it can; time is an argument, in TSC cycles.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bench/swarm/histogram.h"
#include "bench/swarm/load/device.h"
#include "bench/swarm/load/live.h"
#include "bench/swarm/load/order.h"
#include "bench/swarm/load/port.h"
#include "bench/swarm/load/request.h"
#include "bench/swarm/load/scenario.h"
#include "bench/swarm/load/watch.h"
#include "bench/swarm/load/window.h"

// One line yields the field and its name in the JSON result.
#define SWARM_COUNTERS(X)                                                              \
	X(requests, "requests, each counted once")                                     \
	X(exchanges, "requests with the right answer")                                 \
	X(duplicates, "requests sent again after their answer, and answered the same") \
	X(retransmissions, "requests sent again for want of an answer")                \
	X(unavailable, "5.03 or 4.29 received; asked again after Max-Age")             \
	X(separate, "answers that came after an empty acknowledgement")                \
	X(observed, "Observe requests of the gateway, answered 2.05")                  \
	X(read, "reads of the gateway, answered 2.05")                                 \
	X(asked, "other requests of the gateway, answered 4.xx")                       \
	X(lost, "live: requests given up, whether taken or not")                       \
	X(skipped, "devices passed over: a request under way, or not registered")      \
	X(strays, "messages that match nothing, such as a second copy of an answer")   \
	X(wrong, "answers that are not what the request deserves")                     \
	X(missing, "requests without an answer after all retransmissions")

struct swarm_counters {
#define X(name, help) uint64_t name;
	SWARM_COUNTERS(X)
#undef X
};

struct swarm {
	const struct scenario *sc;
	struct port *port;
	// What is remembered of devices lies in the order in which they take their turns, which is
	// random by their numbers: however many there are, the next ones are at hand here, and
	// whatever the gateway remembers of them is not.
	struct device *devices;
	struct watch *watches; // of the devices; NULL when the scenario wants none observed
	uint32_t watched;      // devices that are observed
	uint32_t registered;   // devices, when the phase began
	struct live *live;     // NULL when the scenario has no live phase
	struct request_templates templates;
	struct window window;
	struct order order; // devices by their places
	// The places once more, for requests that make the gateway remember: it has devices in the
	// order of those.
	struct order first_time;
	uint32_t turn; // 0 to the number of devices - 1
	uint64_t tsc_hz;
	uint64_t ns_per_tsc; // in units of 2^-20
	uint64_t random;
	bool bounce; // whatever comes back with the token of a request is its answer

	// The phase.
	const struct phase *phase;
	enum request_kind kind;
	uint64_t now_tsc;
	uint64_t started_tsc;
	uint64_t end_tsc;       // no first request after that
	uint64_t total;         // first requests in all
	uint64_t drawn;         // so far, with those skipped
	uint32_t limit;         // of requests under way
	uint64_t progress_tsc;  // when the last exchange ended well
	bool stopped;           // ended early: nobody waits for Max-Age any more
	double tsc_per_request; // open loop; 0 in a closed one
	uint64_t sweep_tsc;     // when the next slots are looked at
	uint32_t sweep_at;
	struct swarm_counters counters;
	struct histogram latency; // ns
	const char *first_wrong;  // why, NULL when nothing was
	uint32_t first_wrong_device;

	struct rte_mbuf *out[PORT_BACKLOG];
	uint16_t out_n;
	uint16_t room;
};

// The port is not taken over. NULL without memory.
struct swarm *swarm_new(const struct scenario *sc, struct port *port, uint64_t tsc_hz);
void swarm_free(struct swarm *swarm);

void swarm_begin(struct swarm *swarm, const struct phase *phase, uint64_t now_tsc);
// Receives, retransmits and sends what is due. Returns how many messages that were.
unsigned swarm_poll(struct swarm *swarm, uint64_t now_tsc);
// No more first requests in this phase.
bool swarm_has_sent(const struct swarm *swarm);
// ... and nothing under way.
bool swarm_is_done(const struct swarm *swarm);
void swarm_stop(struct swarm *swarm);
