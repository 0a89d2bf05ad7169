// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors

#include "control/cli/answer.h"
#include "control/cli/links.h"
#include "control/cli/listing.h"
#include "control/cli/table.h"
#include "control/cli/target.h"

static const char *presence(const json_t *device)
{
	if (!json_is_true(json_object_get(device, "queuemode")))
		return "always";
	return json_is_true(json_object_get(device, "sleeping")) ? "asleep" : "awake";
}

static void device_row(struct cli_table *table, const json_t *device)
{
	char seen[CLI_TIME_MAX], lifetime[24];

	cli_time_text(json_integer_value(json_object_get(device, "lastUpdate")), seen);
	snprintf(lifetime, sizeof(lifetime), "%lld s",
		 (long long)json_integer_value(json_object_get(device, "lifetime")));
	cli_table_row(table, (const char *[]){cli_text_of(device, "endpoint"),
					      cli_text_of(device, "lwM2mVersion"), presence(device),
					      lifetime, seen, cli_text_of(device, "address")});
}

int cli_devices(struct cli *cli)
{
	static const struct cli_listing listing = {
		.path = "/api/clients",
		.key = "registrationId",
		.headings = {"ENDPOINT", "LWM2M", "REACHABLE", "LIFETIME", "LAST SEEN", "ADDRESS"},
		.row = device_row,
	};

	return cli_list(cli, &listing);
}

static void line(struct cli *cli, const char *name, const char *value)
{
	fprintf(cli->out, "%-14s ", name);
	cli_text_print(cli->out, value);
	fputc('\n', cli->out);
}

static void time_line(struct cli *cli, const json_t *device, const char *name, const char *key)
{
	char text[CLI_TIME_MAX];

	cli_time_text(json_integer_value(json_object_get(device, key)), text);
	line(cli, name, text);
}

int cli_device(struct cli *cli)
{
	struct cli_target target = {0};
	json_t *device = NULL;
	char lifetime[32];
	int status = cli_target_device(cli, &target, 0, 0);

	if (status == CLI_OK)
		status =
			cli_call(cli, &(struct cli_request){.method = "GET", .target = target.text},
				 &device);
	cli_target_free(&target);
	if (status != CLI_OK || cli->json) {
		json_decref(device);
		return status;
	}
	snprintf(lifetime, sizeof(lifetime), "%lld s",
		 (long long)json_integer_value(json_object_get(device, "lifetime")));
	line(cli, "Endpoint", cli_text_of(device, "endpoint"));
	line(cli, "Address", cli_text_of(device, "address"));
	line(cli, "LwM2M", cli_text_of(device, "lwM2mVersion"));
	line(cli, "Binding", cli_text_of(device, "bindingMode"));
	line(cli, "Reachable", presence(device));
	line(cli, "Lifetime", lifetime);
	time_line(cli, device, "Registered", "registrationDate");
	time_line(cli, device, "Last seen", "lastUpdate");
	line(cli, "Registration", cli_text_of(device, "registrationId"));
	fputc('\n', cli->out);
	cli_links_print(cli, json_object_get(device, "objectLinks"));
	json_decref(device);
	return CLI_OK;
}
