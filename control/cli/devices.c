// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The list of devices is fetched in pages, so that a large fleet costs the memory of one.
#include <inttypes.h>
#include <string.h>

#include "control/cli/answer.h"
#include "control/cli/links.h"
#include "control/cli/table.h"
#include "control/cli/target.h"

#define PAGE 1000u

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

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
	cli_table_row(table, (const char *[]){text_of(device, "endpoint"),
					      text_of(device, "lwM2mVersion"), presence(device),
					      lifetime, seen, text_of(device, "address")});
}

static void page_target(const struct cli *cli, struct cli_target *target, uint64_t limit,
			const char *after)
{
	char text[24];

	cli_target_add(target, "/api/clients");
	if (cli->prefix)
		cli_target_param(target, "prefix", cli->prefix);
	if (limit > 0) {
		snprintf(text, sizeof(text), "%" PRIu64, limit);
		cli_target_param(target, "limit", text);
	}
	if (after)
		cli_target_param(target, "after", after);
}

static bool write_out(const char *bytes, size_t len, void *arg)
{
	return fwrite(bytes, 1, len, arg) == len;
}

// As it comes, in whatever length.
static int list_json(struct cli *cli)
{
	struct cli_target target = {0};
	struct cli_reply reply;
	int status;

	page_target(cli, &target, cli->limit, NULL);
	status = cli_http_stream(cli, target.text, write_out, cli->out, &reply);
	if (status == CLI_REFUSED)
		cli_fail(cli, status, "%s", reply.body);
	else
		fputc('\n', cli->out);
	cli_target_free(&target);
	cli_reply_free(&reply);
	return status;
}

static void page_print(struct cli *cli, struct cli_table *table, const json_t *page)
{
	const json_t *device;
	size_t i;

	json_array_foreach(page, i, device)
	{
		if (cli->given & CLI_NAMES) {
			cli_text_print(cli->out, text_of(device, "endpoint"));
			fputc('\n', cli->out);
		} else {
			device_row(table, device);
		}
	}
	cli_table_print(table, cli->out);
}

static int page_get(struct cli *cli, uint64_t limit, const char *after, json_t **page)
{
	struct cli_target target = {0};
	int status;

	page_target(cli, &target, limit, after);
	status = cli_call(cli, &(struct cli_request){.method = "GET", .target = target.text}, page);
	cli_target_free(&target);
	if (status == CLI_OK && !json_is_array(*page)) {
		json_decref(*page);
		*page = NULL;
		status = cli_fail(cli, CLI_REFUSED, "%s does not answer like a sluice gateway",
				  cli->url);
	}
	return status;
}

int cli_devices(struct cli *cli)
{
	struct cli_table table = {.columns = 6};
	uint64_t left = cli->given & CLI_LIMIT ? cli->limit : UINT64_MAX;
	char after[64] = "";
	int status = CLI_OK;
	size_t count;

	if (cli->json)
		return list_json(cli);
	if (!(cli->given & CLI_NAMES))
		cli_table_row(&table, (const char *[]){"ENDPOINT", "LWM2M", "REACHABLE", "LIFETIME",
						       "LAST SEEN", "ADDRESS"});
	do {
		uint64_t limit = left < PAGE ? left : PAGE;
		json_t *page;

		status = page_get(cli, limit, after[0] ? after : NULL, &page);
		if (status != CLI_OK)
			break;
		count = json_array_size(page);
		left -= count < left ? count : left;
		page_print(cli, &table, page);
		if (count > 0)
			snprintf(after, sizeof(after), "%s",
				 text_of(json_array_get(page, count - 1), "registrationId"));
		json_decref(page);
	} while (count == PAGE && left > 0);
	cli_table_free(&table);
	return status;
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
	line(cli, "Endpoint", text_of(device, "endpoint"));
	line(cli, "Address", text_of(device, "address"));
	line(cli, "LwM2M", text_of(device, "lwM2mVersion"));
	line(cli, "Binding", text_of(device, "bindingMode"));
	line(cli, "Reachable", presence(device));
	line(cli, "Lifetime", lifetime);
	time_line(cli, device, "Registered", "registrationDate");
	time_line(cli, device, "Last seen", "lastUpdate");
	line(cli, "Registration", text_of(device, "registrationId"));
	fputc('\n', cli->out);
	cli_links_print(cli, json_object_get(device, "objectLinks"));
	json_decref(device);
	return CLI_OK;
}
