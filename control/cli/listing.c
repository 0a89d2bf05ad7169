// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/listing.h"

#include <inttypes.h>

#include "control/cli/answer.h"
#include "control/cli/target.h"

#define PAGE      1000u
#define AFTER_MAX 1024 // an endpoint has at most 255 bytes

// limit 0: none.
static void page_target(const struct cli *cli, const struct cli_listing *listing,
			struct cli_target *target, uint64_t limit, const char *after)
{
	char text[24];

	cli_target_add(target, listing->path);
	if (cli->prefix != NULL)
		cli_target_param(target, "prefix", cli->prefix);
	if (limit > 0) {
		snprintf(text, sizeof(text), "%" PRIu64, limit);
		cli_target_param(target, "limit", text);
	}
	if (after[0] != '\0')
		cli_target_param(target, "after", after);
}

static bool write_out(const char *bytes, size_t len, void *arg)
{
	return fwrite(bytes, 1, len, arg) == len;
}

// As it comes, in whatever length.
static int list_json(struct cli *cli, const struct cli_listing *listing)
{
	struct cli_target target = {0};
	struct cli_reply reply;
	int status;

	page_target(cli, listing, &target, cli->limit, "");
	status = cli_http_stream(cli, target.text, write_out, cli->out, &reply);
	if (status == CLI_REFUSED)
		cli_fail(cli, status, "%s", reply.body);
	else
		fputc('\n', cli->out);
	cli_target_free(&target);
	cli_reply_free(&reply);
	return status;
}

static void page_print(struct cli *cli, const struct cli_listing *listing, struct cli_table *table,
		       const json_t *page)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(page, i, entry)
	{
		if (cli->given & CLI_NAMES) {
			cli_text_print(cli->out, cli_text_of(entry, "endpoint"));
			fputc('\n', cli->out);
		} else {
			listing->row(table, entry);
		}
	}
	cli_table_print(table, cli->out);
}

static int page_get(struct cli *cli, const struct cli_listing *listing, uint64_t limit,
		    const char *after, json_t **page)
{
	struct cli_target target = {0};
	int status;

	page_target(cli, listing, &target, limit, after);
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

static int list_pages(struct cli *cli, const struct cli_listing *listing, struct cli_table *table)
{
	uint64_t left = cli->given & CLI_LIMIT ? cli->limit : UINT64_MAX;
	char after[AFTER_MAX] = "";
	size_t count = PAGE;

	while (count == PAGE && left > 0) {
		json_t *page;
		int status = page_get(cli, listing, left < PAGE ? left : PAGE, after, &page);

		if (status != CLI_OK)
			return status;
		count = json_array_size(page);
		left -= count < left ? count : left;
		page_print(cli, listing, table, page);
		if (count > 0)
			snprintf(after, sizeof(after), "%s",
				 cli_text_of(json_array_get(page, count - 1), listing->key));
		json_decref(page);
	}
	return CLI_OK;
}

int cli_list(struct cli *cli, const struct cli_listing *listing)
{
	struct cli_table table = {0};
	int status;

	if (cli->json)
		return list_json(cli, listing);
	while (table.columns < CLI_COLUMNS_MAX && listing->headings[table.columns] != NULL)
		table.columns++;
	if (!(cli->given & CLI_NAMES))
		cli_table_row(&table, listing->headings);
	status = list_pages(cli, listing, &table);
	cli_table_free(&table);
	return status;
}
