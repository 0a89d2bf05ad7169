// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Aligned columns. Ends the program when memory is out.
#pragma once

#include <stdio.h>

#define CLI_COLUMNS_MAX 8

struct cli_table {
	int columns;
	int widths[CLI_COLUMNS_MAX]; // in characters; kept from one print to the next
	char **cells;
	size_t count, cap;
};

// The first row is a heading. The text is copied; control characters in it are shown as '?', so
// that what a device says cannot play with the terminal.
void cli_table_row(struct cli_table *table, const char *const *cells);
void cli_table_print(struct cli_table *table, FILE *out); // and forgets the rows
void cli_table_free(struct cli_table *table);
// What cli_table_row does to a cell, for output of its own.
void cli_text_print(FILE *out, const char *text);
