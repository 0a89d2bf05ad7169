// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1u << 20) // what the gateway takes as a body

// All of a file, with a zero byte behind it; "-" is standard input. NULL, explained.
static char *file_read(struct cli *cli, const char *name, size_t *len)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rbe");
	char *text = malloc(FILE_MAX + 1);

	if (!text)
		abort();
	*len = file ? fread(text, 1, FILE_MAX + 1, file) : 0;
	if (!file || ferror(file))
		cli_fail(cli, CLI_USAGE, "%s: %s", name, strerror(errno));
	else if (*len > FILE_MAX)
		cli_fail(cli, CLI_USAGE, "%s: larger than %u bytes", name, FILE_MAX);
	if (!file || ferror(file) || *len > FILE_MAX) {
		free(text);
		text = NULL;
	} else {
		text[*len] = '\0';
	}
	if (file && file != stdin)
		fclose(file);
	return text;
}

char *cli_argument_read(struct cli *cli, const char *text, size_t *len, bool *from_file)
{
	char *copy;

	*from_file = text[0] == '@';
	if (*from_file)
		return file_read(cli, text + 1, len);
	copy = strdup(text);
	if (!copy)
		abort();
	*len = strlen(copy);
	return copy;
}

char *cli_hex(const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc(2 * len + 1);

	if (!hex)
		abort();
	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[(unsigned char)bytes[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)bytes[i] & 15];
	}
	hex[2 * len] = '\0';
	return hex;
}
