// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/hello.h"

#include <string.h>

#include "dataplane/dtls/record.h"
#include "lwm2m/bytes.h"
#include "lwm2m/core/utf8.h"

#define NEW_SESSION_TICKET  4
#define CLIENT_KEY_EXCHANGE 16

#define EXT_SERVER_NAME        0
#define EXT_GROUPS             10
#define EXT_ALGORITHMS         13
#define EXT_SERVER_CERT_TYPE   20
#define EXT_SESSION_TICKET     35
#define EXT_PRE_SHARED_KEY     41
#define EXT_SUPPORTED_VERSIONS 43
#define EXT_COOKIE             44
#define EXT_PSK_MODES          45
#define EXT_KEY_SHARE          51

#define VERSION_13_HI 0xfe
#define VERSION_13_LO 0xfc

#define SESSION_ID_MAX 32

#define NAME_TYPE_HOST 0

#define CERT_TYPE_RPK 2

#define PSK_MODE_DHE 1

#define GROUP_SECP256R1 23

// A vector with a length of that many bytes in front; data NULL when it does not fit.
static struct dtls_bytes take_vector(struct bytes *b, size_t length_bytes)
{
	uint32_t len = (uint32_t)bytes_uint(b, length_bytes);

	return (struct dtls_bytes){bytes_take(b, len), len};
}

static struct bytes within(struct dtls_bytes part)
{
	return bytes_begin(part.data, part.data ? part.len : 0);
}

struct record {
	uint8_t type;
	uint16_t epoch;
	struct dtls_bytes body;
};

static bool take_record(struct bytes *b, struct record *record)
{
	record->type = bytes_u8(b);
	bytes_u16(b); // version
	record->epoch = bytes_u16(b);
	bytes_uint(b, 6);
	record->body = take_vector(b, 2);
	return !b->bad;
}

// A handshake message in one piece: its body; data NULL when there is none. Moves past it.
static struct dtls_bytes take_message(struct bytes *b, uint8_t *type)
{
	struct dtls_bytes part;
	uint32_t length, offset;

	*type = bytes_u8(b);
	length = (uint32_t)bytes_uint(b, 3);
	bytes_u16(b); // message_seq
	offset = (uint32_t)bytes_uint(b, 3);
	part = take_vector(b, 3);
	return offset == 0 && part.len == length ? part : (struct dtls_bytes){0};
}

static void read_versions(struct dtls_hello *hello, struct bytes ext)
{
	struct dtls_bytes versions = take_vector(&ext, 1);

	for (uint32_t i = 0; versions.data && i + 1 < versions.len; i += 2)
		if (versions.data[i] == VERSION_13_HI && versions.data[i + 1] == VERSION_13_LO)
			hello->wants_13 = true;
}

// There is one name of each type, and one type.
static void read_name(struct dtls_hello *hello, struct bytes ext)
{
	struct bytes list = within(take_vector(&ext, 2));

	if (bytes_u8(&list) == NAME_TYPE_HOST)
		hello->name = take_vector(&list, 2);
}

bool dtls_identity_is_text(struct dtls_bytes identity)
{
	return utf8_valid(identity.data, identity.len) &&
	       !memchr(identity.data, '\0', identity.len);
}

// Who offers both a ticket and an identity means the first to be taken if it is any good.
static void read_identities(struct dtls_hello *hello, struct bytes ext)
{
	struct bytes list = within(take_vector(&ext, 2));

	while (bytes_left(&list) > 0) {
		struct dtls_bytes one = take_vector(&list, 2);
		struct dtls_bytes *as;

		bytes_u32(&list); // obfuscated_ticket_age
		if (list.bad)
			return;
		as = dtls_identity_is_text(one) ? &hello->identity : &hello->ticket13;
		if (!as->data)
			*as = one;
	}
}

static void read_modes(struct dtls_hello *hello, struct bytes ext)
{
	struct dtls_bytes modes = take_vector(&ext, 1);

	if (modes.data && memchr(modes.data, PSK_MODE_DHE, modes.len))
		hello->psk_dhe = true;
}

static void read_shares(struct dtls_hello *hello, struct bytes ext)
{
	struct bytes list = within(take_vector(&ext, 2));

	while (bytes_left(&list) > 0) {
		uint16_t group = bytes_u16(&list);

		hello->has_share |= take_vector(&list, 2).data && group == GROUP_SECP256R1;
	}
}

static bool read_extensions(struct dtls_hello *hello, struct bytes exts)
{
	while (bytes_left(&exts) > 0) {
		uint16_t type = bytes_u16(&exts);
		struct bytes ext = within(take_vector(&exts, 2)), list;

		switch (type) {
		case EXT_SUPPORTED_VERSIONS:
			read_versions(hello, ext);
			break;
		case EXT_SERVER_NAME:
			read_name(hello, ext);
			break;
		case EXT_SERVER_CERT_TYPE: // in the client's order
			list = within(take_vector(&ext, 1));
			hello->wants_rpk = bytes_u8(&list) == CERT_TYPE_RPK;
			break;
		case EXT_COOKIE:
			hello->cookie13 = take_vector(&ext, 2);
			break;
		case EXT_PRE_SHARED_KEY:
			read_identities(hello, ext);
			break;
		case EXT_GROUPS:
			hello->has_groups = true;
			break;
		case EXT_ALGORITHMS:
			hello->has_algorithms = true;
			break;
		case EXT_KEY_SHARE:
			read_shares(hello, ext);
			break;
		case EXT_PSK_MODES:
			read_modes(hello, ext);
			break;
		case EXT_SESSION_TICKET:
			hello->ticket12 = (struct dtls_bytes){ext.p, (uint32_t)bytes_left(&ext)};
			break;
		default:
			break;
		}
	}
	return !exts.bad;
}

bool dtls_hello_parse(struct dtls_hello *hello, const uint8_t *datagram, size_t len)
{
	struct bytes all = bytes_begin(datagram, len), messages, body;
	struct record record;
	uint8_t type;

	memset(hello, 0, sizeof(*hello));
	hello->record = datagram;
	if (!take_record(&all, &record) || record.type != DTLS_CONTENT_HANDSHAKE ||
	    record.epoch != 0)
		return false;
	messages = within(record.body);
	body = within(take_message(&messages, &type));
	if (type != DTLS_CLIENT_HELLO)
		return false;
	hello->version = bytes_take(&body, 2);
	hello->random = bytes_take(&body, DTLS_RANDOM_LEN);
	hello->session_id = take_vector(&body, 1);
	hello->cookie = take_vector(&body, 1);
	hello->suites = take_vector(&body, 2);
	hello->compressions = take_vector(&body, 1);
	if (body.bad || hello->session_id.len > SESSION_ID_MAX || hello->suites.len % 2 != 0)
		return false;
	if (bytes_left(&body) == 0) // no extensions (RFC 5246 section 7.4.1.2)
		return true;
	return read_extensions(hello, within(take_vector(&body, 2))) && !body.bad &&
	       bytes_left(&body) == 0;
}

bool dtls_hello_offers(const struct dtls_hello *hello, uint16_t suite)
{
	for (uint32_t i = 0; i + 1 < hello->suites.len; i += 2)
		if ((hello->suites.data[i] << 8 | hello->suites.data[i + 1]) == suite)
			return true;
	return false;
}

bool dtls_hello_psk_12(const struct dtls_hello *hello)
{
	static const uint16_t suites[] = {0xc0a8, 0xc0a4, 0x00a8};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]) && !hello->wants_13; i++)
		if (dtls_hello_offers(hello, suites[i]))
			return true;
	return false;
}

static void scan_messages(struct dtls_flight *flight, struct bytes messages)
{
	while (bytes_left(&messages) > 0) {
		uint8_t type;
		struct dtls_bytes body = take_message(&messages, &type);

		if (body.data && type == CLIENT_KEY_EXCHANGE)
			flight->client_key = body;
	}
}

void dtls_flight_scan(struct dtls_flight *flight, const uint8_t *datagram, size_t len)
{
	struct bytes all = bytes_begin(datagram, len);
	struct record record;

	memset(flight, 0, sizeof(*flight));
	while (bytes_left(&all) > 0) {
		if (all.p[0] == DTLS_CONTENT_CID || all.p[0] >> 5 == 1) {
			flight->encrypted = true; // nothing in the clear follows those
			return;
		}
		if (!take_record(&all, &record))
			return;
		if (record.epoch != 0)
			flight->encrypted = true;
		else if (record.type == DTLS_CONTENT_CCS)
			flight->change_cipher = true;
		else if (record.type == DTLS_CONTENT_HANDSHAKE)
			scan_messages(flight, within(record.body));
	}
}

struct dtls_bytes dtls_client_key_identity(struct dtls_bytes client_key)
{
	struct bytes b = within(client_key);

	return take_vector(&b, 2);
}

struct dtls_bytes dtls_ticket_record(const uint8_t *datagram, size_t len)
{
	struct bytes all = bytes_begin(datagram, len);

	while (bytes_left(&all) > 0) {
		const uint8_t *start = all.p;
		struct record record;
		struct bytes messages;
		uint8_t type;

		if (!take_record(&all, &record) || record.epoch != 0)
			break;
		messages = within(record.body);
		if (record.type == DTLS_CONTENT_HANDSHAKE && take_message(&messages, &type).data &&
		    type == NEW_SESSION_TICKET)
			return (struct dtls_bytes){start, (uint32_t)(all.p - start)};
	}
	return (struct dtls_bytes){0};
}
