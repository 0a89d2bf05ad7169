// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/hmac.h>

#include "dataplane/dtls/cookie.h"

#include <string.h>

#define HELLO_VERIFY_REQUEST 3
#define DTLS_10_LO           0xff // RFC 6347 section 4.2.1: the version it should have

static void add(Hmac *hmac, struct dtls_bytes bytes)
{
	if (bytes.len > 0)
		wc_HmacUpdate(hmac, bytes.data, bytes.len);
}

static void begin(Hmac *hmac, const uint8_t secret[static DTLS_COOKIE_SECRET_LEN])
{
	wc_HmacInit(hmac, NULL, INVALID_DEVID);
	wc_HmacSetKey(hmac, WC_SHA256, secret, DTLS_COOKIE_SECRET_LEN);
}

static void make_12(const uint8_t secret[static DTLS_COOKIE_SECRET_LEN],
		    const struct dtls_hello *hello, const struct dp_peer *peer,
		    uint8_t cookie[static DTLS_COOKIE_LEN])
{
	uint8_t name[DTLS_PEER_NAME_LEN];
	Hmac hmac;

	dtls_peer_name(peer, name);
	begin(&hmac, secret);
	add(&hmac, (struct dtls_bytes){name, sizeof(name)});
	add(&hmac, (struct dtls_bytes){hello->version, 2});
	add(&hmac, (struct dtls_bytes){hello->random, DTLS_RANDOM_LEN});
	add(&hmac, hello->session_id);
	add(&hmac, hello->suites);
	add(&hmac, hello->compressions);
	wc_HmacFinal(&hmac, cookie);
	wc_HmacFree(&hmac);
}

// DTLS 1.3: what wolfSSL remembers of the first ClientHello, and the same kind of hash over it.
static void make_13(const uint8_t secret[static DTLS_COOKIE_SECRET_LEN],
		    const struct dtls_hello *hello, const struct dp_peer *peer,
		    uint8_t cookie[static DTLS_COOKIE_LEN])
{
	uint8_t name[DTLS_PEER_NAME_LEN];
	Hmac hmac;

	dtls_peer_name(peer, name);
	begin(&hmac, secret);
	add(&hmac,
	    (struct dtls_bytes){hello->cookie13.data, hello->cookie13.len - DTLS_COOKIE_LEN});
	add(&hmac, (struct dtls_bytes){name, sizeof(name)});
	wc_HmacFinal(&hmac, cookie);
	wc_HmacFree(&hmac);
}

void dtls_peer_name(const struct dp_peer *peer, uint8_t name[static DTLS_PEER_NAME_LEN])
{
	memcpy(name, peer->addr, sizeof(peer->addr));
	memcpy(name + sizeof(peer->addr), &peer->udp_port_be16, sizeof(peer->udp_port_be16));
}

static bool equal(const uint8_t *a, const uint8_t *b)
{
	uint8_t differ = 0;

	for (unsigned i = 0; i < DTLS_COOKIE_LEN; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

bool dtls_cookie_good(const uint8_t secret[static DTLS_COOKIE_SECRET_LEN],
		      const struct dtls_hello *hello, const struct dp_peer *peer)
{
	uint8_t cookie[DTLS_COOKIE_LEN];

	if (hello->wants_13 && hello->cookie13.data) {
		if (hello->cookie13.len <= DTLS_COOKIE_LEN)
			return false;
		make_13(secret, hello, peer, cookie);
		return equal(cookie, hello->cookie13.data + hello->cookie13.len - DTLS_COOKIE_LEN);
	}
	if (hello->cookie.len != DTLS_COOKIE_LEN)
		return false;
	make_12(secret, hello, peer, cookie);
	return equal(cookie, hello->cookie.data);
}

void dtls_cookie_request(const uint8_t secret[static DTLS_COOKIE_SECRET_LEN],
			 const struct dtls_hello *hello, const struct dp_peer *peer,
			 uint8_t out[static DTLS_VERIFY_REQUEST_LEN])
{
	const uint8_t body = 2 + 1 + DTLS_COOKIE_LEN;
	const uint8_t *request = hello->record;
	uint8_t *p = out;

	memset(out, 0, DTLS_VERIFY_REQUEST_LEN);
	// The record's number is the ClientHello's own (RFC 6347 section 4.2.1).
	memcpy(p, request, DTLS_RECORD_HEADER);
	p[1] = 0xfe;
	p[2] = DTLS_10_LO;
	p[11] = 0;
	p[12] = DTLS_HANDSHAKE_HEADER + body;
	p += DTLS_RECORD_HEADER;
	p[0] = HELLO_VERIFY_REQUEST;
	p[3] = body;
	p[4] = request[DTLS_RECORD_HEADER + 4]; // message_seq, likewise
	p[5] = request[DTLS_RECORD_HEADER + 5];
	p[11] = body;
	p += DTLS_HANDSHAKE_HEADER;
	p[0] = 0xfe;
	p[1] = DTLS_10_LO;
	p[2] = DTLS_COOKIE_LEN;
	make_12(secret, hello, peer, p + 3);
}
