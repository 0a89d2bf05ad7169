// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// "sluice-swarm run": plays a scenario.
#pragma once

// The process's exit status.
int load_run(int argc, char **argv);
