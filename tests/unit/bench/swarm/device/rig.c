// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/unit/bench/swarm/device/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void on_send(void *arg, const void *datagram, size_t len)
{
	struct rig *rig = arg;
	assert_true(rig->sent_count < RIG_SENT && len <= DEVICE_DATAGRAM_MAX);
	memcpy(rig->sent[rig->sent_count], datagram, len);
	rig->sent_len[rig->sent_count] = len;
	assert_int_equal(coap_msg_parse(&rig->msg, rig->sent[rig->sent_count], len), COAP_OK);
	rig->sent_count++;
}

static void on_event(void *arg, const char *line)
{
	struct rig *rig = arg;
	size_t len = strlen(rig->events);
	snprintf(rig->events + len, sizeof(rig->events) - len, "%s\n", line);
}

int rig_setup_new(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	if (rig == NULL)
		return -1;
	rig->config = device_config_default;
	rig->config.test_object = true;
	rig->config.formats_count = 0;
	for (uint16_t const *f = (uint16_t[]){60, 110, 112, 11542, 11543, 0}; *f != 0; f++)
		rig->config.formats[rig->config.formats_count++] = *f;
	rig->env = (struct device_env){
		.config = &rig->config,
		.counters = &rig->counters,
		.latency = &rig->latency,
		.next_mid = &rig->next_mid,
		.now_us = SECOND,
		.clock_s = 1700000000,
		.send = on_send,
		.event = on_event,
		.arg = rig,
	};
	rig->mid = 1000;
	device_init(&rig->dev, &rig->config, 0, SECOND);
	*state = rig;
	return 0;
}

int rig_setup(void **state)
{
	if (rig_setup_new(state) != 0)
		return -1;
	rig_become_registered(*state);
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;
	device_fini(&rig->dev);
	free(rig);
	return 0;
}

void rig_restart(struct rig *rig)
{
	device_fini(&rig->dev);
	device_init(&rig->dev, &rig->config, 0, rig->env.now_us);
	rig_become_registered(rig);
}

void rig_forget(struct rig *rig)
{
	rig->sent_count = 0;
	rig->events[0] = 0;
}

void rig_wait(struct rig *rig, uint64_t us)
{
	uint64_t until = rig->env.now_us + us;
	while (rig->dev.deadline_us <= until) {
		rig->env.now_us = rig->dev.deadline_us > rig->env.now_us ? rig->dev.deadline_us
									 : rig->env.now_us;
		device_on_time(&rig->dev, &rig->env);
	}
	rig->env.now_us = until;
}

void rig_wait_deadline(struct rig *rig)
{
	assert_true(rig->dev.deadline_us != DEVICE_NEVER);
	if (rig->dev.deadline_us > rig->env.now_us)
		rig->env.now_us = rig->dev.deadline_us;
	device_on_time(&rig->dev, &rig->env);
}

void rig_answer(struct rig *rig, uint8_t code, uint16_t option, const void *value, size_t len)
{
	uint8_t buf[1200], token[8];
	struct coap_writer w;
	memcpy(token, rig->msg.token, rig->msg.token_len);
	coap_write_begin(&w, buf, sizeof(buf), COAP_ACK, code, rig->msg.mid, token,
			 rig->msg.token_len);
	if (option == COAP_OPT_LOCATION_PATH)
		coap_write_opt_str(&w, COAP_OPT_LOCATION_PATH, "rd");
	if (option != 0)
		coap_write_opt(&w, option, value, len);
	device_on_datagram(&rig->dev, &rig->env, buf, coap_write_finish(&w));
}

void rig_become_registered(struct rig *rig)
{
	rig_wait_deadline(rig);
	rig_answer(rig, COAP_CREATED, COAP_OPT_LOCATION_PATH, "abc", 3);
	assert_int_equal(rig->dev.state, DEVICE_REGISTERED);
	rig_forget(rig);
}

void rig_empty(struct rig *rig, uint8_t type, uint16_t mid)
{
	uint8_t buf[4];
	struct coap_writer w;
	coap_write_begin(&w, buf, sizeof(buf), type, COAP_EMPTY, mid, NULL, 0);
	device_on_datagram(&rig->dev, &rig->env, buf, coap_write_finish(&w));
}

static void write_path(struct coap_writer *w, const char *path)
{
	while (*path == '/' && path[1] != 0) {
		size_t len = strcspn(path + 1, "/");
		coap_write_opt(w, COAP_OPT_URI_PATH, path + 1, len);
		path += 1 + len;
	}
}

static void write_query(struct coap_writer *w, const char *query)
{
	while (query != NULL && *query != 0) {
		size_t len = strcspn(query, "&");
		coap_write_opt(w, COAP_OPT_URI_QUERY, query, len);
		query += len + (query[len] != 0);
	}
}

static void write_options(struct coap_writer *w, const struct rig_option *options, uint16_t from,
			  uint16_t to)
{
	for (unsigned i = 0; i < 4; i++) {
		if (options[i].number >= from && options[i].number < to)
			coap_write_opt_uint(w, options[i].number, options[i].value);
	}
}

uint8_t rig_ask(struct rig *rig, const struct rig_request *req)
{
	uint8_t buf[2048];
	struct coap_writer w;
	if (!req->again)
		rig->mid++;
	coap_write_begin(&w, buf, sizeof(buf), req->non ? COAP_NON : COAP_CON, req->code, rig->mid,
			 &req->token, 1);
	write_options(&w, req->options, 1, COAP_OPT_URI_PATH);
	write_path(&w, req->path);
	write_options(&w, req->options, COAP_OPT_URI_PATH, COAP_OPT_URI_QUERY);
	write_query(&w, req->query);
	write_options(&w, req->options, COAP_OPT_URI_QUERY, UINT16_MAX);
	coap_write_payload(&w, req->payload, req->len);
	rig_forget(rig);
	device_on_datagram(&rig->dev, &rig->env, buf, coap_write_finish(&w));
	if (rig->sent_count == 0)
		return 0;
	// The answer is the first; what it set off may follow.
	assert_int_equal(coap_msg_parse(&rig->msg, rig->sent[0], rig->sent_len[0]), COAP_OK);
	return rig->msg.code;
}

uint8_t rig_get(struct rig *rig, const char *path, uint16_t accept)
{
	return rig_ask(rig, &(struct rig_request){.code = COAP_GET,
						  .path = path,
						  .options = {{COAP_OPT_ACCEPT, accept}}});
}

uint8_t rig_put_text(struct rig *rig, const char *path, const char *text)
{
	return rig_ask(rig, &(struct rig_request){.code = COAP_PUT,
						  .path = path,
						  .payload = text,
						  .len = strlen(text),
						  .options = {{COAP_OPT_CONTENT_FORMAT, 0}}});
}

uint32_t rig_option(const struct rig *rig, uint16_t number)
{
	struct coap_opt opt;
	uint32_t value;
	if (!coap_msg_find_opt(&rig->msg, number, &opt) || !coap_opt_uint(&opt, &value))
		return UINT32_MAX;
	return value;
}

bool rig_told(const struct rig *rig, const char *line)
{
	const char *at = strstr(rig->events, line);
	return at != NULL && (at == rig->events || at[-1] == '\n');
}
