// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/answer.h"

#include <string.h>
#include <time.h>

#include "control/cli/table.h"

void cli_time_text(json_int_t ms, char text[static CLI_TIME_MAX])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    strftime(text, CLI_TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(text, CLI_TIME_MAX, "%lld ms", (long long)ms);
}

const char *cli_text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static int refused(struct cli *cli, const struct cli_reply *reply)
{
	if (reply->len == 0)
		return cli_fail(cli, CLI_REFUSED, "the gateway answered HTTP status %ld",
				reply->status);
	return cli_fail(cli, CLI_REFUSED, "%s", reply->body);
}

static int parsed(struct cli *cli, const struct cli_reply *reply, json_t **json)
{
	if (reply->len == 0)
		return CLI_OK;
	*json = json_loadb(reply->body, reply->len, JSON_DECODE_ANY, NULL);
	if (!*json)
		return cli_fail(cli, CLI_REFUSED, "%s does not answer like a sluice gateway",
				cli->url);
	if (cli->json)
		fprintf(cli->out, "%s\n", reply->body);
	return CLI_OK;
}

int cli_call(struct cli *cli, const struct cli_request *request, json_t **json)
{
	struct cli_reply reply;
	int status = cli_http(cli, request, &reply);

	*json = NULL;
	if (status == CLI_OK && (reply.status < 200 || reply.status > 299))
		status = refused(cli, &reply);
	else if (status == CLI_OK)
		status = parsed(cli, &reply, json);
	cli_reply_free(&reply);
	return status;
}

static void queued(struct cli *cli, const json_t *json)
{
	if (cli->json)
		return;
	fprintf(cli->out,
		"queued as request %lld: the device sleeps; it is asked when it wakes\n"
		"(sluicectl queue %s lists what waits, sluicectl events --ep %s shows its end)\n",
		(long long)json_integer_value(json_object_get(json, "requestId")), cli->args[0],
		cli->args[0]);
}

int cli_operate(struct cli *cli, const struct cli_request *request, json_t **json)
{
	int status = cli_call(cli, request, json);
	const char *code, *message;

	if (status != CLI_OK || !*json)
		return status;
	if (json_is_true(json_object_get(*json, "delayed"))) {
		queued(cli, *json);
		json_decref(*json);
		*json = NULL;
		return CLI_OK;
	}
	if (json_is_true(json_object_get(*json, "success")))
		return CLI_OK;
	code = json_string_value(json_object_get(*json, "status"));
	message = json_string_value(json_object_get(*json, "errormessage"));
	status = cli_fail(cli, CLI_REFUSED, "the device refused: %s%s%s", code ? code : "no status",
			  message ? ", " : "", message ? message : "");
	json_decref(*json);
	*json = NULL;
	return status;
}

#define VALUE_MAX 256 // beyond it lies the text of the JSON itself

// Text of a value: the string's own, or made in buf.
static const char *value_text(const char *type, const json_t *value, char buf[static VALUE_MAX])
{
	if (type && strcmp(type, "TIME") == 0 && json_is_integer(value)) {
		cli_time_text(json_integer_value(value), buf);
		return buf;
	}
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_object(value)) // an object link, as the enabler writes it
		snprintf(buf, VALUE_MAX, "%lld:%lld",
			 (long long)json_integer_value(json_object_get(value, "objectId")),
			 (long long)json_integer_value(json_object_get(value, "objectInstanceId")));
	else
		buf[json_dumpb(value, buf, VALUE_MAX - 1, JSON_ENCODE_ANY) % VALUE_MAX] = '\0';
	return buf;
}

static void row(struct cli_table *table, const char *path, const char *type, const json_t *value)
{
	char buf[VALUE_MAX];

	cli_table_row(table,
		      (const char *[]){path, type ? type : "", value_text(type, value, buf)});
}

static void node_rows(struct cli_table *table, const char *path, const json_t *node)
{
	static const char *const below[] = {"objects", "instances", "resources"};
	const char *type = json_string_value(json_object_get(node, "type"));
	const json_t *values = json_object_get(node, "values"), *value, *child;
	char text[128];
	const char *id;
	size_t i;

	value = json_object_get(node, "value");
	if (value)
		row(table, path, type, value);
	json_object_foreach((json_t *)(uintptr_t)values, id, value)
	{
		snprintf(text, sizeof(text), "%s/%s", path, id);
		row(table, text, type, value);
	}
	for (size_t kind = 0; kind < sizeof(below) / sizeof(below[0]); kind++) {
		json_array_foreach(json_object_get(node, below[kind]), i, child)
		{
			snprintf(text, sizeof(text), "%s/%lld", path,
				 (long long)json_integer_value(json_object_get(child, "id")));
			node_rows(table, text, child);
		}
	}
}

void cli_nodes_print(struct cli *cli, const char *path, const json_t *node)
{
	struct cli_table table = {.columns = 3};
	const json_t *value = json_object_get(node, "value");
	char buf[VALUE_MAX];

	if (value) { // for $(sluicectl read ...)
		cli_text_print(
			cli->out,
			value_text(json_string_value(json_object_get(node, "type")), value, buf));
		fputc('\n', cli->out);
		return;
	}
	cli_table_row(&table, (const char *[]){"PATH", "TYPE", "VALUE"});
	node_rows(&table, strcmp(path, "/") == 0 ? "" : path, node);
	cli_table_print(&table, cli->out);
	cli_table_free(&table);
}
