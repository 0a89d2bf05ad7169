// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Starting DPDK's environment from the configuration alone: huge pages where there are any, PCI
// only when a port wants it, one lcore per worker beside the main one.
#pragma once

#include "dataplane/bridge/config.h"

// Worker i runs on lcore i + 1. 0 or -errno with the reason in why.
int dp_eal_start(const struct config *cfg, char why[static 160]);
