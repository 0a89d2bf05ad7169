// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Who hears of events.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/cli/answer.h"
#include "control/cli/table.h"
#include "control/cli/target.h"

static void backend_row(struct cli_table *table, const json_t *backend)
{
	const json_t *error = json_object_get(backend, "lastError");
	char lag[48], rate[32];

	snprintf(lag, sizeof(lag), "%lld (%.0f s)",
		 (long long)json_integer_value(json_object_get(backend, "lagEvents")),
		 json_number_value(json_object_get(backend, "lagSeconds")));
	snprintf(rate, sizeof(rate), "%.1f",
		 json_number_value(json_object_get(backend, "eventsPerSecond")));
	cli_table_row(table,
		      (const char *[]){cli_text_of(backend, "name"), cli_text_of(backend, "state"),
				       lag, rate, cli_text_of(backend, "url"),
				       cli_text_of(error, "text")});
}

static void list_print(struct cli *cli, const json_t *json)
{
	const json_t *list = json_object_get(json, "backends"), *backend;
	const char *warning = cli_text_of(json_object_get(json, "outbox"), "warning");
	struct cli_table table = {.columns = 6};
	size_t i;

	if (json_array_size(list) == 0) {
		fputs("no back end\n", cli->out);
		return;
	}
	cli_table_row(&table,
		      (const char *[]){"NAME", "STATE", "LAG", "EVENTS/S", "URL", "LAST ERROR"});
	json_array_foreach(list, i, backend) backend_row(&table, backend);
	cli_table_print(&table, cli->out);
	cli_table_free(&table);
	if (warning[0] != '\0')
		fprintf(cli->out, "%s\n", warning);
}

// Each value that is not a table itself, by its path.
static void value_rows(struct cli_table *table, const char *above, const json_t *json)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)json, key, value)
	{
		char path[128], *text;

		snprintf(path, sizeof(path), "%s%s%s", above, above[0] != '\0' ? "." : "", key);
		if (json_is_object(value)) {
			value_rows(table, path, value);
			continue;
		}
		text = json_is_string(value) ? strdup(json_string_value(value))
					     : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT |
									 JSON_REAL_PRECISION(6));
		if (text == NULL)
			abort();
		cli_table_row(table, (const char *[]){path, text});
		free(text);
	}
}

static void backend_print(struct cli *cli, const json_t *backend)
{
	struct cli_table table = {.columns = 2};

	value_rows(&table, "", backend);
	cli_table_print(&table, cli->out);
	cli_table_free(&table);
}

static int tested_print(struct cli *cli, const json_t *json)
{
	long long ms = json_integer_value(json_object_get(json, "milliseconds"));

	if (!json_is_true(json_object_get(json, "accepted")))
		return cli_fail(cli, CLI_REFUSED, "%s: %s (%lld ms)", cli->args[1],
				cli_text_of(json, "error"), ms);
	if (!cli->json)
		fprintf(cli->out, "accepted: HTTP/%s status %lld, %lld ms\n",
			cli_text_of(json, "http"),
			(long long)json_integer_value(json_object_get(json, "status")), ms);
	return CLI_OK;
}

static int call(struct cli *cli, const char *method, const char *behind, const char *body,
		json_t **json)
{
	struct cli_target target = {0};
	int status;

	cli_target_add(&target, "/api/backends");
	if (cli->args_count > 1)
		cli_target_segment(&target, cli->args[1]);
	cli_target_add(&target, behind);
	status = cli_call(
		cli,
		&(struct cli_request){.method = method,
				      .target = target.text,
				      .content_type = body != NULL ? "application/json" : NULL,
				      .body = body,
				      .body_len = body != NULL ? strlen(body) : 0},
		json);
	cli_target_free(&target);
	return status;
}

static int list(struct cli *cli)
{
	json_t *json;
	int status = call(cli, "GET", "", NULL, &json);

	if (status == CLI_OK && !cli->json)
		list_print(cli, json);
	json_decref(json);
	return status;
}

static int show(struct cli *cli)
{
	json_t *json;
	int status = call(cli, "GET", "", NULL, &json);

	if (status == CLI_OK && !cli->json)
		backend_print(cli, json);
	json_decref(json);
	return status;
}

static int test(struct cli *cli)
{
	json_t *json;
	int status = call(cli, "POST", "/test", NULL, &json);

	if (status == CLI_OK)
		status = tested_print(cli, json);
	json_decref(json);
	return status;
}

// {"url": ..} of a URL; anything else is the definition already.
static char *definition_of(char *text)
{
	json_t *json;

	if (strstr(text, "://") == NULL || text[0] == '{')
		return text;
	json = json_pack("{s:s}", "url", text);
	free(text);
	text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (text == NULL)
		abort();
	return text;
}

static int add(struct cli *cli)
{
	bool from_file;
	size_t len;
	char *text = cli_argument_read(cli, cli->args[2], &len, &from_file);
	json_t *json = NULL;
	int status = CLI_USAGE;

	if (text == NULL)
		return status;
	if (!from_file)
		text = definition_of(text);
	status = call(cli, "PUT", "", text, &json);
	free(text);
	if (status == CLI_OK && !cli->json)
		fprintf(cli->out, "%s hears of what happens from now on\n", cli->args[1]);
	json_decref(json);
	return status;
}

static int take_away(struct cli *cli)
{
	json_t *json;
	int status = call(cli, "DELETE", "", NULL, &json);

	if (status == CLI_OK && !cli->json)
		fprintf(cli->out, "%s is removed, and how far it was is forgotten\n", cli->args[1]);
	json_decref(json);
	return status;
}

int cli_backends(struct cli *cli)
{
	static const struct {
		const char *name;
		int args;
		int (*run)(struct cli *cli);
	} verbs[] = {
		{"list", 1, list}, {"show", 2, show},        {"test", 2, test},
		{"add", 3, add},   {"remove", 2, take_away},
	};

	if (cli->args_count == 0)
		return list(cli);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(cli->args[0], verbs[i].name) == 0 && cli->args_count == verbs[i].args &&
		    (cli->args_count < 2 || cli->args[1][0] != '\0'))
			return verbs[i].run(cli);
	return cli_fail(cli, CLI_USAGE,
			"backends takes list, show NAME, test NAME, add NAME URL|JSON|@FILE or "
			"remove NAME");
}
