// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the gateway has many of, as a table, by names only, or as its JSON. Fetched in pages, so
// that a large fleet costs the memory of one.
#pragma once

#include <jansson.h>

#include "control/cli/table.h"

struct cli;

struct cli_listing {
	const char *path;                      // of the resource that lists them
	const char *key;                       // of an entry: what the next page comes after
	const char *headings[CLI_COLUMNS_MAX]; // NULL behind the last
	void (*row)(struct cli_table *table, const json_t *entry);
};

// All of them, within --prefix and --limit. CLI_OK or what it failed with, explained.
int cli_list(struct cli *cli, const struct cli_listing *listing);
