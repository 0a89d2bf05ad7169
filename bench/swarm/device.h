// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One simulated LwM2M device: its registration and its answers, as a state machine without I/O and
// without a clock. At any time it has at most one request under way and wants to be called at
// deadline_us.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/histogram.h"
#include "bench/swarm/options.h"
#include "lwm2m/coap/exchange.h"
#include "lwm2m/coap/msg.h"

#define DEVICE_DATAGRAM_MAX 1152 // RFC 7252 section 4.6
#define DEVICE_NEVER        UINT64_MAX

// One line yields the field and its name in the JSON result.
#define SWARM_COUNTERS(X)                                                            \
	X(registers, "Registers answered 2.01")                                      \
	X(updates, "Updates answered 2.04")                                          \
	X(deregisters, "De-registers answered 2.02")                                 \
	X(reads, "requests of the gateway that were answered, whatever the code")    \
	X(retransmissions, "repeated requests")                                      \
	X(unavailable, "5.03 received; tried again after Max-Age")                   \
	X(reregistrations, "Updates answered 4.04; registered again")                \
	X(strays, "messages that match nothing, such as a second copy of an answer") \
	X(wrong, "answers that are not what the request deserves")                   \
	X(missing, "requests without an answer after all retransmissions")           \
	X(send_errors, "datagrams the kernel did not take, or nobody listens")

struct swarm_counters {
#define X(name, help) uint64_t name;
	SWARM_COUNTERS(X)
#undef X
};

enum device_state {
	DEVICE_IDLE, // registers at deadline_us
	DEVICE_REGISTERING,
	DEVICE_REGISTERED, // sends an Update at deadline_us
	DEVICE_UPDATING,
	DEVICE_LEAVING,
	DEVICE_GONE,
};

struct device {
	uint64_t deadline_us;
	uint64_t sent_us; // first transmission of the request under way
	struct coap_exchange exchange;
	uint32_t index;
	uint32_t next, prev; // fleet: neighbours in its timer slot
	uint32_t slot;       // fleet: of the timer
	uint32_t reads;      // answered so far; the temperature follows it
	uint16_t mid;        // of the request under way
	uint16_t asked_mid;  // of the gateway's last request: a repeated one gets the same answer
	uint8_t state;       // enum device_state
	bool asked;          // asked_mid is valid
	bool leaving;        // De-register as soon as nothing is under way
	uint8_t location_len;
	char location[23]; // Location-Path segments, each followed by a zero byte
};

// What devices share. next_mid belongs to the socket the device sends from.
struct device_env {
	const struct options *opt;
	struct swarm_counters *counters;
	struct histogram *latency;
	uint16_t *next_mid;
	uint32_t random; // a fresh one for every call
	uint64_t now_us;
	uint8_t *out; // DEVICE_DATAGRAM_MAX bytes
};

void device_init(struct device *dev, uint32_t index, uint64_t first_us);
void device_endpoint(const struct device *dev, const struct options *opt, char name[static 128]);

// Call at deadline_us. Returns the bytes to send, 0 for none.
size_t device_on_time(struct device *dev, struct device_env *env);
// A message for this device. Returns the bytes to send, 0 for none.
size_t device_on_message(struct device *dev, struct device_env *env, const struct coap_msg *msg);
// The device is to end its registration, once the answer it waits for is there. Returns the bytes
// to send, 0 for none.
size_t device_leave(struct device *dev, struct device_env *env);

static inline bool device_has_registration(const struct device *dev)
{
	return dev->state >= DEVICE_REGISTERED && dev->state <= DEVICE_LEAVING;
}
