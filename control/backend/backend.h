// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Back ends: HTTP services that hear of every event, each at its own pace. Events are posted in
// batches in the order of their commit, one request under way per back end; a batch that is not
// accepted (2xx) is posted again, the same bytes, until it is. How far a back end is survives
// control. Loop thread only.
#pragma once

#include "control/ctl.h"

// The outbox must have been configured with the same back ends, in the same order. 0 or -errno.
int ctl_backends_start(struct ctl *ctl, struct ctl_backends **backends);
// A batch under way is broken off; it is posted again after the next start.
void ctl_backends_stop(struct ctl_backends *backends);

// Something was committed.
void ctl_backends_wake(struct ctl_backends *backends);
