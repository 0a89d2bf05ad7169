// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/control/cli/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rig rig;

int rig_setup(void **state)
{
	rig = (struct rig){0};
	unsetenv("SLUICE_URL");
	setenv("TZ", "UTC", 1);
	return 0;
}

int rig_teardown(void **state)
{
	free(rig.out);
	free(rig.err);
	return 0;
}

int rig_run(const char *word, ...)
{
	char *argv[16] = {strdup("sluicectl")};
	size_t out_len, err_len;
	int argc = 1, status;
	FILE *out, *err;
	va_list args;

	va_start(args, word);
	for (; word; word = va_arg(args, const char *))
		argv[argc++] = strdup(word);
	va_end(args);
	free(rig.out);
	free(rig.err);
	out = open_memstream(&rig.out, &out_len);
	err = open_memstream(&rig.err, &err_len);
	rig.asked = 0;
	status = cli_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	for (int i = 0; i < 16; i++) // getopt moves them about
		free(argv[i]);
	return status;
}

void cli_reply_free(struct cli_reply *reply)
{
	free(reply->body);
	*reply = (struct cli_reply){0};
}

int cli_http(struct cli *cli, const struct cli_request *request, struct cli_reply *reply)
{
	const char *body;

	assert_true(rig.asked < RIG_ANSWERS_MAX);
	body = rig.answers[rig.asked].body;
	reply->status = rig.answers[rig.asked++].status;
	reply->body = strdup(body ? body : "");
	reply->len = strlen(reply->body);
	snprintf(rig.method, sizeof(rig.method), "%s", request->method);
	snprintf(rig.target, sizeof(rig.target), "%s", request->target);
	snprintf(rig.type, sizeof(rig.type), "%s",
		 request->content_type ? request->content_type : "");
	snprintf(rig.body, sizeof(rig.body), "%.*s", (int)request->body_len,
		 request->body ? (const char *)request->body : "");
	if (request->read) // in pieces
		for (size_t n = 0, len = 0; len + 8 < sizeof(rig.body); len += n) {
			n = request->read(rig.body + len, 7, request->read_arg);
			rig.body[len + n] = '\0';
			if (n == 0)
				break;
		}
	if (reply->status == 0)
		return cli_fail(cli, CLI_UNREACHABLE, "no gateway answers at %s", cli->url);
	return CLI_OK;
}

void cli_http_wait(unsigned int seconds)
{
	assert_int_equal(seconds, 1);
}

// The body comes byte by byte.
int cli_http_stream(struct cli *cli, const char *target, cli_http_cb_t cb, void *arg,
		    struct cli_reply *reply)
{
	const struct cli_request request = {.method = "GET", .target = target};
	int status = cli_http(cli, &request, reply);

	if (status != CLI_OK)
		return status;
	if (reply->status != 200)
		return CLI_REFUSED;
	for (const char *p = reply->body; *p && cb(p, 1, arg); p++)
		;
	return CLI_OK;
}
