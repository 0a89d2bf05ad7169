// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/metrics.h"

struct ctl_counters ctl_counters;
