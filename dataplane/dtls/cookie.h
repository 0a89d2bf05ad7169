// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Proof that a ClientHello's sender receives at its address, before anything is kept for it (RFC
// 6347 section 4.2.1, RFC 9147 section 5.1). The cookies are those that wolfSSL makes and will look
// for, so that it need not exist yet: HelloVerifyRequests and plain HelloRetryRequests are written
// here, and cookies checked here, with nothing allocated. What depends on the secret only is hashed
// once.
//
// Secrets follow from one that all workers have and from the time: a cookie is good for one to two
// periods, wherever it comes to.
#pragma once

#include "dataplane/bridge/peer.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/dtls/hello.h"
#include "dataplane/dtls/hmac.h"

#define DTLS_COOKIE_LEN       DTLS_HMAC_LEN
#define DTLS_COOKIE_PERIOD_US (60ull * 1000000)
#define DTLS_PEER_NAME_LEN    18 // what wolfSSL is told of the peer: address and port
#define DTLS_VERIFY_REQUEST_LEN \
	(DTLS_RECORD_HEADER + DTLS_HANDSHAKE_HEADER + 2 + 1 + DTLS_COOKIE_LEN)

// A HelloRetryRequest that asks for nothing but a cookie: legacy_version, random, session id,
// suite, compression, extensions: supported_versions and a cookie that says what wolfSSL must
// remember.
#define DTLS_COOKIE13_LEN (1 + 32 + 2 + DTLS_COOKIE_LEN)
#define DTLS_RETRY_LEN                                                                          \
	(DTLS_RECORD_HEADER + DTLS_HANDSHAKE_HEADER + 2 + DTLS_RANDOM_LEN + 1 + 2 + 1 + 2 + 6 + \
	 4 + 2 + DTLS_COOKIE13_LEN)

struct dtls_cookie_key {
	uint8_t secret[DTLS_COOKIE_SECRET_LEN];
	struct dtls_hmac hmac;
};

struct dtls_cookies {
	struct dtls_cookie_key now;
	struct dtls_cookie_key before;
	uint8_t root[DTLS_COOKIE_SECRET_LEN];
	uint64_t period;
};

// root: random, the same in all workers.
void dtls_cookies_init(struct dtls_cookies *cookies,
		       const uint8_t root[static DTLS_COOKIE_SECRET_LEN], uint64_t now_us);
// Now and then; true: there is another secret for new cookies.
bool dtls_cookies_turn(struct dtls_cookies *cookies, uint64_t now_us);

void dtls_peer_name(const struct dp_peer *peer, uint8_t name[static DTLS_PEER_NAME_LEN]);

// The secret that the cookie was made with for that peer, which the ClientHello brings back; NULL:
// none of ours. A DTLS 1.2 cookie also covers the ClientHello's own fields.
const uint8_t *dtls_cookie_good(const struct dtls_cookies *cookies, const struct dtls_hello *hello,
				const struct dp_peer *peer);

// DTLS 1.2: the HelloVerifyRequest for it, of DTLS_VERIFY_REQUEST_LEN bytes. out may be where the
// ClientHello lies.
void dtls_cookie_request(const struct dtls_cookies *cookies, const struct dtls_hello *hello,
			 const struct dp_peer *peer, uint8_t out[static DTLS_VERIFY_REQUEST_LEN]);

// DTLS 1.3: the HelloRetryRequest for it that chooses this cipher suite, which goes with SHA-256.
// The ClientHello must have a key share that will do. out may be where it lies.
void dtls_cookie_retry(const struct dtls_cookies *cookies, const struct dtls_hello *hello,
		       const struct dp_peer *peer, uint16_t suite,
		       uint8_t out[static DTLS_RETRY_LEN]);
