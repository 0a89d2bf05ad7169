// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Our addresses on an Ethernet port: those configured, and with any IPv6 address among them the
// link-local one that follows from the MAC address, since neighbours may ask from theirs. Main
// thread, before start.
#pragma once

#include "dataplane/pktio/pktio.h"

// port->mac must be set. 0 or -errno with the offending address in why.
int ethdev_locals_init(struct pktio_port *port, const struct config_port *cfg,
		       char why[static 160]);
