// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is looked at in a handshake datagram before anything is kept for its sender: the ClientHello
// (RFC 6347 section 4.2, RFC 9147 section 5), and the identity a pre-shared key goes by, so that
// control can be asked for the key before wolfSSL wants it. Pointers go into the datagram.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTLS_RECORD_HEADER    13
#define DTLS_HANDSHAKE_HEADER 12
#define DTLS_RANDOM_LEN       32
#define DTLS_CLIENT_HELLO     1

struct dtls_bytes {
	const uint8_t *data;
	uint32_t len;
};

struct dtls_hello {
	const uint8_t *record;  // its header
	const uint8_t *version; // legacy_version, two bytes
	const uint8_t *random;
	struct dtls_bytes session_id;
	struct dtls_bytes cookie;
	struct dtls_bytes suites;
	struct dtls_bytes compressions;
	bool wants_13;              // supported_versions has DTLS 1.3
	bool wants_rpk;             // our raw public key rather than our certificate (RFC 7250)
	struct dtls_bytes cookie13; // RFC 8446 section 4.2.2; NULL: none
	struct dtls_bytes name;     // of us, RFC 6066 section 3; NULL: none
	// The first ones of pre_shared_key that are text, as control's are, and that are not: a
	// session ticket, whoever made it. NULL: none.
	struct dtls_bytes identity;
	struct dtls_bytes ticket13;
	struct dtls_bytes ticket12; // RFC 5077; empty: one would be welcome; NULL: none would
	bool psk_dhe;               // DTLS 1.3: a pre-shared key is used along with ECDHE
	bool has_share;             // DTLS 1.3: a key share of secp256r1
	bool has_groups;            // supported_groups is there
	bool has_algorithms;        // and signature_algorithms
};

// The session ticket that it brings; NULL: none. Whether it has use for one.
static inline struct dtls_bytes dtls_hello_ticket(const struct dtls_hello *hello)
{
	if (hello->wants_13)
		return hello->psk_dhe ? hello->ticket13 : (struct dtls_bytes){0};
	return hello->ticket12.len > 0 ? hello->ticket12 : (struct dtls_bytes){0};
}

static inline bool dtls_hello_wants_ticket(const struct dtls_hello *hello)
{
	return hello->wants_13 ? hello->psk_dhe : hello->ticket12.data != NULL;
}

// Whether a pre-shared key's identity is text (RFC 4279 section 5.3), which no ticket is.
bool dtls_identity_is_text(struct dtls_bytes identity);

// True when the datagram begins with a ClientHello in one piece.
bool dtls_hello_parse(struct dtls_hello *hello, const uint8_t *datagram, size_t len);

// Whether the client offers that cipher suite.
bool dtls_hello_offers(const struct dtls_hello *hello, uint16_t suite);

// Whether it leads to DTLS 1.2 and a pre-shared key without ECDHE: our first choice where it is
// offered.
bool dtls_hello_psk_12(const struct dtls_hello *hello);

// What a datagram of a client's last flight has in it (DTLS 1.2).
struct dtls_flight {
	struct dtls_bytes client_key; // body of the ClientKeyExchange; NULL: none, or in fragments
	bool change_cipher;
	bool encrypted; // a record of a later epoch
};

void dtls_flight_scan(struct dtls_flight *flight, const uint8_t *datagram, size_t len);

// The record of a datagram, in the clear, that has a NewSessionTicket (DTLS 1.2) in it; data NULL:
// none has.
struct dtls_bytes dtls_ticket_record(const uint8_t *datagram, size_t len);

// The identity in the ClientKeyExchange of a PSK or ECDHE-PSK suite (RFC 4279 section 2, RFC 5489
// section 2); NULL when malformed.
struct dtls_bytes dtls_client_key_identity(struct dtls_bytes client_key);
