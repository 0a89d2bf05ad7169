// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the gateway answers: as JSON for programs (--json), in words for people.
#pragma once

#include "control/cli/http.h"

// CLI_OK with the answer's JSON in *json (to be freed; NULL when it has no body), or what it failed
// with, explained. With --json the body has been printed.
int cli_call(struct cli *cli, const struct cli_request *request, json_t **json);
// The same for an operation on a device: CLI_REFUSED, explained, when the device refused. What was
// queued for a sleeping device is explained, and CLI_OK with *json NULL.
int cli_operate(struct cli *cli, const struct cli_request *request, json_t **json);

// A member of an object that is a string; "" when it is none.
const char *cli_text_of(const json_t *json, const char *key);

// The nodes of a Read: a single value as it is, others as a table of paths. path: what was read.
void cli_nodes_print(struct cli *cli, const char *path, const json_t *node);
// "2026-11-22 23:52:34" of milliseconds since 1970, local time.
#define CLI_TIME_MAX 32
void cli_time_text(json_int_t ms, char text[static CLI_TIME_MAX]);
