// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The event stream, followed until interrupted: after a broken connection it is asked for again.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/cli/answer.h"
#include "control/cli/sse.h"
#include "control/cli/table.h"
#include "control/cli/target.h"

#define RETRY_MIN_S 1u
#define RETRY_MAX_S 10u

struct follower {
	struct cli *cli;
	struct sse sse;
	uint64_t seen;
	bool connected; // this time
};

// Whom the event is about; ep is taken out of it.
static void endpoint_print(struct cli *cli, json_t *event)
{
	const json_t *registration = json_object_get(event, "registration");
	const char *ep = json_string_value(json_object_get(event, "ep"));

	if (!ep)
		ep = json_string_value(
			json_object_get(registration ? registration : event, "endpoint"));
	cli_text_print(cli->out, ep ? ep : "-");
	json_object_del(event, "ep");
}

// What is worth a line: of registrations the address, of updates what they changed, of the others
// all.
static void details_print(struct cli *cli, const json_t *event)
{
	const json_t *update = json_object_get(event, "update");
	const char *address = json_string_value(json_object_get(event, "address"));
	char *text;

	fputs("  ", cli->out);
	if (address) {
		cli_text_print(cli->out, address);
		return;
	}
	text = json_dumps(update ? update : event, JSON_COMPACT);
	if (text && strcmp(text, "{}") != 0)
		cli_text_print(cli->out, text);
	free(text);
}

static void event_print(struct cli *cli, const char *name, const char *data)
{
	json_t *event = json_loads(data, 0, NULL);
	char now[CLI_TIME_MAX];

	cli_time_text((json_int_t)time(NULL) * 1000, now);
	fprintf(cli->out, "%s  %-16.64s  ", now, name);
	endpoint_print(cli, event);
	details_print(cli, event);
	fputc('\n', cli->out);
	json_decref(event);
}

static bool on_event(const char *name, const char *data, void *arg)
{
	struct follower *follower = arg;
	struct cli *cli = follower->cli;

	if (cli->json)
		fprintf(cli->out, "{\"event\":\"%s\",\"data\":%s}\n", name, data);
	else
		event_print(cli, name, data);
	fflush(cli->out); // somebody may be waiting at the end of a pipe
	return !(cli->given & CLI_COUNT) || ++follower->seen < cli->count;
}

static bool on_bytes(const char *bytes, size_t len, void *arg)
{
	struct follower *follower = arg;

	follower->connected = true;
	return sse_feed(&follower->sse, bytes, len);
}

static bool is_done(const struct follower *follower)
{
	return (follower->cli->given & CLI_COUNT) && follower->seen >= follower->cli->count;
}

int cli_events(struct cli *cli)
{
	struct follower follower = {.cli = cli, .sse = {.cb = on_event, .arg = &follower}};
	struct cli_target target = {0};
	unsigned int delay_s = RETRY_MIN_S;
	bool ever = false;
	int status;

	cli_target_add(&target, "/api/event");
	if (cli->ep)
		cli_target_param(&target, "ep", cli->ep);
	for (;;) {
		struct cli_reply reply;

		follower.connected = false;
		sse_reset(&follower.sse);
		status = cli_http_stream(cli, target.text, on_bytes, &follower, &reply);
		if (status == CLI_REFUSED)
			cli_fail(cli, status, "%s", reply.body);
		cli_reply_free(&reply);
		ever |= follower.connected;
		if (is_done(&follower) || status == CLI_REFUSED || !ever)
			break;
		delay_s = follower.connected ? RETRY_MIN_S : delay_s * 2;
		delay_s = delay_s > RETRY_MAX_S ? RETRY_MAX_S : delay_s;
		cli_fail(cli, CLI_UNREACHABLE,
			 "the event stream broke off; events may be missing (again in %u s)",
			 delay_s);
		cli_http_wait(delay_s);
	}
	cli_target_free(&target);
	sse_free(&follower.sse);
	return is_done(&follower) ? CLI_OK : status;
}
