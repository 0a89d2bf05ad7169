// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Session tickets (RFC 5077, RFC 8446 section 4.6.1): what a device brings back to resume a session
// is all that is known of it. wolfSSL puts secret and cipher suite into them; sealed with that is
// what has to be known before wolfSSL is asked: whose credential it was, and how long it is good.
// A ticket is bound to the name that the device asked for (SNI), and one that a certificate led to,
// to the authorities that it was judged by. Keys are control's (BRIDGE_TICKET_KEYS). Nothing is
// allocated; pure but for wolfCrypt.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/dtls/hello.h"

// As wolfSSL writes it: name of the key, IV, length, sealed text, tag.
#define DTLS_TICKET_NAME   16u
#define DTLS_TICKET_IV     16u
#define DTLS_TICKET_MAC    32u
#define DTLS_TICKET_NONCE  12u // of the IV
#define DTLS_TICKET_FACTS  32u // bytes of our own, behind wolfSSL's
#define DTLS_TICKET_TEXT   256u
#define DTLS_TICKET_DIGEST 32u

struct dtls_ticket_keys {
	bool known;
	uint64_t period;
	uint8_t now[BRIDGE_TICKET_KEY_LEN];
	uint8_t before[BRIDGE_TICKET_KEY_LEN];
};

struct dtls_ticket {
	uint64_t credential; // control's number of it
	uint64_t born_s;     // when hands were shaken in full, since 1970
	uint64_t until_s;    // when the device's certificate ends; UINT32_MAX: it has none
	uint16_t suite;      // IANA's number
	uint8_t kind;        // enum bridge_credential_kind
};

struct dtls_ticket_binding {
	uint8_t name[DTLS_TICKET_DIGEST]; // dtls_ticket_name
	const uint8_t *trust;             // DTLS_TICKET_DIGEST bytes: of the authorities
};

// A digest of the name that a ClientHello asks for, whichever case it is written in; data NULL:
// none.
void dtls_ticket_name(struct dtls_bytes name, uint8_t digest[static DTLS_TICKET_DIGEST]);

// Seals *len bytes of wolfSSL's at text, which has room for DTLS_TICKET_FACTS more; *len is then
// that of the sealed text. False: it is too long or wolfCrypt failed.
bool dtls_ticket_seal(const struct dtls_ticket_keys *keys,
		      const struct dtls_ticket_binding *binding, const struct dtls_ticket *ticket,
		      const uint8_t nonce[static DTLS_TICKET_NONCE],
		      uint8_t name[static DTLS_TICKET_NAME], uint8_t iv[static DTLS_TICKET_IV],
		      uint8_t *text, size_t *len, uint8_t mac[static DTLS_TICKET_MAC]);

// Opens it in place, *len is then of what is wolfSSL's. False, text untouched: not sealed under
// these keys, not for that name or those authorities, or changed.
bool dtls_ticket_open(const struct dtls_ticket_keys *keys,
		      const struct dtls_ticket_binding *binding,
		      const uint8_t name[static DTLS_TICKET_NAME],
		      const uint8_t iv[static DTLS_TICKET_IV], uint8_t *text, size_t *len,
		      const uint8_t mac[static DTLS_TICKET_MAC], struct dtls_ticket *ticket);

// As dtls_ticket_open, of a ticket as it stands in a ClientHello, which stays as it is.
bool dtls_ticket_read(const struct dtls_ticket_keys *keys,
		      const struct dtls_ticket_binding *binding, struct dtls_bytes whole,
		      struct dtls_ticket *ticket);
