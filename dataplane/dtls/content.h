// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What authentic records say that are not application data. Private to dataplane/dtls/.
#pragma once

#include "dataplane/dtls/record.h"

// DTLS 1.2, 1.3: message types of handshakes.
enum dtls_message {
	DTLS_MESSAGE_TICKET = 4,
	DTLS_MESSAGE_FINISHED = 20,
	DTLS_MESSAGE_KEY_UPDATE = 24,
};

#define DTLS_MESSAGE_HEAD 12 // RFC 6347 section 4.2.2: type, length, message_seq, fragment

// A handshake message that is whole in its record.
struct dtls_message_head {
	uint8_t type;
	uint16_t seq;
	uint32_t len;
	const uint8_t *body;
};

// False: cut short, fragmented (none that an established session knows is long) or followed by
// more.
bool dtls_message_parse(struct dtls_message_head *head, const uint8_t *data, size_t len);

// Of an opened record: its verdict, and what that changes in the session.
enum dtls_verdict dtls_content_take(struct dtls_record *rec);

// As dtls_seal, for sessions that are closed.
void dtls_seal_closing(struct dtls_aead *aead, struct dtls_record *records, uint16_t n);
