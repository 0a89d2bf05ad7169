// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Devices' credentials: one at a time, or a file of them.
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/cli/answer.h"
#include "control/cli/listing.h"
#include "control/cli/table.h"
#include "control/cli/target.h"

#define CLIENTS "/api/security/clients"

static void credential_row(struct cli_table *table, const json_t *credential)
{
	const json_t *tls = json_object_get(credential, "tls");
	const json_t *details = json_object_get(tls, "details");

	cli_table_row(table,
		      (const char *[]){cli_text_of(credential, "endpoint"),
				       cli_text_of(tls, "mode"), cli_text_of(details, "identity"),
				       cli_text_of(details, "key")});
}

static int list(struct cli *cli)
{
	static const struct cli_listing listing = {
		.path = CLIENTS,
		.key = "endpoint",
		.headings = {"ENDPOINT", "MODE", "IDENTITY", "KEY"},
		.row = credential_row,
	};

	return cli_list(cli, &listing);
}

static void endpoint_target(const struct cli *cli, struct cli_target *target)
{
	cli_target_add(target, CLIENTS);
	cli_target_segment(target, cli->args[1]);
}

static int show(struct cli *cli)
{
	struct cli_table table = {.columns = 4};
	struct cli_target target = {0};
	json_t *json = NULL;
	int status;

	endpoint_target(cli, &target);
	status =
		cli_call(cli, &(struct cli_request){.method = "GET", .target = target.text}, &json);
	if (status == CLI_OK && !cli->json) {
		cli_table_row(&table, (const char *[]){"ENDPOINT", "MODE", "IDENTITY", "KEY"});
		credential_row(&table, json);
		cli_table_print(&table, cli->out);
	}
	json_decref(json);
	cli_table_free(&table);
	cli_target_free(&target);
	return status;
}

static int remove_one(struct cli *cli)
{
	struct cli_target target = {0};
	json_t *json = NULL;
	int status;

	endpoint_target(cli, &target);
	status = cli_call(cli, &(struct cli_request){.method = "DELETE", .target = target.text},
			  &json);
	if (status == CLI_OK && json != NULL)
		status = cli_fail(cli, CLI_REFUSED, "%s has no credential", cli->args[1]);
	else if (status == CLI_OK && !cli->json)
		fprintf(cli->out, "the credential of %s is removed\n", cli->args[1]);
	json_decref(json);
	cli_target_free(&target);
	return status;
}

// Hexadecimal text as it is, without what editors put at the end of a file; of a file anything else
// is the key itself.
static char *key_text(struct cli *cli, const char *argument)
{
	bool from_file;
	size_t len;
	char *text = cli_argument_read(cli, argument, &len, &from_file), *hex;

	if (text == NULL || !from_file)
		return text;
	if (strspn(text, "0123456789abcdefABCDEF \r\n\t") == len) {
		while (len > 0 && isspace((unsigned char)text[len - 1]))
			text[--len] = '\0';
		return text;
	}
	hex = cli_hex(text, len);
	explicit_bzero(text, len);
	free(text);
	return hex;
}

// Takes details.
static int put(struct cli *cli, const char *mode, json_t *details)
{
	json_t *tls = json_pack("{s:s}", "mode", mode), *json, *answer = NULL;
	char *body;
	int status;

	if (details != NULL)
		json_object_set_new(tls, "details", details);
	json = json_pack("{s:s, s:o}", "endpoint", cli->args[1], "tls", tls);
	body = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (body == NULL)
		return cli_fail(cli, CLI_USAGE, "the endpoint or the identity is not UTF-8");
	status = cli_call(cli,
			  &(struct cli_request){.method = "PUT",
						.target = CLIENTS,
						.content_type = "application/json",
						.body = body,
						.body_len = strlen(body)},
			  &answer);
	if (status == CLI_OK && !cli->json)
		fprintf(cli->out, "%s has its credential\n", cli->args[1]);
	json_decref(answer);
	explicit_bzero(body, strlen(body));
	free(body);
	return status;
}

static int set_psk(struct cli *cli)
{
	char *key = key_text(cli, cli->args[3]);
	int status;

	if (key == NULL)
		return CLI_USAGE;
	status = put(cli, "psk", json_pack("{s:s, s:s}", "identity", cli->args[2], "key", key));
	explicit_bzero(key, strlen(key));
	free(key);
	return status;
}

static int set_rpk(struct cli *cli)
{
	char *key = key_text(cli, cli->args[2]);
	int status;

	if (key == NULL)
		return CLI_USAGE;
	status = put(cli, "rpk", json_pack("{s:s}", "key", key));
	free(key);
	return status;
}

static int set_x509(struct cli *cli)
{
	return put(cli, "x509", NULL);
}

struct import_file {
	struct cli *cli;
	FILE *file;
	int64_t size; // -1: not known
	uint64_t sent, lines;
	bool shows; // progress, to a person
};

static size_t import_read(char *buf, size_t max, void *arg)
{
	struct import_file *import = arg;
	size_t n = fread(buf, 1, max, import->file);

	import->sent += n;
	for (const char *p = buf; (p = memchr(p, '\n', n - (size_t)(p - buf))) != NULL; p++)
		import->lines++;
	if (import->shows && import->size > 0)
		fprintf(import->cli->err, "\r%3d %%  %" PRIu64 " lines ",
			(int)(import->sent * 100 / (uint64_t)import->size), import->lines);
	else if (import->shows)
		fprintf(import->cli->err, "\r%" PRIu64 " lines ", import->lines);
	return n;
}

static void import_print(struct cli *cli, const json_t *json)
{
	static const char *const counts[] = {"added", "replaced", "unchanged", "failed"};
	const json_t *errors = json_object_get(json, "errors"), *error;
	json_int_t failed = json_integer_value(json_object_get(json, "failed"));
	size_t i;

	json_array_foreach(errors, i, error)
	{
		fprintf(cli->err, "line %lld: %s\n",
			(long long)json_integer_value(json_object_get(error, "line")),
			cli_text_of(error, "error"));
	}
	if (failed > (json_int_t)json_array_size(errors))
		fprintf(cli->err, "and %lld more\n",
			(long long)failed - (long long)json_array_size(errors));
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		fprintf(cli->out, "%s%lld %s", i > 0 ? ", " : "",
			(long long)json_integer_value(json_object_get(json, counts[i])), counts[i]);
	fputc('\n', cli->out);
}

static int import_send(struct cli *cli, struct import_file *import)
{
	json_t *json = NULL;
	int status = cli_call(cli,
			      &(struct cli_request){.method = "POST",
						    .target = CLIENTS "/import",
						    .content_type = "text/plain",
						    .read = import_read,
						    .read_arg = import,
						    .size = import->size},
			      &json);

	if (import->shows)
		fputs("\r\033[K", cli->err);
	if (status == CLI_OK && !cli->json)
		import_print(cli, json);
	if (status == CLI_OK && json_integer_value(json_object_get(json, "failed")) > 0)
		status = CLI_REFUSED;
	json_decref(json);
	return status;
}

static int import(struct cli *cli)
{
	const char *name = cli->args[1];
	struct import_file import = {.cli = cli, .size = -1};
	struct stat file;
	int status;

	import.file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rbe");
	if (import.file == NULL)
		return cli_fail(cli, CLI_USAGE, "%s: %s", name, strerror(errno));
	if (fstat(fileno(import.file), &file) == 0 && S_ISREG(file.st_mode))
		import.size = file.st_size;
	import.shows = !cli->json && fileno(cli->err) >= 0 && isatty(fileno(cli->err));
	status = import_send(cli, &import);
	if (import.file != stdin)
		fclose(import.file);
	return status;
}

int cli_security(struct cli *cli)
{
	static const struct {
		const char *name, *args;
		int count;
		int (*run)(struct cli *cli);
	} actions[] = {
		{"list", "", 0, list},
		{"show", "EP", 1, show},
		{"set-psk", "EP IDENTITY KEY|@FILE", 3, set_psk},
		{"set-rpk", "EP KEY|@FILE", 2, set_rpk},
		{"set-x509", "EP", 1, set_x509},
		{"remove", "EP", 1, remove_one},
		{"import", "FILE", 1, import},
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, cli->args[0]) != 0)
			continue;
		if (cli->args_count - 1 != actions[i].count)
			return cli_fail(cli, CLI_USAGE, "it is: sluicectl security %s %s",
					actions[i].name, actions[i].args);
		if (actions[i].run != list && (cli->given & (CLI_LIMIT | CLI_NAMES)) != 0)
			return cli_fail(cli, CLI_USAGE, "--limit and --names are for list");
		return actions[i].run(cli);
	}
	return cli_fail(cli, CLI_USAGE,
			"%s is not list, show, set-psk, set-rpk, set-x509, remove or import",
			cli->args[0]);
}
