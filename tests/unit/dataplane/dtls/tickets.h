// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A gateway that gives session tickets, devices that have them, and the test as control. Included
// by what tests resumption.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/state.h"
#include "tests/unit/support/device.h"
#include "tests/unit/support/dtls_client.h"

#define S              1000000ull
#define COUNT(counter) GATEWAY_COUNT(&gw, counter)

static struct gateway gw;

static struct dtls_known known[] = {
	{BRIDGE_CREDENTIAL_X509, NULL, 0, NULL, "dev-3", 33},
	{BRIDGE_CREDENTIAL_RPK, NULL, 0, NULL, "dev-4", 44},
	{BRIDGE_CREDENTIAL_PSK, "one", 3, "key of device one", "dev-1", 11},
	{0},
};

static inline void open_gateway(uint64_t period)
{
	gateway_open(&gw, (struct gateway_params){0});
	dtls_gateway(&gw, 100, true);
	gateway_ready(&gw);
	dtls_gateway_tickets(&gw, period);
	dtls_known = known;
}

static inline int set_up(void **state)
{
	dtls_known_device(&known[0], &known[1]);
	open_gateway(5);
	return 0;
}

static inline int tear_down(void **state)
{
	gateway_close(&gw);
	return 0;
}

enum by { BY_PSK, BY_RPK, BY_X509 };

static inline struct dtls_client_params device(int version, enum by by)
{
	bool is_13 = version == WOLFSSL_DTLSV1_3;
	struct dtls_client_params params = {.version = version, .tickets = true, .number = 1};

	params.suites = is_13 ? "TLS13-AES128-CCM-8-SHA256" : "ECDHE-ECDSA-AES128-CCM-8";
	if (by == BY_PSK) {
		params.identity = "one";
		params.key = "key of device one";
		params.suites = is_13 ? params.suites : "PSK-AES128-CCM-8";
	} else {
		params.certificate = "device";
		params.rpk = by == BY_RPK;
	}
	return params;
}

static inline const char *endpoint_of(enum by by)
{
	return by == BY_PSK ? "dev-1" : by == BY_RPK ? "dev-4" : "dev-3";
}

static inline void registers(struct dtls_client *c, const char *endpoint, uint8_t code)
{
	struct datagram d = device_register(1, 1, endpoint, 300);

	dtls_client_send(c, &d);
	gateway_commit_all(&gw);
	assert_int_equal(dtls_client_take(c).msg.code, code);
}

// A handshake in full; what can be resumed.
static inline WOLFSSL_SESSION *ticket_of(struct dtls_client_params params)
{
	WOLFSSL_SESSION *session;
	struct dtls_client c;

	dtls_client_open(&c, &gw, params);
	assert_true(dtls_client_connect(&c));
	assert_int_equal(wolfSSL_session_reused(c.ssl), 0);
	session = dtls_client_session(&c);
	dtls_client_close(&c);
	return session;
}

static inline void connect_with(struct dtls_client *c, struct dtls_client_params params,
				WOLFSSL_SESSION *session)
{
	params.session = session;
	dtls_client_open(c, &gw, params);
	assert_true(dtls_client_connect(c));
}

static const struct {
	int version;
	enum by by;
} kinds[] = {
	{WOLFSSL_DTLSV1_2, BY_PSK}, {WOLFSSL_DTLSV1_2, BY_RPK}, {WOLFSSL_DTLSV1_2, BY_X509},
	{WOLFSSL_DTLSV1_3, BY_PSK}, {WOLFSSL_DTLSV1_3, BY_RPK}, {WOLFSSL_DTLSV1_3, BY_X509},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static inline void begin_anew(void)
{
	tear_down(NULL);
	open_gateway(5);
}

// Hands are shaken in full, and the device is none the worse for it.
static inline void is_not_resumed(struct dtls_client_params params, enum by by,
				  WOLFSSL_SESSION *session)
{
	struct dtls_client c;

	connect_with(&c, params, session);
	assert_int_equal(COUNT(dtls_handshakes_ticket), 0);
	registers(&c, endpoint_of(by), COAP_CREATED);
	dtls_client_close(&c);
	wolfSSL_SESSION_free(session);
}

// Steps of both sides until control has been asked that often, and not answered.
static inline void until_asked(struct dtls_client *c, unsigned queries)
{
	for (unsigned i = 0; i < 20 && COUNT(dtls_queries) < queries; i++)
		assert_int_equal(dtls_client_step(c), 0);
	assert_int_equal(COUNT(dtls_queries), queries);
}
