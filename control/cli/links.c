// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device has: links with attributes.
#include "control/cli/links.h"

#include <stdlib.h>

#include "control/cli/table.h"
#include "control/cli/target.h"

static void attributes_text(const json_t *link, char *text, size_t cap)
{
	const json_t *value;
	const char *name;
	size_t n = 0;

	text[0] = '\0';
	json_object_foreach(json_object_get(link, "attributes"), name, value)
	{
		char *number = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY);
		const char *shown = number ? number : json_string_value(value);

		if (n < cap)
			n += (size_t)snprintf(text + n, cap - n, "%s%s%s%s", n > 0 ? " " : "", name,
					      shown ? "=" : "", shown ? shown : "");
		free(number);
	}
}

void cli_links_print(struct cli *cli, const json_t *links)
{
	struct cli_table table = {.columns = 2};
	const json_t *link;
	size_t i;

	cli_table_row(&table, (const char *[]){"PATH", "ATTRIBUTES"});
	json_array_foreach(links, i, link)
	{
		char attributes[512];

		attributes_text(link, attributes, sizeof(attributes));
		cli_table_row(&table,
			      (const char *[]){json_string_value(json_object_get(link, "url")),
					       attributes});
	}
	cli_table_print(&table, cli->out);
	cli_table_free(&table);
}

int cli_discover(struct cli *cli)
{
	struct cli_target target = {0};
	bool registered = cli->args_count < 2; // nobody need be asked
	json_t *json = NULL;
	int status = cli_target_device(cli, &target, 1, 3);

	if (status == CLI_OK && !registered)
		cli_target_add(&target, "/discover");
	cli_target_options(cli, &target);
	if (status == CLI_OK && registered)
		status = cli_call(
			cli, &(struct cli_request){.method = "GET", .target = target.text}, &json);
	else if (status == CLI_OK)
		status = cli_operate(
			cli, &(struct cli_request){.method = "GET", .target = target.text}, &json);
	if (status == CLI_OK && json && !cli->json)
		cli_links_print(cli, json_object_get(json, "objectLinks"));
	json_decref(json);
	cli_target_free(&target);
	return status;
}
