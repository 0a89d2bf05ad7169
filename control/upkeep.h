// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What may reach the disk late: when devices were last seen, how far back ends are, the deletion of
// events all of them have accepted. A timer writes it in bounded steps. Loop thread only.
#pragma once

#include "control/ctl.h"
#include "control/registry.h"

struct ctl_upkeep;

int ctl_upkeep_start(struct ctl *ctl, struct ctl_upkeep **upkeep);
// Writes all that is due or not, and ends.
void ctl_upkeep_stop(struct ctl_upkeep *upkeep);

// The registration's seen_ms changed in memory, or its peer if moved. A new peer is on disk some
// ten seconds later, and so is when a device in queue mode was heard, which says how long it is
// awake; of others that follows once it is an eighth of the lifetime off. Nothing expires for that:
// after a restart every registration has its whole lifetime once more.
void ctl_upkeep_touched(struct ctl_upkeep *upkeep, struct ctl_reg *reg, bool moved);
