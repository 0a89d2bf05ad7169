// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The locations of all devices together.
#pragma once

#include "bench/swarm/load/swarm.h"

// What bounced requests and files of packets need: locations that no gateway gave, nine characters
// behind /rd.
void locations_invent(struct swarm *swarm);
// How many devices have a location that another one has too: a gateway that gives it to two of them
// has mixed them up. -ENOMEM when there is no memory to find out.
int64_t locations_shared(const struct swarm *swarm);
