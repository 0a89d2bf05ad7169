// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/support/device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bridge/location.h"

static void write_parts(struct coap_writer *w, uint16_t number, const char *text, char separator)
{
	while (text) {
		const char *end = strchr(text, separator);

		coap_write_opt(w, number, text, end ? (size_t)(end - text) : strlen(text));
		text = end ? end + 1 : NULL;
	}
}

struct datagram device_message_with(uint32_t number, enum coap_type type, uint8_t code,
				    uint16_t mid, const struct device_extra *extra)
{
	struct datagram d = {.peer = gateway_device(number)};
	uint16_t option = extra->option;
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), type, code, mid, DEVICE_TOKEN,
			 code ? sizeof(DEVICE_TOKEN) - 1 : 0);
	if (option && option < COAP_OPT_URI_PATH)
		coap_write_opt(&w, option, extra->value, extra->value_len);
	write_parts(&w, COAP_OPT_URI_PATH, extra->path, '/');
	if (extra->payload)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
	write_parts(&w, COAP_OPT_URI_QUERY, extra->query, '&');
	if (option >= COAP_OPT_URI_PATH)
		coap_write_opt(&w, option, extra->value, extra->value_len);
	if (extra->payload)
		coap_write_payload(&w, extra->payload, strlen(extra->payload));
	d.len = coap_write_finish(&w);
	assert_true(d.len > 0);
	return d;
}

struct datagram device_message(uint32_t number, enum coap_type type, uint8_t code, uint16_t mid,
			       const char *path, const char *query)
{
	return device_message_with(number, type, code, mid,
				   &(struct device_extra){.path = path, .query = query});
}

struct datagram device_empty(uint32_t number, enum coap_type type, uint16_t mid)
{
	return device_message(number, type, COAP_EMPTY, mid, NULL, NULL);
}

struct datagram device_response(uint32_t number, enum coap_type type, uint8_t code, uint16_t mid,
				const uint8_t *token, size_t token_len, const char *payload)
{
	struct datagram d = {.peer = gateway_device(number)};
	struct coap_writer w;

	coap_write_begin(&w, d.bytes, sizeof(d.bytes), type, code, mid, token, token_len);
	if (payload)
		coap_write_payload(&w, payload, strlen(payload));
	d.len = coap_write_finish(&w);
	return d;
}

struct datagram device_register(uint32_t number, uint16_t mid, const char *endpoint,
				uint32_t lifetime_s)
{
	char query[400];

	snprintf(query, sizeof(query), "ep=%s&lt=%u&lwm2m=1.1&b=U", endpoint, lifetime_s);
	return device_message_with(
		number, COAP_CON, COAP_POST, mid,
		&(struct device_extra){.path = "rd", .query = query, .payload = "</3/0>"});
}

static struct datagram at_location(uint32_t number, uint8_t code, uint16_t mid, uint64_t location,
				   const char *query)
{
	char path[32] = "rd/";

	bridge_location_encode(location, path + 3);
	return device_message(number, COAP_CON, code, mid, path, query);
}

struct datagram device_update(uint32_t number, uint16_t mid, uint64_t location, const char *query)
{
	return at_location(number, COAP_POST, mid, location, query);
}

struct datagram device_deregister(uint32_t number, uint16_t mid, uint64_t location)
{
	return at_location(number, COAP_DELETE, mid, location, NULL);
}

struct datagram device_ask(struct gateway *gw, uint16_t worker, const struct datagram *d)
{
	struct datagram answer = {0}, more;

	gateway_inject(gw, worker, d);
	gateway_run(gw);
	if (!gateway_take(gw, worker, &answer))
		return answer;
	assert_false(gateway_take(gw, worker, &more));
	assert_memory_equal(answer.peer.addr, d->peer.addr, 16);
	return answer;
}

uint64_t device_location(const struct datagram *answer)
{
	struct coap_opt_iter it;
	struct coap_opt opt;
	struct coap_msg msg;
	int part = 0;

	if (coap_msg_parse(&msg, answer->bytes, answer->len) != COAP_OK)
		return 0;
	it = coap_opts_begin(&msg);
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_LOCATION_PATH)
			continue;
		if (part++ == 0)
			assert_memory_equal(opt.value, "rd", 2);
		else
			return bridge_location_decode(opt.value, opt.len);
	}
	return 0;
}

uint64_t device_registered(struct gateway *gw, uint16_t worker, uint32_t number, uint16_t mid,
			   const char *endpoint, uint32_t lifetime_s)
{
	struct datagram d = device_register(number, mid, endpoint, lifetime_s), answer;

	assert_int_equal(device_ask(gw, worker, &d).len, 0);
	assert_true(gateway_commit_all(gw) >= 1);
	assert_true(gateway_take(gw, worker, &answer));
	assert_int_equal(answer.msg.code, COAP_CREATED);
	return device_location(&answer);
}
