// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A port that writes what devices send into a file, for other packet generators to replay, and
// gives every message back as its own answer (so the fleet must take it for a bounce).
#pragma once

#include "bench/swarm/load/port.h"

// NULL after saying on standard error what is wrong.
struct port *pcap_open(const char *path, const struct port_options *opt, const struct scenario *sc,
		       struct rte_mempool *pool);
// The time of the packets to come, in packets per second.
void pcap_set_rate(struct port *port, uint32_t rate);
// Closes the file; false when not all of it could be written.
bool pcap_finish(struct port *port);
