// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Links of a device as a table: [{"url","attributes":{}}].
#pragma once

#include "control/cli/answer.h"

void cli_links_print(struct cli *cli, const json_t *links);
