// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Reading and writing what a device has.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "control/cli/answer.h"
#include "control/cli/target.h"

// The argument's path with its slash, as the answer is about.
static const char *shown_path(const struct cli *cli)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s%s", cli->args[1][0] == '/' ? "" : "/", cli->args[1]);
	return path;
}

int cli_read(struct cli *cli)
{
	struct cli_target target = {0};
	json_t *json = NULL;
	int status = cli_target_device(cli, &target, 1, 4);

	if (status == CLI_OK) {
		cli_target_options(cli, &target);
		status = cli_operate(
			cli, &(struct cli_request){.method = "GET", .target = target.text}, &json);
	}
	if (status == CLI_OK && json && !cli->json)
		cli_nodes_print(cli, shown_path(cli), json_object_get(json, "content"));
	json_decref(json);
	cli_target_free(&target);
	return status;
}

// How a value of that type stands in JSON. NULL when it is none.
static json_t *value_json(const char *type, const char *text)
{
	int object, instance, end = 0;

	if (type && strcasecmp(type, "BOOLEAN") == 0) {
		if (strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0)
			return json_true();
		if (strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
			return json_false();
		return NULL;
	}
	if (type && strcasecmp(type, "TIME") == 0) {
		json_t *number = json_loads(text, JSON_DECODE_ANY, NULL);

		if (json_is_integer(number))
			return number;
		json_decref(number);
		return NULL;
	}
	if (type && strcasecmp(type, "OBJLNK") == 0) {
		if (sscanf(text, "%d:%d%n", &object, &instance, &end) != 2 || text[end] != '\0')
			return NULL;
		return json_pack("{s:i, s:i}", "objectId", object, "objectInstanceId", instance);
	}
	return json_string(text);
}

static int last_id(const char *path)
{
	const char *slash = strrchr(path, '/');

	return atoi(slash ? slash + 1 : path);
}

static int depth_of(const char *path)
{
	int depth = path[0] != '/';

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static char *upper(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	for (char *p = copy; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return copy;
}

// A node of one value, as Leshan's REST API takes it.
static json_t *node_of(const struct cli *cli, const char *text)
{
	json_t *value = value_json(cli->type, text), *node;
	const char *path = cli->args[1];

	if (!value)
		return NULL;
	node = json_pack("{s:s, s:i, s:o}", "kind",
			 depth_of(path) == 4 ? "resourceInstance" : "singleResource", "id",
			 last_id(path), "value", value);
	if (node && cli->type) {
		char *type = upper(cli->type);

		json_object_set_new(node, "type", json_string(type));
		free(type);
	}
	return node;
}

// The body of a write. NULL, explained.
static char *write_body(struct cli *cli, char *text, size_t len, bool from_file)
{
	json_t *json = cli->type ? NULL : json_loadb(text, len, 0, NULL);
	char *hex, *body;

	if (!json_is_object(json) && depth_of(cli->args[1]) < 3) {
		json_decref(json);
		cli_fail(cli, CLI_USAGE,
			 "what is written to an instance must be a JSON object, as sluicectl read "
			 "--json shows it");
		return NULL;
	}
	if (!json_is_object(json)) {
		bool opaque = cli->type && strcasecmp(cli->type, "OPAQUE") == 0;

		json_decref(json);
		hex = opaque && from_file ? cli_hex(text, len) : NULL;
		json = node_of(cli, hex ? hex : text);
		free(hex);
	}
	body = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (!body)
		cli_fail(cli, CLI_USAGE, "%s is no value%s%s", from_file ? cli->args[2] : text,
			 cli->type ? " of type " : "", cli->type ? cli->type : "");
	json_decref(json);
	return body;
}

static int done(struct cli *cli, int status, json_t *json)
{
	const char *code = json_string_value(json_object_get(json, "status"));
	const char *location = json_string_value(json_object_get(json, "location"));

	if (status == CLI_OK && json && !cli->json)
		fprintf(cli->out, "%s%s%s\n", code ? code : "done", location ? " " : "",
			location ? location : "");
	json_decref(json);
	return status;
}

static int send_body(struct cli *cli, const char *method, struct cli_target *target,
		     const char *type, const char *body)
{
	struct cli_request request = {
		.method = method,
		.target = target->text,
		.content_type = type,
		.body = body,
		.body_len = body ? strlen(body) : 0,
	};
	json_t *json = NULL;
	int status = cli_operate(cli, &request, &json);

	cli_target_free(target);
	return done(cli, status, json);
}

int cli_write(struct cli *cli)
{
	struct cli_target target = {0};
	int status = cli_target_device(cli, &target, 2, 4);
	char *text = NULL, *body = NULL;
	bool from_file = false;
	size_t len;

	if (status == CLI_OK)
		text = cli_argument_read(cli, cli->args[2], &len, &from_file);
	if (text)
		body = write_body(cli, text, len, from_file);
	if (body) {
		if (cli->given & CLI_PARTIAL)
			cli_target_param(&target, "replace", "false");
		cli_target_options(cli, &target);
		status = send_body(cli, "PUT", &target, "application/json", body);
	} else {
		status = CLI_USAGE;
	}
	free(text);
	free(body);
	cli_target_free(&target);
	return status;
}

int cli_create(struct cli *cli)
{
	struct cli_target target = {0};
	int status = cli_target_device(cli, &target, 1, 1);
	bool from_file = false;
	char *text = NULL;
	size_t len;
	json_t *json;

	if (status == CLI_OK)
		text = cli_argument_read(cli, cli->args[2], &len, &from_file);
	if (!text) {
		cli_target_free(&target);
		return CLI_USAGE;
	}
	json = json_loadb(text, len, 0, NULL);
	if (json_is_object(json)) {
		cli_target_options(cli, &target);
		status = send_body(cli, "POST", &target, "application/json", text);
	} else {
		status = cli_fail(cli, CLI_USAGE,
				  "the new instance must be a JSON object, like "
				  "{\"id\":1,\"resources\":[]}");
	}
	json_decref(json);
	free(text);
	cli_target_free(&target);
	return status;
}

int cli_delete(struct cli *cli)
{
	struct cli_target target = {0};
	int status = cli_target_device(cli, &target, 2, 2);

	if (status == CLI_OK) {
		cli_target_options(cli, &target);
		status = send_body(cli, "DELETE", &target, NULL, NULL);
	}
	cli_target_free(&target);
	return status;
}

int cli_exec(struct cli *cli)
{
	struct cli_target target = {0};
	int status = cli_target_device(cli, &target, 3, 3);

	if (status == CLI_OK) {
		cli_target_options(cli, &target);
		status = send_body(cli, "POST", &target, "text/plain",
				   cli->args_count > 2 ? cli->args[2] : "");
	}
	cli_target_free(&target);
	return status;
}

int cli_attributes(struct cli *cli)
{
	struct cli_target target = {0};
	int status = cli_target_device(cli, &target, 1, 4);

	cli_target_add(&target, "/attributes");
	for (int i = 2; status == CLI_OK && i < cli->args_count; i++) {
		char *name = cli->args[i], *equals = strchr(name, '=');

		if (equals)
			*equals = '\0';
		if (name[0] == '\0')
			status = cli_fail(cli, CLI_USAGE, "an attribute without a name");
		cli_target_param(&target, name, equals ? equals + 1 : NULL);
	}
	if (status == CLI_OK) {
		cli_target_options(cli, &target);
		status = send_body(cli, "PUT", &target, NULL, NULL);
	}
	cli_target_free(&target);
	return status;
}

int cli_observe(struct cli *cli)
{
	struct cli_target target = {0};
	json_t *json = NULL;
	bool cancel = (cli->given & CLI_CANCEL) != 0;
	int status = cli_target_device(cli, &target, 1, 4);

	if (status == CLI_OK && (cli->given & CLI_ACTIVE) && !cancel)
		status = cli_fail(cli, CLI_USAGE, "--active goes with --cancel");
	if (status == CLI_OK) {
		cli_target_add(&target, "/observe");
		if (cli->given & CLI_ACTIVE)
			cli_target_param(&target, "active", NULL);
		cli_target_options(cli, &target);
		status = cli_operate(cli,
				     &(struct cli_request){.method = cancel ? "DELETE" : "POST",
							   .target = target.text},
				     &json);
	}
	cli_target_free(&target);
	if (status == CLI_OK && !cli->json && !cancel && json_object_get(json, "content"))
		cli_nodes_print(cli, shown_path(cli), json_object_get(json, "content"));
	else if (status == CLI_OK && !cli->json && cancel && !json)
		fputs("cancelled\n", cli->out);
	else
		return done(cli, status, json);
	json_decref(json);
	return status;
}
