// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/target.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lwm2m/core/path.h"

static void append(struct cli_target *target, const char *text, size_t len)
{
	char *grown = realloc(target->text, target->len + len + 1);

	if (!grown)
		abort();
	memcpy(grown + target->len, text, len);
	target->text = grown;
	target->len += len;
	grown[target->len] = '\0';
}

void cli_target_add(struct cli_target *target, const char *text)
{
	append(target, text, strlen(text));
}

// RFC 3986 section 2.3: what need not be encoded anywhere.
static void encoded(struct cli_target *target, const char *text)
{
	char hex[4];

	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text)) {
			append(target, text, 1);
			continue;
		}
		snprintf(hex, sizeof(hex), "%%%02X", (unsigned char)*text);
		append(target, hex, 3);
	}
}

void cli_target_segment(struct cli_target *target, const char *text)
{
	append(target, "/", 1);
	encoded(target, text);
}

void cli_target_param(struct cli_target *target, const char *name, const char *value)
{
	append(target, target->query ? "&" : "?", 1);
	target->query = true;
	encoded(target, name);
	if (!value)
		return;
	append(target, "=", 1);
	encoded(target, value);
}

void cli_target_free(struct cli_target *target)
{
	free(target->text);
	*target = (struct cli_target){0};
}

static bool path_parse(struct lwm2m_path *path, const char *text)
{
	char *slashed = NULL;
	bool ok;

	if (asprintf(&slashed, "%s%s", text[0] == '/' ? "" : "/", text) < 0)
		abort();
	ok = lwm2m_path_parse(path, slashed, strlen(slashed));
	free(slashed);
	return ok;
}

int cli_target_device(struct cli *cli, struct cli_target *target, int depth_min, int depth_max)
{
	static const char *const shapes[] = {"/", "/3", "/3/0", "/3/0/9", "/3/0/7/1"};
	char text[LWM2M_PATH_TEXT_MAX];
	struct lwm2m_path path;

	if (cli->args[0][0] == '\0')
		return cli_fail(cli, CLI_USAGE, "the endpoint's name is empty");
	cli_target_add(target, "/api/clients");
	cli_target_segment(target, cli->args[0]);
	if (cli->args_count < 2)
		return CLI_OK;
	if (!path_parse(&path, cli->args[1]))
		return cli_fail(cli, CLI_USAGE, "%s is not a path like %s", cli->args[1],
				shapes[depth_min > 3 ? depth_min : 3]);
	if (path.depth < depth_min || path.depth > depth_max)
		return cli_fail(cli, CLI_USAGE, "%s: %s takes a path like %s", cli->args[1],
				cli->command->name, shapes[depth_min]);
	lwm2m_path_format(&path, text);
	if (path.depth > 0)
		cli_target_add(target, text);
	return CLI_OK;
}

void cli_target_options(const struct cli *cli, struct cli_target *target)
{
	char text[16];

	if (cli->timeout_s) {
		snprintf(text, sizeof(text), "%u", cli->timeout_s);
		cli_target_param(target, "timeout", text);
	}
	if (cli->format)
		cli_target_param(target, "format", cli->format);
}
