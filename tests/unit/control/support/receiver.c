// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/unit/control/support/receiver.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct body {
	char *text;
	size_t len;
};

static bool is_text(const json_t *event, const char *name, const char *expected)
{
	const char *value = json_string_value(json_object_get(event, name));

	return value != NULL && (expected == NULL || strcmp(value, expected) == 0);
}

static bool event_take(struct receiver *receiver, const json_t *event)
{
	const json_t *data = json_object_get(event, "data");
	const json_t *registration = json_object_get(data, "registration");
	const char *reason = json_string_value(json_object_get(data, "reason"));
	const char *subject = json_string_value(json_object_get(event, "subject"));
	char told[300];

	if (!is_text(event, "specversion", "1.0") || !is_text(event, "source", "/sluice") ||
	    !is_text(event, "datacontenttype", "application/json") || !is_text(event, "id", NULL) ||
	    !is_text(event, "time", NULL) || !is_text(event, "type", NULL) || subject == NULL ||
	    !is_text(registration, "endpoint", subject) || receiver->count == RECEIVER_EVENTS_MAX)
		return false;
	snprintf(told, sizeof(told), "%s %s%s%s", json_string_value(json_object_get(event, "type")),
		 subject, reason ? " " : "", reason ? reason : "");
	receiver->ids[receiver->count] = strdup(json_string_value(json_object_get(event, "id")));
	receiver->told[receiver->count++] = strdup(told);
	return true;
}

static void batch_take(struct receiver *receiver, struct MHD_Connection *http,
		       const struct body *body)
{
	const char *type = MHD_lookup_connection_value(http, MHD_HEADER_KIND, "Content-Type");
	json_t *batch = json_loadb(body->text != NULL ? body->text : "", body->len, 0, NULL);
	bool ok = type != NULL && strncmp(type, "application/cloudevents-batch+json", 34) == 0 &&
		  json_array_size(batch) > 0;
	size_t i;
	json_t *event;

	json_array_foreach(batch, i, event) ok = ok && event_take(receiver, event);
	if (!ok)
		receiver->malformed++;
	receiver->batches++;
	json_decref(batch);
}

static enum MHD_Result answer(struct MHD_Connection *http, unsigned status)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_queue_response(http, status, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *http, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *data_len, void **con_cls)
{
	struct receiver *receiver = cls;
	struct body *body = *con_cls;
	unsigned status;
	bool hold;

	if (body == NULL) {
		*con_cls = calloc(1, sizeof(*body));
		return *con_cls != NULL ? MHD_YES : MHD_NO;
	}
	if (*data_len > 0) {
		body->text = realloc(body->text, body->len + *data_len);
		memcpy(body->text + body->len, data, *data_len);
		body->len += *data_len;
		*data_len = 0;
		return MHD_YES;
	}
	pthread_mutex_lock(&receiver->lock);
	status = receiver->status;
	hold = receiver->hold;
	receiver->requests++;
	if (!hold && status / 100 == 2)
		batch_take(receiver, http, body);
	if (hold) {
		MHD_suspend_connection(http); // until the receiver stops
		receiver->held = http;
	}
	pthread_mutex_unlock(&receiver->lock);
	if (hold)
		return MHD_YES;
	return answer(http, status);
}

static void on_completed(void *cls, struct MHD_Connection *http, void **con_cls,
			 enum MHD_RequestTerminationCode code)
{
	struct body *body = *con_cls;

	if (body != NULL)
		free(body->text);
	free(body);
}

void receiver_start(struct receiver *receiver, uint16_t port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	if (receiver->status == 0) {
		pthread_mutex_init(&receiver->lock, NULL);
	}
	receiver->status = 200;
	receiver->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL,
		on_request, receiver, MHD_OPTION_SOCK_ADDR, &addr, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (receiver->daemon == NULL) {
		fprintf(stderr, "receiver, cannot listen on port %u\n", port);
		abort();
	}
	receiver->port = MHD_get_daemon_info(receiver->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	snprintf(receiver->url, sizeof(receiver->url), "http://127.0.0.1:%u/events",
		 receiver->port);
}

void receiver_stop(struct receiver *receiver)
{
	if (receiver->daemon == NULL)
		return;
	receiver_set(receiver, 503, false);
	if (receiver->held != NULL)
		MHD_resume_connection(receiver->held);
	receiver->held = NULL;
	MHD_stop_daemon(receiver->daemon);
	receiver->daemon = NULL;
}

void receiver_free(struct receiver *receiver)
{
	if (receiver->status == 0)
		return; // never started
	receiver_stop(receiver);
	for (unsigned i = 0; i < receiver->count; i++) {
		free(receiver->ids[i]);
		free(receiver->told[i]);
	}
	pthread_mutex_destroy(&receiver->lock);
	memset(receiver, 0, sizeof(*receiver));
}

void receiver_set(struct receiver *receiver, unsigned status, bool hold)
{
	pthread_mutex_lock(&receiver->lock);
	receiver->status = status;
	receiver->hold = hold;
	pthread_mutex_unlock(&receiver->lock);
}

unsigned receiver_count(struct receiver *receiver)
{
	unsigned count;

	pthread_mutex_lock(&receiver->lock);
	count = receiver->count;
	pthread_mutex_unlock(&receiver->lock);
	return count;
}

unsigned receiver_requests(struct receiver *receiver)
{
	unsigned requests;

	pthread_mutex_lock(&receiver->lock);
	requests = receiver->requests;
	pthread_mutex_unlock(&receiver->lock);
	return requests;
}
