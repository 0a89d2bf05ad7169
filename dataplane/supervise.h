// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice-dataplane --supervise: a process that opens the kernel sockets, has another one do the
// work with them, and starts that again when it dies. The sockets outlive it, so that what devices
// send meanwhile waits instead of being answered with an ICMP error. It speaks systemd's socket
// activation (pktio/inherited.h) to its child, and is not needed where systemd itself does this.
#pragma once

#include <stdint.h>

#include "dataplane/bridge/config.h"

// What the child is given, numbered from PKTIO_INHERITED_FIRST on.
struct dp_supervised {
	int *fds;
	uint32_t fds_count;
	char *const *argv;     // found as a shell would: after an upgrade, the new program
	uint32_t pause_min_ms; // before it is started again; doubles up to pause_max_ms
	uint32_t pause_max_ms;
	uint32_t healthy_ms; // after a life that long the pause is the shortest again
};

// Opens a socket for every worker on every kernel port, then does dp_supervise_child with argv,
// which is this program's own command line without --supervise. Returns the exit status; 2 when a
// port cannot be opened.
int dp_supervise(const struct config *cfg, char *const *argv);

// Starts the child until it ends with 0 or 2 (a wrong configuration), or SIGINT or SIGTERM, which
// are passed on to it, has ended it. Returns the exit status: its own, 1 when a signal killed it.
int dp_supervise_child(const struct dp_supervised *supervised);

// The pause before the next start, given the one before (0: none yet) and how long the child lived.
uint32_t dp_supervise_pause(const struct dp_supervised *supervised, uint32_t last_ms,
			    uint64_t lived_ms);
