// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A back end that does next to nothing: takes POSTs on loopback, counts how often a text occurs in
// them, and tells when asked (GET). What reaches it and how fast is what a sender can do. With
// --parse it does the least that a real one has to: it reads each body as JSON, and counts the
// events of a type.
#include <jansson.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE_MAX ((size_t)4 << 20)

struct receiver {
	const char *pattern;
	bool parse;
	const char *sample_path;
	_Atomic uint64_t found, requests, bytes;
	char *sample; // the current body, until one in which the text occurs was written
	size_t sample_len;
	bool sampled;
};

struct body {
	size_t matched; // of the pattern, at the end of what has come so far
	uint64_t found_before;
	char *text; // to be parsed
	size_t len, cap;
};

static void count(struct receiver *r, struct body *body, const char *data, size_t len)
{
	size_t pattern_len = strlen(r->pattern);

	for (size_t i = 0; i < len; i++) {
		if (data[i] != r->pattern[body->matched])
			body->matched =
				data[i] == r->pattern[0]; // no pattern of ours repeats itself
		else
			body->matched++;
		if (body->matched == pattern_len) {
			r->found++;
			body->matched = 0;
		}
	}
	r->bytes += len;
}

static bool collect(struct body *body, const char *data, size_t len)
{
	if (body->len + len > body->cap) {
		size_t cap = 2 * (body->len + len);
		char *text = realloc(body->text, cap);

		if (!text)
			return false;
		body->text = text;
		body->cap = cap;
	}
	memcpy(body->text + body->len, data, len);
	body->len += len;
	return true;
}

// False when it is no JSON.
static bool parse(struct receiver *r, const struct body *body)
{
	json_t *events = json_loadb(body->text, body->len, 0, NULL), *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		const char *type = json_string_value(json_object_get(event, "type"));

		r->found += type && strcmp(type, r->pattern) == 0;
	}
	json_decref(events);
	return events != NULL;
}

static void keep(struct receiver *r, const char *data, size_t len)
{
	if (r->sample_len + len <= SAMPLE_MAX)
		memcpy(r->sample + r->sample_len, data, len);
	r->sample_len += len;
}

static void write_sample(struct receiver *r)
{
	FILE *file = r->sample_len <= SAMPLE_MAX ? fopen(r->sample_path, "w") : NULL;

	r->sampled = true;
	if (!file || fwrite(r->sample, 1, r->sample_len, file) != r->sample_len ||
	    fclose(file) != 0)
		perror("sluice-bench-receiver: sample");
}

static enum MHD_Result answer(struct MHD_Connection *http, unsigned int status, const char *text)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result rc = MHD_queue_response(http, status, response);

	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result tell(struct receiver *r, struct MHD_Connection *http)
{
	char text[128];

	snprintf(text, sizeof(text), "{\"found\":%llu,\"requests\":%llu,\"bytes\":%llu}\n",
		 (unsigned long long)r->found, (unsigned long long)r->requests,
		 (unsigned long long)r->bytes);
	return answer(http, MHD_HTTP_OK, text);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *http, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	struct receiver *r = cls;
	struct body *body = *state;

	if (strcmp(method, "GET") == 0)
		return tell(r, http);
	if (!body) {
		*state = body = calloc(1, sizeof(*body));
		if (!body)
			return MHD_NO;
		body->found_before = r->found;
		r->sample_len = 0;
		return MHD_YES;
	}
	if (*len > 0) {
		if (!r->parse)
			count(r, body, data, *len);
		else if (!collect(body, data, *len))
			return MHD_NO;
		if (r->sample && !r->sampled)
			keep(r, data, *len);
		*len = 0;
		return MHD_YES;
	}
	if (r->parse && !parse(r, body))
		return answer(http, MHD_HTTP_BAD_REQUEST, "");
	if (r->sample && !r->sampled && r->found > body->found_before)
		write_sample(r);
	r->requests++;
	return answer(http, MHD_HTTP_OK, "");
}

static void on_completed(void *cls, struct MHD_Connection *http, void **state,
			 enum MHD_RequestTerminationCode why)
{
	struct body *body = *state;

	if (body)
		free(body->text);
	free(body);
	*state = NULL;
}

static void usage(FILE *to)
{
	fputs("usage: sluice-bench-receiver [--parse] PORT [TEXT [FILE]]\n\n"
	      "Takes POSTs on 127.0.0.1:PORT until it is ended. GET / tells how often TEXT "
	      "occurred in\n"
	      "them (default \"specversion\"), as JSON. The first body with TEXT in it\n"
	      "is written to FILE. With --parse bodies are read as JSON arrays of events, and\n"
	      "counted are those whose type is TEXT.\n",
	      to);
}

int main(int argc, char **argv)
{
	struct receiver r = {0};
	struct MHD_Daemon *daemon;
	sigset_t ends;
	int signal;

	r.parse = argc > 1 && strcmp(argv[1], "--parse") == 0;
	argc -= r.parse;
	argv += r.parse;
	r.pattern = argc > 2 ? argv[2] : "\"specversion\"";
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return 0;
	}
	if (argc < 2 || argc > 4 || atoi(argv[1]) <= 0 || r.pattern[0] == '\0') {
		usage(stderr);
		return 2;
	}
	if (argc == 4) {
		r.sample_path = argv[3];
		r.sample = malloc(SAMPLE_MAX);
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)atoi(argv[1]), NULL,
				  NULL, on_request, &r, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
				  NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)256 << 10,
				  MHD_OPTION_END);
	if (!daemon) {
		fprintf(stderr, "sluice-bench-receiver: port %s cannot be had\n", argv[1]);
		return 1;
	}
	sigwait(&ends, &signal);
	MHD_stop_daemon(daemon);
	free(r.sample);
	return 0;
}
