// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What waits for a sleeping device.
#include "control/cli/answer.h"
#include "control/cli/table.h"
#include "control/cli/target.h"

static void waiting_print(struct cli *cli, const json_t *list)
{
	struct cli_table table = {.columns = 5};
	const json_t *request;
	size_t i;

	if (json_array_size(list) == 0) {
		fputs("nothing waits\n", cli->out);
		return;
	}
	cli_table_row(&table, (const char *[]){"ID", "OPERATION", "PATH", "QUEUED", "EXPIRES"});
	json_array_foreach(list, i, request)
	{
		char id[24], queued[CLI_TIME_MAX], expires[CLI_TIME_MAX];

		snprintf(id, sizeof(id), "%lld",
			 (long long)json_integer_value(json_object_get(request, "requestId")));
		cli_time_text(json_integer_value(json_object_get(request, "queued")), queued);
		cli_time_text(json_integer_value(json_object_get(request, "expires")), expires);
		cli_table_row(&table,
			      (const char *[]){
				      id, json_string_value(json_object_get(request, "operation")),
				      json_string_value(json_object_get(request, "path")), queued,
				      expires});
	}
	cli_table_print(&table, cli->out);
	cli_table_free(&table);
}

int cli_queue(struct cli *cli)
{
	struct cli_target target = {0};
	bool removes = (cli->given & CLI_REMOVE) != 0;
	json_t *json = NULL;
	int status = cli_target_device(cli, &target, 0, 0);

	if (status == CLI_OK) {
		cli_target_add(&target, "/queue");
		if (removes)
			cli_target_segment(&target, cli->remove);
		status = cli_call(cli,
				  &(struct cli_request){.method = removes ? "DELETE" : "GET",
							.target = target.text},
				  &json);
	}
	if (status == CLI_OK && !cli->json && removes)
		fprintf(cli->out, "request %s is taken back\n", cli->remove);
	else if (status == CLI_OK && !cli->json)
		waiting_print(cli, json);
	json_decref(json);
	cli_target_free(&target);
	return status;
}
