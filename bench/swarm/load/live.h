// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Devices that live: each turn of one is a notification, a Send, an Update of its lifetime, or one
// half of leaving and coming back. Every message bears the next number of its device, as its value
// or as what its lifetime is above the fleet's, and what became of it is a line in a journal:
// enough to tell later whether the other end of the gateway heard all that was acknowledged, once
// and in order. One thread, that of the fleet.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/swarm/load/device.h"
#include "bench/swarm/load/request.h"
#include "bench/swarm/load/scenario.h"
#include "bench/swarm/load/watch.h"
#include "bench/swarm/load/window.h"

// What became of a message. Only the first is a promise of the gateway.
#define LIVE_OUTCOMES(X)                                                                     \
	X(LIVE_ACKNOWLEDGED, "ack", "answered as it deserves")                               \
	X(LIVE_REFUSED, "refused",                                                           \
	  "5.03, or RST under the token of an observation that was "                         \
	  "replaced meanwhile")                                                              \
	X(LIVE_LOST, "lost", "no answer after all retransmissions: taken or not, who knows") \
	X(LIVE_WRONG, "wrong", "any other answer")

enum live_outcome {
#define X(outcome, word, help) outcome,
	LIVE_OUTCOMES(X)
#undef X
};

// A device has one message under way. It is kept as it was sent: a retransmission is the same
// bytes, whatever became of observation and location meanwhile.
struct live_device {
	uint32_t number; // of the last message
	uint16_t len;
	uint8_t bytes[REQUEST_MAX];
};

struct live {
	const struct scenario *sc;
	FILE *journal; // NULL: none is kept; not owned
	struct live_device devices[];
};

// NULL without memory.
struct live *live_new(const struct scenario *sc);
void live_free(struct live *live);

// What a device does in its turn. leave: devices of a million that leave; draw is random.
enum request_kind live_turn(const struct device *dev, const struct watch *watch, uint32_t leave,
			    uint32_t draw);
// Makes the message of a slot that was just taken and keeps it.
void live_begin(struct live *live, const struct slot *slot, const struct request_templates *t,
		const struct device *dev, const struct watch *watch);
// At most REQUEST_MAX bytes. Returns how many.
size_t live_write(const struct live *live, const struct slot *slot, uint8_t *out);
// An RST to the notification means no more than that another observation has taken its place.
bool live_is_stale(const struct live *live, const struct slot *slot, const struct watch *watch);
// Call before anything is forgotten. why: of LIVE_WRONG, else NULL.
void live_end(struct live *live, const struct slot *slot, const struct device *dev,
	      enum live_outcome outcome, double took_ms, const char *why);
