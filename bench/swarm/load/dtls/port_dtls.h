// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A port around another one: what devices say goes out in DTLS records, what the gateway says is
// taken out of them. A device that has no session shakes hands when it has something to say, which
// waits for that; when it says it again, so does its flight. Sessions are the gateway's own
// (dataplane/dtls/), 192 bytes for each device.
//
// An alert ends a session as it would a device's, in the clear as well: the next message shakes
// hands again.
#pragma once

#include "bench/swarm/load/port.h"
#include "bench/swarm/load/scenario.h"

#define PORT_DTLS_COUNTERS(X)                                                                  \
	X(handshakes, "DTLS handshakes that came to their end")                                \
	X(handshakes_failed, "DTLS handshakes given up: an alert, or an answer that is wrong") \
	X(flights_again, "flights of handshakes that were sent again")                         \
	X(alerts, "alerts of the gateway")                                                     \
	X(records_dropped, "records that a device would not have taken")

struct port_dtls_counters {
#define X(name, help) uint64_t name;
	PORT_DTLS_COUNTERS(X)
#undef X
};

// Takes under over. NULL after saying on standard error what is wrong.
struct port *port_dtls_open(struct port *under, const struct scenario *sc);
// Of a port that port_dtls_open gave.
void port_dtls_count(const struct port *port, struct port_dtls_counters *counters);
// A device forgets its session, without a word. One that shakes hands goes on with that.
void port_dtls_forget(struct port *port, uint32_t device);
