// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/cli/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_TIMEOUT_S 5
#define EXTRA_TIMEOUT_S   10 // beyond the device's, for the gateway
#define IDLE_TIMEOUT_S    60 // the event stream says something every 15 s

struct transfer {
	CURL *curl;
	struct cli_reply *reply;
	cli_http_cb_t cb;
	void *arg;
	const struct cli_request *request;
	bool stopped, any;
};

void cli_reply_free(struct cli_reply *reply)
{
	free(reply->body);
	*reply = (struct cli_reply){0};
}

static bool reply_append(struct cli_reply *reply, const char *bytes, size_t len)
{
	char *body = realloc(reply->body, reply->len + len + 1);

	if (!body)
		return false;
	memcpy(body + reply->len, bytes, len);
	reply->body = body;
	reply->len += len;
	body[reply->len] = '\0';
	return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;
	long status = 0;

	transfer->any = true;
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (!transfer->cb || status != 200)
		return reply_append(transfer->reply, bytes, len) ? len : 0;
	if (transfer->cb(bytes, len, transfer->arg))
		return len;
	transfer->stopped = true;
	return 0;
}

static void explain(struct cli *cli, CURLcode code, const char *why)
{
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		cli_fail(cli, CLI_UNREACHABLE, "%s is not a URL like http://127.0.0.1:8080",
			 cli->url);
	else
		cli_fail(cli, CLI_UNREACHABLE,
			 "no gateway answers at %s (%s)\n"
			 "Is sluice-control running there? Check control.listen in its "
			 "configuration, and --url or SLUICE_URL here.",
			 cli->url, why[0] ? why : curl_easy_strerror(code));
}

static void options_set(CURL *curl, const struct cli *cli, struct transfer *transfer, char *why)
{
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sluicectl/" SLUICE_VERSION);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	if (transfer->cb || transfer->request->read) {
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)IDLE_TIMEOUT_S);
	} else {
		unsigned int timeout_s = cli->timeout_s ? cli->timeout_s : CLI_TIMEOUT_S;

		curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)timeout_s + EXTRA_TIMEOUT_S);
	}
}

static size_t on_more(char *buf, size_t size, size_t count, void *arg)
{
	const struct cli_request *request = arg;

	return request->read(buf, size * count, request->read_arg);
}

static struct curl_slist *body_set(CURL *curl, const struct cli_request *request)
{
	struct curl_slist *headers = NULL;
	char type[128];

	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	if (!request->body && !request->read)
		return NULL;
	snprintf(type, sizeof(type), "Content-Type: %s", request->content_type);
	headers = curl_slist_append(NULL, type);
	headers = curl_slist_append(headers, "Expect:"); // no round trip more
	if (request->read && request->size < 0)
		headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (request->read) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_more);
		curl_easy_setopt(curl, CURLOPT_READDATA, request);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->size);
		return headers;
	}
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	return headers;
}

static int perform(struct cli *cli, const struct cli_request *request, struct transfer *transfer)
{
	char *url = NULL, why[CURL_ERROR_SIZE] = "";
	size_t base = strlen(cli->url);
	struct curl_slist *headers;
	CURLcode code;

	while (base > 0 && cli->url[base - 1] == '/')
		base--;
	if (asprintf(&url, "%.*s%s", (int)base, cli->url, request->target) < 0)
		abort();
	transfer->curl = curl_easy_init();
	if (!transfer->curl)
		abort();
	transfer->request = request;
	options_set(transfer->curl, cli, transfer, why);
	headers = body_set(transfer->curl, request);
	curl_easy_setopt(transfer->curl, CURLOPT_URL, url);
	code = curl_easy_perform(transfer->curl);
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &transfer->reply->status);
	curl_easy_cleanup(transfer->curl);
	curl_slist_free_all(headers);
	free(url);
	if (code == CURLE_OK || transfer->stopped)
		return CLI_OK;
	if (!transfer->any || !transfer->cb)
		explain(cli, code, why);
	return CLI_UNREACHABLE;
}

int cli_http(struct cli *cli, const struct cli_request *request, struct cli_reply *reply)
{
	struct transfer transfer = {.reply = reply};
	int status;

	*reply = (struct cli_reply){0};
	status = perform(cli, request, &transfer);
	if (!reply->body && !reply_append(reply, "", 0))
		abort();
	return status;
}

void cli_http_wait(unsigned int seconds)
{
	sleep(seconds);
}

int cli_http_stream(struct cli *cli, const char *target, cli_http_cb_t cb, void *arg,
		    struct cli_reply *reply)
{
	struct cli_request request = {.method = "GET", .target = target};
	struct transfer transfer = {.reply = reply, .cb = cb, .arg = arg};
	int status;

	*reply = (struct cli_reply){0};
	status = perform(cli, &request, &transfer);
	if (!reply->body && !reply_append(reply, "", 0))
		abort();
	return status == CLI_OK && reply->status != 200 ? CLI_REFUSED : status;
}
