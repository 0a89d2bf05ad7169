// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a run does, read from a small text: one line describes one thing about the fleet, or is one
// phase; phases run in the order of their lines. "#" starts a comment.
//
//     devices 1000000
//     register window=512
//     update   rate=200000 seconds=10 duplicates=1%
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SCENARIO_PHASES_MAX   64
#define SCENARIO_DEVICES_MAX  100000000u
#define SCENARIO_WINDOW_MAX   262144u // requests under way at one time
#define SCENARIO_PSK_MAX      30      // bytes
#define SCENARIO_IDENTITY_MAX 48

// kind, keyword, what every device does in it
#define SCENARIO_PHASES(X)                                                    \
	X(PHASE_REGISTER, "register", "registers")                            \
	X(PHASE_REBOOT, "reboot", "registers again, without leaving")         \
	X(PHASE_UPDATE, "update", "keeps itself alive")                       \
	X(PHASE_MOVE, "move", "sends an Update from another address")         \
	X(PHASE_HANDSHAKE, "handshake", "shakes hands anew, and pings")       \
	X(PHASE_HELLO, "hello", "sends a ClientHello and ignores the answer") \
	X(PHASE_OBSERVE, "observe", "waits to be observed")                   \
	X(PHASE_NOTIFY, "notify", "notifies a new temperature")               \
	X(PHASE_SEND, "send", "sends a new temperature unasked")              \
	X(PHASE_LIVE, "live", "does all of this, and tells a journal")        \
	X(PHASE_DEREGISTER, "deregister", "leaves")                           \
	X(PHASE_PAUSE, "pause", "is silent")

enum phase_kind {
#define X(kind, word, help) kind,
	SCENARIO_PHASES(X)
#undef X
};

struct phase {
	enum phase_kind kind;
	uint32_t window; // at most so many requests under way
	uint32_t rate;   // open loop: requests per second; 0: closed loop
	uint32_t rounds; // passes over the fleet; 0: until milliseconds are over
	uint32_t duration_ms;
	uint32_t period_ms;  // open loop: every device once in so long; 0: see rate
	bool non;            // notifications are Non-confirmable
	bool moved;          // devices have other addresses from its begin on
	uint32_t duplicates; // requests of a million that are sent again after their answer
	uint32_t leave;      // live: turns of a million in which a device leaves
	uint32_t rest_ms;    // live: the longest pause after 5.03; 0: Max-Age
	uint32_t line;       // of the scenario
};

// DTLS 1.2 with a pre-shared key that all devices have.
struct scenario_dtls {
	uint8_t psk[SCENARIO_PSK_MAX];
	uint8_t psk_len; // 0: everything goes in the clear
	bool without_cid;
	uint16_t padding;                     // bytes that the content of a record has at least
	char identity[SCENARIO_IDENTITY_MAX]; // of device n is identity-n; empty: as its endpoint
};

struct scenario {
	uint32_t devices;
	uint32_t lifetime_s;
	uint32_t seed;
	uint32_t timeout_ms;  // ACK_TIMEOUT of RFC 7252 section 4.8
	uint32_t retransmit;  // MAX_RETRANSMIT
	uint32_t address;     // first one of the devices, host byte order
	uint8_t address_bits; // so many low bits of it count devices
	uint16_t first_port;  // of every address
	bool sequential;      // devices in the order of their numbers
	char endpoint[48];    // device n is called endpoint-n
	struct scenario_dtls dtls;
	uint32_t phases_count;
	struct phase phases[SCENARIO_PHASES_MAX];
};

void scenario_init(struct scenario *sc);
// One line; number is its own. 0, or -EINVAL with the reason in why.
int scenario_line(struct scenario *sc, const char *line, uint32_t number, char why[static 128]);
// All lines of a file, named name in why ("name:line: reason").
int scenario_read(struct scenario *sc, FILE *in, const char *name, char why[static 256]);
// What no single line can know: enough ports for the devices, something to do, in a possible order.
// registered: devices are registered from the start.
int scenario_check(const struct scenario *sc, bool registered, char why[static 256]);
// Devices of this scenario are observed.
bool scenario_watches(const struct scenario *sc);
bool scenario_lives(const struct scenario *sc);
// The most requests that are under way in any phase.
uint32_t scenario_window(const struct scenario *sc);
const char *scenario_phase_name(enum phase_kind kind);
// So many source ports the fleet needs on each address.
uint32_t scenario_ports(const struct scenario *sc);
