// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The target of a request: path and query, percent-encoded as they grow. Ends the program when
// memory is out.
#pragma once

#include "control/cli/cli.h"

struct cli_target {
	char *text;
	size_t len;
	bool query; // a parameter has been added
};

void cli_target_add(struct cli_target *target, const char *text);     // as it is
void cli_target_segment(struct cli_target *target, const char *text); // "/" and it, encoded
void cli_target_param(struct cli_target *target, const char *name, const char *value);
void cli_target_free(struct cli_target *target);

// "/api/clients/EP" of the first argument, and the path of the second, if any, which must be
// "/3/0/9" or "3/0/9" with at least depth_min ids. CLI_OK or CLI_USAGE, explained.
int cli_target_device(struct cli *cli, struct cli_target *target, int depth_min, int depth_max);
// timeout and format, if given.
void cli_target_options(const struct cli *cli, struct cli_target *target);
