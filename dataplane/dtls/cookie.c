// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/cookie.h"

#include <string.h>

#include "dataplane/dtls/record.h"

#define SERVER_HELLO         2
#define HELLO_VERIFY_REQUEST 3
#define DTLS_12_LO           0xfd
#define DTLS_10_LO           0xff // RFC 6347 section 4.2.1: the version it should have

static void set_secret(struct dtls_cookie_key *key,
		       const uint8_t secret[static DTLS_COOKIE_SECRET_LEN])
{
	memcpy(key->secret, secret, DTLS_COOKIE_SECRET_LEN);
	dtls_hmac_init(&key->hmac, secret, DTLS_COOKIE_SECRET_LEN);
}

// HMAC of the period's number under the root.
static void make_key(struct dtls_cookie_key *key, const struct dtls_cookies *cookies,
		     uint64_t period)
{
	uint8_t secret[DTLS_COOKIE_LEN];
	struct dtls_cookie_key root;

	set_secret(&root, cookies->root);
	wc_Sha256Update(&root.hmac.inner, (const uint8_t *)&period, sizeof(period));
	dtls_hmac_end(&root.hmac, &root.hmac.inner, secret);
	set_secret(key, secret);
	explicit_bzero(&root, sizeof(root));
	explicit_bzero(secret, sizeof(secret));
}

void dtls_cookies_init(struct dtls_cookies *cookies,
		       const uint8_t root[static DTLS_COOKIE_SECRET_LEN], uint64_t now_us)
{
	memcpy(cookies->root, root, DTLS_COOKIE_SECRET_LEN);
	cookies->period = now_us / DTLS_COOKIE_PERIOD_US;
	make_key(&cookies->now, cookies, cookies->period);
	make_key(&cookies->before, cookies, cookies->period - 1);
}

bool dtls_cookies_turn(struct dtls_cookies *cookies, uint64_t now_us)
{
	if (now_us / DTLS_COOKIE_PERIOD_US == cookies->period)
		return false;
	dtls_cookies_init(cookies, cookies->root, now_us);
	return true;
}

static void add(wc_Sha256 *hash, struct dtls_bytes bytes)
{
	if (bytes.len > 0)
		wc_Sha256Update(hash, bytes.data, bytes.len);
}

static void make_12(const struct dtls_cookie_key *key, const struct dtls_hello *hello,
		    const struct dp_peer *peer, uint8_t cookie[static DTLS_COOKIE_LEN])
{
	// The version stands in front of the random number in a ClientHello.
	struct dtls_bytes fixed = {hello->version, 2 + DTLS_RANDOM_LEN};
	uint8_t name[DTLS_PEER_NAME_LEN];
	wc_Sha256 hash = key->hmac.inner;

	dtls_peer_name(peer, name);
	add(&hash, (struct dtls_bytes){name, sizeof(name)});
	add(&hash, fixed);
	add(&hash, hello->session_id);
	add(&hash, hello->suites);
	add(&hash, hello->compressions);
	dtls_hmac_end(&key->hmac, &hash, cookie);
}

// DTLS 1.3: what wolfSSL remembers of the first ClientHello, and the same kind of hash over it.
static void make_13(const struct dtls_cookie_key *key, struct dtls_bytes remembered,
		    const struct dp_peer *peer, uint8_t cookie[static DTLS_COOKIE_LEN])
{
	uint8_t name[DTLS_PEER_NAME_LEN];
	wc_Sha256 hash = key->hmac.inner;

	dtls_peer_name(peer, name);
	add(&hash, remembered);
	add(&hash, (struct dtls_bytes){name, sizeof(name)});
	dtls_hmac_end(&key->hmac, &hash, cookie);
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

static bool made_with(const struct dtls_cookie_key *key, const struct dtls_hello *hello,
		      const struct dp_peer *peer)
{
	uint8_t cookie[DTLS_COOKIE_LEN];

	if (hello->wants_13 && hello->cookie13.data) {
		if (hello->cookie13.len <= DTLS_COOKIE_LEN)
			return false;
		make_13(key,
			(struct dtls_bytes){hello->cookie13.data,
					    hello->cookie13.len - DTLS_COOKIE_LEN},
			peer, cookie);
		return equal(cookie, hello->cookie13.data + hello->cookie13.len - DTLS_COOKIE_LEN);
	}
	if (hello->cookie.len != DTLS_COOKIE_LEN)
		return false;
	make_12(key, hello, peer, cookie);
	return equal(cookie, hello->cookie.data);
}

const uint8_t *dtls_cookie_good(const struct dtls_cookies *cookies, const struct dtls_hello *hello,
				const struct dp_peer *peer)
{
	if (made_with(&cookies->now, hello, peer))
		return cookies->now.secret;
	return made_with(&cookies->before, hello, peer) ? cookies->before.secret : NULL;
}

// Of an answer to it, with nothing kept: its numbers are the ClientHello's own (RFC 6347 section
// 4.2.1), the record's and message_seq.
static uint8_t *put_head(const struct dtls_hello *hello, uint8_t version_lo, uint8_t type,
			 uint8_t body, uint8_t *out)
{
	const uint8_t *request = hello->record;
	uint64_t number;
	uint16_t seq;

	memcpy(&number, request + 3, sizeof(number));
	memcpy(&seq, request + DTLS_RECORD_HEADER + 4, sizeof(seq));
	memset(out, 0, DTLS_RECORD_HEADER + DTLS_HANDSHAKE_HEADER);
	out[0] = DTLS_CONTENT_HANDSHAKE;
	out[1] = 0xfe;
	out[2] = version_lo;
	memcpy(out + 3, &number, sizeof(number));
	out[12] = DTLS_HANDSHAKE_HEADER + body;
	out += DTLS_RECORD_HEADER;
	out[0] = type;
	out[3] = body;
	memcpy(out + 4, &seq, sizeof(seq));
	out[11] = body;
	return out + DTLS_HANDSHAKE_HEADER;
}

void dtls_cookie_request(const struct dtls_cookies *cookies, const struct dtls_hello *hello,
			 const struct dp_peer *peer, uint8_t out[static DTLS_VERIFY_REQUEST_LEN])
{
	uint8_t cookie[DTLS_COOKIE_LEN];

	make_12(&cookies->now, hello, peer, cookie);
	out = put_head(hello, DTLS_10_LO, HELLO_VERIFY_REQUEST, 2 + 1 + DTLS_COOKIE_LEN, out);
	out[0] = 0xfe;
	out[1] = DTLS_10_LO;
	out[2] = DTLS_COOKIE_LEN;
	memcpy(out + 3, cookie, sizeof(cookie));
}

// RFC 8446 section 4.4.1; in DTLS 1.3 of the message without what only DTLS has in its head.
static void hash_hello(const struct dtls_hello *hello, uint8_t hash[static 32])
{
	const uint8_t *message = hello->record + DTLS_RECORD_HEADER;
	uint32_t len = (uint32_t)message[1] << 16 | (uint32_t)message[2] << 8 | message[3];
	wc_Sha256 sha;

	wc_InitSha256(&sha);
	wc_Sha256Update(&sha, message, 4);
	wc_Sha256Update(&sha, message + DTLS_HANDSHAKE_HEADER, len);
	wc_Sha256Final(&sha, hash);
}

void dtls_cookie_retry(const struct dtls_cookies *cookies, const struct dtls_hello *hello,
		       const struct dp_peer *peer, uint16_t suite,
		       uint8_t out[static DTLS_RETRY_LEN])
{
	// RFC 8446 section 4.1.3
	static const uint8_t random[DTLS_RANDOM_LEN] = {
		0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
		0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
		0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
	static const uint8_t versions[] = {0, 43, 0, 2, 0xfe, 0xfc};
	const uint8_t body = DTLS_RETRY_LEN - DTLS_RECORD_HEADER - DTLS_HANDSHAKE_HEADER;
	const uint8_t extensions = sizeof(versions) + 4 + 2 + DTLS_COOKIE13_LEN;
	const uint8_t chosen[] = {(uint8_t)(suite >> 8), (uint8_t)suite};
	uint8_t cookie[DTLS_COOKIE13_LEN] = {32};

	hash_hello(hello, cookie + 1);
	memcpy(cookie + 33, chosen, sizeof(chosen));
	make_13(&cookies->now, (struct dtls_bytes){cookie, 35}, peer, cookie + 35);
	out = put_head(hello, DTLS_12_LO, SERVER_HELLO, body, out);
	memset(out, 0, body);
	out[0] = 0xfe;
	out[1] = DTLS_12_LO;
	memcpy(out + 2, random, sizeof(random));
	memcpy(out + 35, chosen, sizeof(chosen)); // behind no session id
	out[39] = extensions;                     // behind no compression
	memcpy(out + 40, versions, sizeof(versions));
	out[47] = 44; // cookie
	out[49] = 2 + DTLS_COOKIE13_LEN;
	out[51] = DTLS_COOKIE13_LEN;
	memcpy(out + 52, cookie, sizeof(cookie));
}
