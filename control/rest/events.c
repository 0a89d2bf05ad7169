// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/events.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/json/registration_json.h"
#include "control/link/link.h"
#include "control/metrics.h"
#include "control/rest/resources.h"
#include "control/rest/server.h"

struct event_text { // shared by the readers that have not sent it yet
	size_t refs;
	size_t len;
	char text[];
};

struct event_node {
	struct event_node *next;
	struct event_text *text;
};

struct event_reader {
	struct ctl_stream stream;
	struct ctl_events *events;
	struct event_reader *prev, *next;
	struct event_node *first, **last;
	size_t pos;     // in the first text
	size_t backlog; // bytes unread
	bool idle;      // its connection waits for wake
	bool cut;
	bool watching;       // the device's messages
	size_t endpoint_len; // 0: all
	char endpoint[];
};

struct ctl_events {
	struct ctl *ctl;
	struct event_reader *readers;
	uv_timer_t keepalive;
};

static struct event_text *text_new(const char *name, const char *data, size_t data_len)
{
	size_t size = strlen(name) + data_len + sizeof("event: \ndata: \n\n");
	struct event_text *text = malloc(sizeof(*text) + size);

	if (!text)
		return NULL;
	text->refs = 1;
	text->len = (size_t)snprintf(text->text, size, "event: %s\ndata: %.*s\n\n", name,
				     (int)data_len, data);
	return text;
}

static struct event_text *comment_new(void)
{
	struct event_text *text = malloc(sizeof(*text) + sizeof(":\n\n"));

	if (!text)
		return NULL;
	text->refs = 1;
	text->len = (size_t)sprintf(text->text, ":\n\n");
	return text;
}

static void text_put(struct event_text *text)
{
	if (text && --text->refs == 0)
		free(text);
}

static void drop_first(struct event_reader *reader)
{
	struct event_node *node = reader->first;

	reader->first = node->next;
	if (!reader->first)
		reader->last = &reader->first;
	reader->pos = 0;
	text_put(node->text);
	free(node);
}

// A reader that missed something must notice: its stream ends, it may come back and ask for the
// state.
static void cut(struct event_reader *reader)
{
	reader->cut = true;
	ctl_counters.stream_cut++;
	if (reader->stream.cut)
		reader->stream.cut(&reader->stream);
}

static void push(struct event_reader *reader, struct event_text *text)
{
	struct event_node *node;

	if (reader->cut)
		return;
	node = reader->backlog + text->len > CTL_EVENTS_BACKLOG_MAX ? NULL : malloc(sizeof(*node));
	if (!node) {
		cut(reader);
		return;
	}
	*node = (struct event_node){.text = text};
	text->refs++;
	*reader->last = node;
	reader->last = &node->next;
	reader->backlog += text->len;
	if (reader->idle) {
		reader->idle = false;
		reader->stream.wake(&reader->stream);
	}
}

static ssize_t reader_read(struct ctl_stream *stream, char *buf, size_t max)
{
	struct event_reader *reader = (struct event_reader *)stream;
	size_t n = 0;

	if (reader->cut)
		return -1;
	while (reader->first && n < max) {
		const struct event_text *text = reader->first->text;
		size_t part = text->len - reader->pos;

		if (part > max - n)
			part = max - n;
		memcpy(buf + n, text->text + reader->pos, part);
		reader->pos += part;
		n += part;
		if (reader->pos == text->len)
			drop_first(reader);
	}
	reader->backlog -= n;
	reader->idle = n == 0;
	return (ssize_t)n;
}

static void reader_free(struct ctl_stream *stream)
{
	struct event_reader *reader = (struct event_reader *)stream;

	while (reader->first)
		drop_first(reader);
	if (reader->prev)
		reader->prev->next = reader->next;
	else
		reader->events->readers = reader->next;
	if (reader->next)
		reader->next->prev = reader->prev;
	if (reader->watching)
		ctl_link_unwatch(reader->events->ctl->link, reader->endpoint, reader->endpoint_len);
	free(reader);
}

struct ctl_stream *ctl_events_open(struct ctl_events *events, const char *endpoint, size_t len)
{
	struct event_reader *reader = calloc(1, sizeof(*reader) + len);
	struct event_text *hello = comment_new();

	if (!reader || !hello) {
		free(reader);
		free(hello);
		return NULL;
	}
	reader->stream.read = reader_read;
	reader->stream.free = reader_free;
	reader->events = events;
	reader->last = &reader->first;
	if (len > 0)
		memcpy(reader->endpoint, endpoint, len);
	reader->endpoint_len = len;
	reader->next = events->readers;
	if (events->readers)
		events->readers->prev = reader;
	events->readers = reader;
	// Without memory for it there is everything but the messages.
	if (len > 0)
		reader->watching = ctl_link_watch(events->ctl->link, endpoint, len) == 0;
	push(reader, hello); // the headers leave with the first bytes of the body
	text_put(hello);
	return &reader->stream;
}

static const char *const names[] = {
	[CTL_REGISTERED] = "REGISTRATION",
	[CTL_UPDATED] = "UPDATED",
	[CTL_DEREGISTERED] = "DEREGISTRATION",
	[CTL_NOTIFICATION] = "NOTIFICATION",
	[CTL_SEND] = "SEND",
	[CTL_AWAKE] = "AWAKE",
	[CTL_SLEEPING] = "SLEEPING",
	[CTL_RESPONSE] = "REQUEST_RESPONSE",
	[CTL_COAPLOG] = "COAPLOG",
};

static json_t *event_json(const struct ctl_event *event)
{
	const struct ctl_record *record = event->reg->record;
	json_t *registration;

	if (event->type == CTL_AWAKE || event->type == CTL_SLEEPING)
		return json_pack("{s:s%}", "ep", ctl_record_endpoint(record),
				 (size_t)record->endpoint_len);
	// It spoke just now, or it is gone: then nothing can be asked of it, which Leshan calls
	// sleeping.
	registration =
		ctl_registration_json(record, event->reg->seen_ms, event->type == CTL_DEREGISTERED);
	if (event->type != CTL_UPDATED || !registration)
		return registration;
	return json_pack("{s:o, s:o}", "registration", registration, "update",
			 ctl_update_json(record, event->update_params, event->update_links));
}

static struct event_text *event_text(const struct ctl_event *event)
{
	struct event_text *text;
	json_t *json;
	char *data;

	if (event->json)
		return text_new(names[event->type], event->json, event->json_len);
	json = event_json(event);
	data = json ? json_dumps(json, JSON_COMPACT) : NULL;
	text = data ? text_new(names[event->type], data, strlen(data)) : NULL;
	free(data);
	json_decref(json);
	return text;
}

// What a device and the gateway say to each other is for those who look at that device only.
static bool wants(const struct event_reader *reader, const struct ctl_event *event)
{
	const struct ctl_record *record = event->reg->record;

	if (reader->endpoint_len == 0)
		return event->type != CTL_COAPLOG;
	return (reader->endpoint_len == record->endpoint_len &&
		memcmp(reader->endpoint, ctl_record_endpoint(record), record->endpoint_len) == 0);
}

void ctl_events_publish(struct ctl_events *events, const struct ctl_event *event)
{
	struct event_text *text = NULL;

	for (struct event_reader *reader = events->readers; reader; reader = reader->next) {
		if (reader->cut || !wants(reader, event))
			continue;
		if (!text) // made when somebody wants it, and then once for all
			text = event_text(event);
		if (!text) {
			cut(reader);
			continue;
		}
		push(reader, text);
		ctl_counters.stream_events++;
	}
	text_put(text);
}

void ctl_events_keepalive(struct ctl_events *events)
{
	struct event_text *text = comment_new();

	for (struct event_reader *reader = events->readers; text && reader; reader = reader->next)
		push(reader, text);
	text_put(text);
}

static void on_hub(const struct ctl_event *event, void *arg)
{
	const struct ctl *ctl = arg;

	if (ctl->rest)
		ctl_events_publish(ctl->rest->events, event);
}

static void on_timer(uv_timer_t *timer)
{
	ctl_events_keepalive(timer->data);
}

struct ctl_events *ctl_events_new(struct ctl *ctl)
{
	struct ctl_events *events = calloc(1, sizeof(*events));

	if (!events)
		return NULL;
	events->ctl = ctl;
	if (ctl_hub_subscribe(ctl->hub, on_hub, ctl) != 0) {
		free(events);
		return NULL;
	}
	uv_timer_init(ctl->loop, &events->keepalive);
	events->keepalive.data = events;
	uv_timer_start(&events->keepalive, on_timer, CTL_EVENTS_KEEPALIVE_MS,
		       CTL_EVENTS_KEEPALIVE_MS);
	uv_unref((uv_handle_t *)&events->keepalive);
	return events;
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void ctl_events_free(struct ctl_events *events)
{
	uv_close((uv_handle_t *)&events->keepalive, timer_closed);
}

int ctl_event_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_query *ep = ctl_req_query(req, "ep");

	resp->stream = ctl_events_open(req->ctl->rest->events, ep ? ep->value.text : NULL,
				       ep ? ep->value.len : 0);
	if (!resp->stream)
		return -ENOMEM;
	resp->status = 200;
	resp->content_type = "text/event-stream;charset=utf-8";
	return 0;
}
