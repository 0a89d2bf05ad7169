// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// The bytes of UTF-8 sequences are above 0x7f; U+0080 to U+009f (0xc2 0x80..0x9f) are controls,
// too.
static bool is_control(const char *at)
{
	unsigned char c = (unsigned char)at[0], next = c ? (unsigned char)at[1] : 0;

	return c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0);
}

static char *cleaned(const char *text)
{
	char *copy = strdup(text ? text : ""), *to = copy;

	if (!copy)
		abort();
	for (const char *from = copy; *from; from++) {
		if (!is_control(from)) {
			*to++ = *from;
			continue;
		}
		from += (unsigned char)*from == 0xc2;
		*to++ = '?';
	}
	*to = '\0';
	return copy;
}

static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void cli_table_row(struct cli_table *table, const char *const *cells)
{
	if (table->count + (size_t)table->columns > table->cap) {
		table->cap = table->cap ? table->cap * 2 : 64;
		table->cells = realloc(table->cells, table->cap * sizeof(char *));
		if (!table->cells)
			abort();
	}
	for (int i = 0; i < table->columns; i++) {
		char *cell = cleaned(cells[i]);
		int width = width_of(cell);

		if (width > table->widths[i])
			table->widths[i] = width;
		table->cells[table->count++] = cell;
	}
}

void cli_table_print(struct cli_table *table, FILE *out)
{
	for (size_t i = 0; i < table->count; i++) {
		int column = (int)(i % (size_t)table->columns);

		fputs(table->cells[i], out);
		if (column == table->columns - 1)
			fputc('\n', out);
		else
			fprintf(out, "%*s", table->widths[column] - width_of(table->cells[i]) + 2,
				"");
		free(table->cells[i]);
	}
	table->count = 0;
}

void cli_table_free(struct cli_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct cli_table){0};
}

void cli_text_print(FILE *out, const char *text)
{
	char *clean = cleaned(text);

	fputs(clean, out);
	free(clean);
}
