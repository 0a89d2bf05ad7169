// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A device by DTLS, a gateway that dies or stops under it, and the control that kept its session.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/export.h"
#include "dataplane/dtls/state.h"
#include "tests/unit/support/device.h"
#include "tests/unit/support/dtls_client.h"

#define COUNT(counter) GATEWAY_COUNT(&gw, counter)
#define CREDENTIAL     11

static const struct dtls_known known[] = {
	{BRIDGE_CREDENTIAL_PSK, "one", 3, "key of device one", "dev-1", CREDENTIAL},
	{0},
};

static struct gateway gw;
static struct dtls_client c;
static struct gateway_event ev;
static uint64_t location;

static inline void open_gateway(void)
{
	gateway_open(&gw, (struct gateway_params){0});
	dtls_gateway(&gw, 100, false);
}

static inline void connect_client(int version, bool cid)
{
	dtls_client_open(&c, &gw,
			 (struct dtls_client_params){
				 .version = version,
				 .suites = version == WOLFSSL_DTLSV1_2
						   ? "PSK-AES128-CCM-8"
						   : "TLS13-AES128-CCM-8-SHA256",
				 .identity = "one",
				 .key = "key of device one",
				 .number = 1,
				 .cid = cid,
			 });
	assert_true(dtls_client_connect(&c));
}

static inline struct datagram ask(struct datagram d)
{
	dtls_client_send(&c, &d);
	return dtls_client_take(&c);
}

static inline void register_client(void)
{
	struct datagram d = device_register(1, 1, "dev-1", 300);

	dtls_client_send(&c, &d);
	gateway_commit_all(&gw);
	d = dtls_client_take(&c);
	assert_int_equal(d.msg.code, COAP_CREATED);
	location = device_location(&d);
}

static inline int set_up(void **state)
{
	open_gateway();
	gateway_ready(&gw);
	dtls_known = known;
	dtls_kept = (struct dtls_kept){0};
	return 0;
}

static inline int tear_down(void **state)
{
	gateway_close(&gw);
	return 0;
}

// As control would, with what it has.
static inline void give_back_session(uint32_t skipped)
{
	union {
		struct bridge_dtls_restore cmd;
		uint8_t bytes[sizeof(struct bridge_dtls_restore) + 5];
	} u = {.cmd = {.cid = dtls_kept.cid,
		       .credential = dtls_kept.credential,
		       .skipped = skipped,
		       .endpoint_len = 5}};

	memcpy(u.cmd.session, dtls_kept.session, sizeof(dtls_kept.session));
	memcpy(u.bytes + sizeof(u.cmd), "dev-1", 5);
	gateway_command(&gw, 0, BRIDGE_DTLS_RESTORE, u.bytes + sizeof(struct bridge_record),
			sizeof(u.bytes) - sizeof(struct bridge_record));
}

static inline void give_back_registration(void)
{
	struct bridge_restore cmd = {.location = location,
				     .peer = gateway_device(1),
				     .credential = CREDENTIAL,
				     .lifetime_s = 300,
				     .remaining_s = 300,
				     .version = 11,
				     .binding = 1,
				     .endpoint_len = 5};
	uint8_t bytes[96];
	const size_t at = offsetof(struct bridge_restore, endpoint);

	memcpy(bytes, &cmd, sizeof(cmd));
	memcpy(bytes + at, "dev-1", 5);
	gateway_command(&gw, 0, BRIDGE_RESTORE, bytes + sizeof(struct bridge_record),
			at + 5 - sizeof(struct bridge_record));
}

static inline struct dtls_session *session(void)
{
	return dtls_table_find(&gw.w[0]->dtls->table, dtls_kept.cid);
}

// The next event of that type.
static inline bool next_event(uint16_t type)
{
	gateway_run(&gw);
	while (gateway_event(&gw, 0, &ev))
		if (ev.type == type)
			return true;
	return false;
}
