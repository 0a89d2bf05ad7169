// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Proof that a ClientHello's sender receives at its address, before anything is kept for it (RFC
// 6347 section 4.2.1, RFC 9147 section 5.1). The cookies are those that wolfSSL makes and will look
// for, so that it need not exist yet: HelloVerifyRequests are written here, and cookies checked
// here, with nothing allocated.
#pragma once

#include "dataplane/bridge/peer.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/dtls/hello.h"

#define DTLS_COOKIE_LEN    32
#define DTLS_PEER_NAME_LEN 18 // what wolfSSL is told of the peer: address and port
#define DTLS_VERIFY_REQUEST_LEN \
	(DTLS_RECORD_HEADER + DTLS_HANDSHAKE_HEADER + 2 + 1 + DTLS_COOKIE_LEN)

void dtls_peer_name(const struct dp_peer *peer, uint8_t name[static DTLS_PEER_NAME_LEN]);

// Whether the ClientHello brings back a cookie that was made for that peer. A DTLS 1.2 cookie also
// covers the ClientHello's own fields.
bool dtls_cookie_good(const uint8_t secret[static DTLS_COOKIE_SECRET_LEN],
		      const struct dtls_hello *hello, const struct dp_peer *peer);

// DTLS 1.2: the HelloVerifyRequest for it, of DTLS_VERIFY_REQUEST_LEN bytes.
void dtls_cookie_request(const uint8_t secret[static DTLS_COOKIE_SECRET_LEN],
			 const struct dtls_hello *hello, const struct dp_peer *peer,
			 uint8_t out[static DTLS_VERIFY_REQUEST_LEN]);
