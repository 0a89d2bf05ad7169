// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The datagrams that are parsed and written: what a fleet sends most. Several of each kind, with
// tokens, message ids and locations of their own, so that no two in a row are the same.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define MESSAGES_COUNT 64u // a burst, which fits the first-level cache; a power of two
#define MESSAGES_BYTES 512u

struct message {
	uint16_t len;
	uint16_t mid;
	uint8_t token[8];
	char location[16];
	uint8_t bytes[MESSAGES_BYTES];
};

struct messages {
	struct message at[MESSAGES_COUNT];
};

enum message_kind {
	MESSAGE_UPDATE,   // POST /rd/{id}, Confirmable, token of 8 bytes, nothing else
	MESSAGE_REGISTER, // POST /rd, four parameters, nine objects
};

#define MESSAGE_ENDPOINT "urn:imei:490154203237518"
#define MESSAGE_OBJECTS                                                                         \
	"</>;rt=\"oma.lwm2m\";ct=\"60 110 112 11542 11543\",</1>;ver=1.1,</1/0>,</3/0>,</4/0>," \
	"</5/0>,</6/0>,</3303/0>,</3303/1>,</3304/0>"

// Built once; ends the process if the serialiser fails.
const struct messages *messages_of(enum message_kind kind);
