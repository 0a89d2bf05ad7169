// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/swarm/load/dtls/shake.h"

#include <string.h>

#include "dataplane/dtls/content.h"
#include "dataplane/dtls/record.h"
#include "lwm2m/bytes.h"

enum message {
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	HELLO_VERIFY_REQUEST = 3,
	SERVER_KEY_EXCHANGE = 12,
	SERVER_HELLO_DONE = 14,
	CLIENT_KEY_EXCHANGE = 16,
	FINISHED = DTLS_MESSAGE_FINISHED,
};

#define PSK_AES_128_CCM_8 0xc0a8
#define NO_RENEGOTIATION  0x00ff // RFC 5746 section 3.3
#define EXT_CID           54

#define RECORD_HEAD 13
#define EPOCH_1     (1ull << DTLS_SEQ_BITS)

// message_seq of ours
enum { SEQ_HELLO, SEQ_COOKIE, SEQ_KEY_EXCHANGE, SEQ_FINISHED };

struct out {
	uint8_t *at;
};

static void put(struct out *o, const void *data, size_t len)
{
	memcpy(o->at, data, len);
	o->at += len;
}

static void put_uint(struct out *o, uint64_t value, unsigned len)
{
	for (unsigned i = len; i-- > 0;)
		*o->at++ = (uint8_t)(value >> (8 * i));
}

void shake_facts_init(struct shake_facts *facts, const uint8_t *psk, size_t psk_len, bool with_cid)
{
	uint8_t premaster[4 + 2 * SHAKE_PSK_MAX] = {0};
	struct out o = {premaster};

	// RFC 4279 section 2: so many zeros, and the key.
	put_uint(&o, psk_len, 2);
	o.at += psk_len;
	put_uint(&o, psk_len, 2);
	put(&o, psk, psk_len);
	dtls_hmac_init(&facts->premaster, premaster, (size_t)(o.at - premaster));
	facts->with_cid = with_cid;
}

void shake_begin(struct shake *shake, const struct shake_facts *facts, struct dtls_session *session,
		 const char *identity, const uint64_t random[static 4])
{
	memset(shake, 0, sizeof(*shake));
	shake->facts = facts;
	shake->session = session;
	memcpy(shake->random, random, sizeof(shake->random));
	shake->identity_len = (uint8_t)strnlen(identity, SHAKE_IDENTITY_MAX);
	memcpy(shake->identity, identity, shake->identity_len);
	wc_InitSha256(&shake->hash);
}

// A handshake message in a record in the clear; its body begins where o is then.
static uint8_t *begin_record(struct shake *shake, struct out *o, uint8_t type, size_t len)
{
	put_uint(o, type, 1);
	put_uint(o, 0xfefd, 2);
	put_uint(o, shake->plain_next++, 8);
	put_uint(o, len, 2);
	return o->at;
}

static void begin_message(struct out *o, enum message type, uint16_t seq, size_t len)
{
	put_uint(o, type, 1);
	put_uint(o, len, 3);
	put_uint(o, seq, 2);
	put_uint(o, 0, 3);
	put_uint(o, len, 3);
}

static void put_hello(struct shake *shake, struct out *o)
{
	size_t exts = shake->facts->with_cid ? 2 + 5 : 0;
	size_t len = 2 + 32 + 1 + 1 + shake->cookie_len + 2 + 4 + 2 + exts;
	uint8_t *message = begin_record(shake, o, DTLS_CONTENT_HANDSHAKE, DTLS_MESSAGE_HEAD + len);

	begin_message(o, CLIENT_HELLO, shake->state == SHAKE_HELLO ? SEQ_HELLO : SEQ_COOKIE, len);
	put_uint(o, 0xfefd, 2);
	put(o, shake->random, sizeof(shake->random));
	put_uint(o, 0, 1);
	put_uint(o, shake->cookie_len, 1);
	put(o, shake->cookie, shake->cookie_len);
	put_uint(o, 4, 2);
	put_uint(o, PSK_AES_128_CCM_8, 2);
	put_uint(o, NO_RENEGOTIATION, 2);
	put_uint(o, 0x0100, 2); // no compression
	if (exts > 0) {
		put_uint(o, exts - 2, 2);
		put_uint(o, EXT_CID, 2);
		put_uint(o, 1, 2);
		put_uint(o, 0, 1); // records to devices carry none
	}
	// RFC 6347 section 4.2.1: what comes before the cookie is not part of the handshake.
	if (shake->state == SHAKE_COOKIE) {
		wc_InitSha256(&shake->hash);
		wc_Sha256Update(&shake->hash, message, (uint32_t)(o->at - message));
	}
}

static uint8_t *put_key_exchange(struct shake *shake, struct out *o)
{
	size_t len = 2u + shake->identity_len;
	uint8_t *message = begin_record(shake, o, DTLS_CONTENT_HANDSHAKE, DTLS_MESSAGE_HEAD + len);

	begin_message(o, CLIENT_KEY_EXCHANGE, SEQ_KEY_EXCHANGE, len);
	put_uint(o, shake->identity_len, 2);
	put(o, shake->identity, shake->identity_len);
	return message;
}

static void put_finished(const struct shake *shake, struct out *o)
{
	begin_message(o, FINISHED, SEQ_FINISHED, DTLS_VERIFY_LEN);
	put(o, shake->own_verify, DTLS_VERIFY_LEN);
}

size_t shake_flight(struct shake *shake, struct dtls_aead *aead,
		    uint8_t out[static SHAKE_FLIGHT_MAX])
{
	uint8_t buf[DTLS_SEAL_HEAD + DTLS_MESSAGE_HEAD + DTLS_VERIFY_LEN + DTLS_SEAL_TAIL];
	struct out o = {out}, finished = {buf + DTLS_SEAL_HEAD};
	struct dtls_record rec = {
		.session = shake->session, .data = finished.at, .type = DTLS_CONTENT_HANDSHAKE};

	if (shake->state != SHAKE_KEYED) {
		put_hello(shake, &o);
		return (size_t)(o.at - out);
	}
	put_key_exchange(shake, &o);
	begin_record(shake, &o, DTLS_CONTENT_CCS, 1);
	put_uint(&o, 1, 1);
	put_finished(shake, &finished);
	rec.len = (uint16_t)(finished.at - rec.data);
	dtls_seal(aead, &rec, 1);
	if (rec.verdict == DTLS_DATA)
		put(&o, rec.data, rec.len);
	return (size_t)(o.at - out);
}

static void hash_now(const struct shake *shake, uint8_t out[static 32])
{
	wc_Sha256 hash = shake->hash;

	wc_Sha256Final(&hash, out);
}

// RFC 5246 sections 6.3, 7.4.9 and 8.1. False: Connection ID too long.
static bool make_keys(struct shake *shake)
{
	struct dtls_keys keys = {.suite = DTLS_12_AES128_CCM_8, .peer_cid_len = shake->cid_len};
	uint8_t seed[64], master[48], block[40], exchange[RECORD_HEAD + 80], digest[32];
	uint8_t finished[DTLS_MESSAGE_HEAD + DTLS_VERIFY_LEN];
	struct out o = {exchange}, f = {finished};
	struct dtls_hmac prf;

	memcpy(seed, shake->random, 32);
	memcpy(seed + 32, shake->server_random, 32);
	prf_expand(&shake->facts->premaster, "master secret", seed, 64, master, sizeof(master));
	dtls_hmac_init(&prf, master, sizeof(master));
	memcpy(seed, shake->server_random, 32);
	memcpy(seed + 32, shake->random, 32);
	prf_expand(&prf, "key expansion", seed, 64, block, sizeof(block));
	memcpy(keys.write_key, block, 16);
	memcpy(keys.read_key, block + 16, 16);
	memcpy(keys.write_iv, block + 32, 4);
	memcpy(keys.read_iv, block + 36, 4);
	memcpy(keys.peer_cid, shake->cid, shake->cid_len);
	if (dtls_session_init(shake->session, NULL, &keys) < 0)
		return false;
	shake->session->write_next = EPOCH_1;

	put_key_exchange(shake, &o);
	shake->plain_next--; // that was for its bytes only
	wc_Sha256Update(&shake->hash, exchange + RECORD_HEAD,
			(uint32_t)(o.at - exchange) - RECORD_HEAD);
	hash_now(shake, digest);
	prf_expand(&prf, "client finished", digest, 32, shake->own_verify, DTLS_VERIFY_LEN);
	put_finished(shake, &f);
	wc_Sha256Update(&shake->hash, finished, sizeof(finished));
	hash_now(shake, digest);
	prf_expand(&prf, "server finished", digest, 32, shake->peer_verify, DTLS_VERIFY_LEN);
	return true;
}

static enum shake_verdict take_verify_request(struct shake *shake, struct bytes body)
{
	bytes_u16(&body); // version
	uint8_t len = bytes_u8(&body);
	const uint8_t *cookie = bytes_take(&body, len);

	if (shake->state != SHAKE_HELLO)
		return SHAKE_WAIT;
	if (!cookie || len > SHAKE_COOKIE_MAX)
		return SHAKE_FAILED;
	memcpy(shake->cookie, cookie, len);
	shake->cookie_len = len;
	shake->state = SHAKE_COOKIE;
	return SHAKE_FLIGHT;
}

static bool take_extensions(struct shake *shake, struct bytes *body)
{
	struct bytes exts;
	uint16_t len = bytes_u16(body);

	exts = bytes_begin(bytes_take(body, len), len);
	while (!body->bad && bytes_left(&exts) > 0) {
		uint16_t type = bytes_u16(&exts), ext_len = bytes_u16(&exts);
		const uint8_t *ext = bytes_take(&exts, ext_len);

		if (type != EXT_CID || !ext)
			continue;
		if (ext_len < 1 || ext[0] != ext_len - 1 || ext[0] > DTLS_PEER_CID_MAX)
			return false;
		shake->cid_len = ext[0];
		memcpy(shake->cid, ext + 1, ext[0]);
	}
	return !body->bad && !exts.bad;
}

static enum shake_verdict take_server_hello(struct shake *shake, struct bytes body)
{
	bytes_u16(&body); // version
	const uint8_t *random = bytes_take(&body, 32);
	uint8_t id_len = bytes_u8(&body);
	bytes_take(&body, id_len);
	uint16_t suite = bytes_u16(&body);

	bytes_u8(&body); // compression
	if (body.bad || suite != PSK_AES_128_CCM_8)
		return SHAKE_FAILED;
	memcpy(shake->server_random, random, 32);
	if (bytes_left(&body) > 0 && !take_extensions(shake, &body))
		return SHAKE_FAILED;
	return shake->cid_len > 0 || !shake->facts->with_cid ? SHAKE_WAIT : SHAKE_FAILED;
}

// Of the flight that ends with ServerHelloDone. Once it has been answered, it is so again.
static enum shake_verdict take_message(struct shake *shake, const uint8_t *message, size_t len)
{
	struct dtls_message_head head;
	enum shake_verdict verdict = SHAKE_WAIT;

	if (!dtls_message_parse(&head, message, len))
		return SHAKE_FAILED; // fragments: the gateway's are not so long
	if (head.type == HELLO_VERIFY_REQUEST)
		return take_verify_request(shake, bytes_begin(head.body, head.len));
	if (shake->state == SHAKE_KEYED)
		return head.type == SERVER_HELLO_DONE ? SHAKE_FLIGHT : SHAKE_WAIT;
	if (shake->state != SHAKE_COOKIE)
		return SHAKE_WAIT;
	if (head.type == SERVER_HELLO && shake->next_in == 0)
		verdict = take_server_hello(shake, bytes_begin(head.body, head.len));
	else if (head.seq != shake->next_in ||
		 (head.type != SERVER_KEY_EXCHANGE && head.type != SERVER_HELLO_DONE))
		return SHAKE_WAIT; // out of order: it comes again
	shake->next_in = (uint16_t)(head.seq + 1);
	wc_Sha256Update(&shake->hash, message, (uint32_t)len);
	if (head.type != SERVER_HELLO_DONE)
		return verdict;
	shake->state = SHAKE_KEYED;
	return make_keys(shake) ? SHAKE_FLIGHT : SHAKE_FAILED;
}

// A record may have several messages.
static enum shake_verdict take_messages(struct shake *shake, const uint8_t *data, size_t len)
{
	enum shake_verdict verdict = SHAKE_WAIT;

	while (len > 0 && verdict == SHAKE_WAIT) {
		struct bytes in = bytes_begin(data, len);
		size_t whole;

		bytes_u8(&in);
		whole = DTLS_MESSAGE_HEAD + (size_t)bytes_uint(&in, 3);
		if (in.bad || whole > len)
			return SHAKE_FAILED;
		verdict = take_message(shake, data, whole);
		data += whole;
		len -= whole;
	}
	return verdict;
}

static enum shake_verdict take_alert(struct shake *shake, const uint8_t *alert, size_t len)
{
	shake->alert = len == 2 ? alert[1] : 0;
	return SHAKE_FAILED;
}

// Under the new keys: the gateway's Finished, or that it does not like ours.
static enum shake_verdict take_protected(struct shake *shake, struct dtls_aead *aead,
					 struct dtls_record *rec)
{
	struct dtls_message_head head;

	if (shake->state != SHAKE_KEYED)
		return SHAKE_WAIT;
	dtls_open(aead, rec, 1, 0);
	if (rec->verdict == DTLS_FATAL_ALERT || rec->verdict == DTLS_CLOSE_NOTIFY)
		return take_alert(shake, rec->data, rec->len);
	if (rec->verdict != DTLS_FINISHED_AGAIN || !dtls_message_parse(&head, rec->data, rec->len))
		return SHAKE_WAIT;
	return head.len == DTLS_VERIFY_LEN &&
			       memcmp(head.body, shake->peer_verify, DTLS_VERIFY_LEN) == 0
		       ? SHAKE_DONE
		       : SHAKE_FAILED;
}

enum shake_verdict shake_take(struct shake *shake, struct dtls_aead *aead, uint8_t *datagram,
			      size_t len)
{
	enum shake_verdict verdict = SHAKE_WAIT;
	size_t at = 0;

	while (at < len && verdict == SHAKE_WAIT) {
		struct dtls_record rec = {.session = shake->session, .data = datagram + at};
		size_t body;

		if (dtls_head_parse(&rec.head, datagram + at, len - at) != DTLS_DATA)
			return SHAKE_WAIT;
		body = at + rec.head.len;
		if (!dtls_head_is_plain(&rec.head))
			verdict = take_protected(shake, aead, &rec);
		else if (rec.head.type == DTLS_CONTENT_HANDSHAKE)
			verdict = take_messages(shake, datagram + body, rec.head.body);
		else if (rec.head.type == DTLS_CONTENT_ALERT)
			verdict = take_alert(shake, datagram + body, rec.head.body);
		at = body + rec.head.body;
	}
	return verdict;
}
