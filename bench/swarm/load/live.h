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
#define LIVE_OUTCOMES(X)                                                                          \
	X(LIVE_ACKNOWLEDGED, "ack", "answered as it deserves")                                    \
	X(LIVE_REFUSED, "refused", "5.03, or RST to a notification that nobody promised to take") \
	X(LIVE_LOST, "lost", "no answer after all retransmissions: taken or not, who knows")      \
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
	bool heard; // a notification under the token that it is observed with was acknowledged
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
// The gateway observes the device, under a token that may be new.
void live_observed(struct live *live, uint32_t device);
// It is a notification under the token that the device is observed with now.
bool live_is_current(const struct live *live, const struct slot *slot, const struct watch *watch);
// A message of the device was acknowledged.
void live_acknowledged(struct live *live, const struct slot *slot, const struct watch *watch);
// RST to this message is no error: another observation has taken the place of the one that it was
// sent for, or the gateway died between asking to observe and having on disk that the device
// agreed. Once it has acknowledged a notification, it must know the observation for ever.
bool live_may_be_reset(const struct live *live, const struct slot *slot, const struct watch *watch);
// Call before anything is forgotten. why: of LIVE_WRONG, else NULL.
void live_end(struct live *live, const struct slot *slot, const struct device *dev,
	      enum live_outcome outcome, double took_ms, const char *why);
