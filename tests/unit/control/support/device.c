// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/unit/control/support/device.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwm2m/coap/msg.h"

// A message of its own every time: what is to be a repetition is sent again by the test.
static uint16_t next_mid(void)
{
	static uint16_t mid;

	return ++mid;
}

static uint32_t event_finish(union device_event *to, uint16_t type, uint64_t location,
			     size_t coap_len)
{
	to->ev.record = (struct bridge_record){.type = type};
	to->ev.location = location;
	to->ev.wall_ms = DEVICE_WALL_MS;
	to->ev.peer = (struct dp_peer){.udp_port_be16 = 0x3316};
	memcpy(to->ev.peer.addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc6\x12\0\1", 16);
	to->ev.coap_len = (uint32_t)coap_len;
	to->ev.reserved = 0;
	to->ev.credential = 0;
	return (uint32_t)(sizeof(to->ev) + coap_len);
}

static size_t request(union device_event *to, uint8_t code, const char *query, const char *links)
{
	struct coap_writer w;
	uint16_t format = 40;

	coap_write_begin(&w, to->ev.coap, EVENT_MAX - sizeof(to->ev), COAP_CON, code, next_mid(),
			 NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "rd");
	if (links != NULL)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, format);
	while (query != NULL && *query != '\0') {
		size_t len = strcspn(query, "&");

		coap_write_opt(&w, COAP_OPT_URI_QUERY, query, len);
		query += len + (query[len] == '&');
	}
	if (links != NULL)
		coap_write_payload(&w, links, strlen(links));
	size_t len = coap_write_finish(&w);
	assert(len > 0);
	return len;
}

uint32_t device_register(union device_event *to, uint64_t location, const char *query,
			 const char *links)
{
	return event_finish(to, BRIDGE_EV_REGISTER, location, request(to, COAP_POST, query, links));
}

uint32_t device_update(union device_event *to, uint64_t location, const char *query,
		       const char *links)
{
	return event_finish(to, BRIDGE_EV_UPDATE, location, request(to, COAP_POST, query, links));
}

uint32_t device_deregister(union device_event *to, uint64_t location)
{
	return event_finish(to, BRIDGE_EV_DEREGISTER, location, request(to, COAP_DELETE, "", NULL));
}

uint32_t device_event_hex(union device_event *to, uint64_t location, const char *coap_hex)
{
	size_t len = strlen(coap_hex) / 2;

	for (size_t i = 0; i < len; i++) {
		unsigned byte;
		int n = sscanf(coap_hex + 2 * i, "%2x", &byte);

		assert(n == 1);
		(void)n;
		to->ev.coap[i] = (uint8_t)byte;
	}
	return event_finish(to, BRIDGE_EV_REGISTER, location, len);
}

uint32_t device_notify(union device_event *to, uint64_t location, uint64_t token, uint8_t code,
		       int32_t sequence, int32_t format, const void *payload, size_t len)
{
	uint64_t token_be = __builtin_bswap64(token);
	struct coap_writer w;

	coap_write_begin(&w, to->ev.coap, EVENT_MAX - sizeof(to->ev), COAP_CON, code, next_mid(),
			 &token_be, sizeof(token_be));
	if (sequence >= 0)
		coap_write_opt_uint(&w, COAP_OPT_OBSERVE, (uint32_t)sequence);
	if (format >= 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	coap_write_payload(&w, payload, len);
	return event_finish(to, BRIDGE_EV_NOTIFY, location, coap_write_finish(&w));
}

uint32_t device_send(union device_event *to, int32_t format, const void *payload, size_t len)
{
	struct coap_writer w;

	coap_write_begin(&w, to->ev.coap, EVENT_MAX - sizeof(to->ev), COAP_CON, COAP_POST,
			 next_mid(), NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "dp");
	if (format >= 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	coap_write_payload(&w, payload, len);
	return event_finish(to, BRIDGE_EV_SEND, 0, coap_write_finish(&w));
}

struct ctl_record *device_record(const char *endpoint, uint64_t location)
{
	union device_event event;
	struct ctl_record *record;
	char query[300];
	const char *why;
	uint8_t code;

	snprintf(query, sizeof(query), "ep=%s&lwm2m=1.1&lt=300", endpoint);
	device_register(&event, location, query, "</1/0>,</3/0>");
	record = ctl_record_from_register(&event.ev, &code, &why);
	assert(record != NULL);
	return record;
}
