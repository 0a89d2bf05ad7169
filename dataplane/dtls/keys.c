// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <string.h>

#include "dataplane/dtls/content.h"
#include "dataplane/dtls/suite.h"
#include "lwm2m/bytes.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/hmac.h>
#include <wolfssl/wolfcrypt/kdf.h>

// HKDF-Expand-Label without a context, the labels prefixed as RFC 9147 section 5.9 says.
static int expand(uint8_t *out, uint32_t len, const uint8_t *secret, const char *label)
{
	static const uint8_t prefix[6] = "dtls13";

	return wc_Tls13_HKDF_Expand_Label(out, len, secret, DTLS_SECRET_LEN, prefix, sizeof(prefix),
					  (const uint8_t *)label, (uint32_t)strlen(label), NULL, 0,
					  WC_SHA256) == 0
		       ? 0
		       : -EIO;
}

static int expand_all(const uint8_t *secret, uint8_t *key, uint8_t *iv)
{
	if (expand(key, 16, secret, "key") != 0 || expand(key + 16, 16, secret, "sn") != 0)
		return -EIO;
	return expand(iv, DTLS_IV_MAX, secret, "iv");
}

int dtls_keys_13(struct dtls_keys *keys)
{
	if (expand_all(keys->read_secret, keys->read_key, keys->read_iv) != 0)
		return -EIO;
	return expand_all(keys->write_secret, keys->write_key, keys->write_iv);
}

int dtls_keys_next(uint8_t secret[static DTLS_SECRET_LEN], uint8_t key[static DTLS_KEY_MAX],
		   uint8_t iv[static DTLS_IV_MAX])
{
	uint8_t next[DTLS_SECRET_LEN];

	if (expand(next, sizeof(next), secret, "traffic upd") != 0)
		return -EIO;
	memcpy(secret, next, sizeof(next));
	explicit_bzero(next, sizeof(next));
	return expand_all(secret, key, iv);
}

// The longest record of a Finished: header, Connection ID, explicit nonce, message, type, tag.
#define FINISHED_MAX (13 + DTLS_PEER_CID_MAX + 8 + DTLS_MESSAGE_HEAD + DTLS_VERIFY_LEN + 1 + 16)

// A record as we write them: its Connection ID is the peer's.
struct own_record {
	uint8_t type;
	uint64_t number;
	const uint8_t *body;
	uint16_t len;
};

static bool next_own(struct bytes *in, const struct dtls_keys *keys, struct own_record *record)
{
	record->type = bytes_u8(in);
	bytes_u16(in);
	record->number = bytes_uint(in, 8);
	bytes_take(in, record->type == DTLS_CONTENT_CID ? keys->peer_cid_len : 0);
	record->len = bytes_u16(in);
	record->body = bytes_take(in, record->len);
	return !in->bad;
}

// Opens it with the key that it was sealed with; out has room for FINISHED_MAX bytes. Its plaintext
// or NULL.
static const uint8_t *open_own(struct dtls_aead *aead, const struct dtls_keys *keys,
			       const struct own_record *record, uint8_t *out, uint16_t *len)
{
	const struct dtls_suite_facts *suite = &dtls_suites[keys->suite];
	uint16_t overhead = suite->explicit_len + suite->tag_len;
	struct dtls_aead_job job = {
		.key = keys->write_key, .cipher = suite->cipher, .data = out + suite->explicit_len};

	if (record->len < overhead || record->len > FINISHED_MAX)
		return NULL;
	memcpy(out, record->body, record->len);
	job.len = record->len - overhead;
	job.tag = job.data + job.len;
	dtls_nonce_12(job.nonce, keys->write_iv, out);
	job.aad_len = record->type == DTLS_CONTENT_CID
			      ? dtls_aad_cid(job.aad, record->number, keys->peer_cid,
					     keys->peer_cid_len, job.len)
			      : dtls_aad_12(job.aad, record->number, record->type, job.len);
	aead->ops->open(aead, &job, 1);
	*len = job.len - (record->type == DTLS_CONTENT_CID ? 1 : 0);
	return job.ok ? job.data : NULL;
}

bool dtls_keys_finished(struct dtls_aead *aead, struct dtls_keys *keys, const uint8_t *datagram,
			size_t len)
{
	struct bytes in = bytes_begin(datagram, len);
	struct own_record record;
	struct dtls_message_head head;

	while (bytes_left(&in) > 0 && next_own(&in, keys, &record)) {
		uint8_t buf[FINISHED_MAX];
		const uint8_t *plain;
		uint16_t plain_len;

		if (DTLS_EPOCH(record.number) != 1)
			continue;
		plain = open_own(aead, keys, &record, buf, &plain_len);
		if (!plain || !dtls_message_parse(&head, plain, plain_len) ||
		    head.type != DTLS_MESSAGE_FINISHED || head.len != DTLS_VERIFY_LEN)
			continue;
		memcpy(keys->verify_data, head.body, DTLS_VERIFY_LEN);
		keys->finished_seq = head.seq;
		keys->last_flight = true;
		return true;
	}
	return false;
}
