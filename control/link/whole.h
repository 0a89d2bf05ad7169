// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Notifications of which only the first block came (RFC 7959 section 3.4). They are acknowledged as
// they are, with a mark on their observation that goes to disk in the same change set; then the
// rest is fetched, and the whole is told as one event, in whose change set the mark goes. A newer
// notification of the same paths takes the place of one that is still being fetched.
#pragma once

#include "control/link/notify.h"

// Within a round; 0 or -ENOMEM as of control/link/group.h.
//
// Marks it, and has the rest fetched. The device hears of the mark once that is on disk.
int link_whole_begin(struct link_notification *n, enum ctl_observation_partial partial);
// This one is told at once.
void link_whole_supersede(struct link_notification *n);
// The device leaves, and what was not fetched yet is told as it is.
int link_wholes_gone(struct ctl_link *link, struct ctl_reg *reg);
// Tells what was fetched.
int link_wholes_tell(struct ctl_link *link);

// At the end of a round, and when one was told.
void link_wholes_start(struct ctl_link *link);
// The dataplane is back, or was never there: what is left is fetched from its beginning.
void link_wholes_resume(struct ctl_link *link);
// A device in queue mode can be reached again.
void link_wholes_awake(struct ctl_link *link, const struct ctl_reg *reg);
// The end: what is not told yet is still marked on disk.
void link_wholes_clear(struct ctl_link *link);
