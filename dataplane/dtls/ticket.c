// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/ticket.h"

#include <string.h>

#include "lwm2m/bytes.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/sha256.h>

#define TAG_LEN 16u

// Begins the name of a key: no text does, so that nobody takes a ticket for an identity.
static const uint8_t mark[] = {0xff, 's', 'l', 'u', 'i', 'c', 'e'};

static void put_name(uint8_t name[static DTLS_TICKET_NAME], uint8_t kind, uint64_t period)
{
	memcpy(name, mark, sizeof(mark));
	name[sizeof(mark)] = kind;
	for (unsigned i = 0; i < 8; i++)
		name[8 + i] = (uint8_t)(period >> (56 - 8 * i));
}

// NULL: none of ours.
static const uint8_t *key_of(const struct dtls_ticket_keys *keys,
			     const uint8_t name[static DTLS_TICKET_NAME])
{
	uint8_t ours[DTLS_TICKET_NAME];

	put_name(ours, name[sizeof(mark)], keys->period);
	if (memcmp(name, ours, sizeof(ours)) == 0)
		return keys->now;
	put_name(ours, name[sizeof(mark)], keys->period - 1);
	return memcmp(name, ours, sizeof(ours)) == 0 ? keys->before : NULL;
}

struct bound { // associated data
	uint8_t name[DTLS_TICKET_NAME];
	uint8_t sni[DTLS_TICKET_DIGEST];
	uint8_t trust[DTLS_TICKET_DIGEST];
};

static void bind_to(struct bound *bound, const struct dtls_ticket_binding *binding,
		    const uint8_t name[static DTLS_TICKET_NAME])
{
	memset(bound, 0, sizeof(*bound));
	memcpy(bound->name, name, DTLS_TICKET_NAME);
	memcpy(bound->sni, binding->name, DTLS_TICKET_DIGEST);
	if (name[sizeof(mark)] == BRIDGE_CREDENTIAL_X509)
		memcpy(bound->trust, binding->trust, DTLS_TICKET_DIGEST);
}

static void put_facts(uint8_t at[static DTLS_TICKET_FACTS], const struct dtls_ticket *ticket)
{
	memset(at, 0, DTLS_TICKET_FACTS);
	memcpy(at, &ticket->credential, 8);
	memcpy(at + 8, &ticket->born_s, 8);
	memcpy(at + 16, &ticket->until_s, 8);
	memcpy(at + 24, &ticket->suite, 2);
}

static void get_facts(const uint8_t at[static DTLS_TICKET_FACTS], struct dtls_ticket *ticket)
{
	memset(ticket, 0, sizeof(*ticket));
	memcpy(&ticket->credential, at, 8);
	memcpy(&ticket->born_s, at + 8, 8);
	memcpy(&ticket->until_s, at + 16, 8);
	memcpy(&ticket->suite, at + 24, 2);
}

// out may be in.
static bool run_gcm(bool seal, const uint8_t key[static BRIDGE_TICKET_KEY_LEN],
		    const struct bound *bound, const uint8_t *iv, const uint8_t *in, uint8_t *out,
		    size_t len, uint8_t tag[static TAG_LEN])
{
	Aes aes;
	bool ok = wc_AesInit(&aes, NULL, INVALID_DEVID) == 0 &&
		  wc_AesGcmSetKey(&aes, key, BRIDGE_TICKET_KEY_LEN) == 0;

	if (ok && seal)
		ok = wc_AesGcmEncrypt(&aes, out, in, (word32)len, iv, DTLS_TICKET_NONCE, tag,
				      TAG_LEN, (const byte *)bound, sizeof(*bound)) == 0;
	else if (ok)
		ok = wc_AesGcmDecrypt(&aes, out, in, (word32)len, iv, DTLS_TICKET_NONCE, tag,
				      TAG_LEN, (const byte *)bound, sizeof(*bound)) == 0;
	wc_AesFree(&aes);
	return ok;
}

void dtls_ticket_name(struct dtls_bytes name, uint8_t digest[static DTLS_TICKET_DIGEST])
{
	wc_Sha256 hash;

	wc_InitSha256(&hash);
	for (uint32_t i = 0; i < (name.data ? name.len : 0); i++) {
		uint8_t c = name.data[i];

		c |= c >= 'A' && c <= 'Z' ? 0x20 : 0; // RFC 6066 section 3
		wc_Sha256Update(&hash, &c, 1);
	}
	wc_Sha256Final(&hash, digest);
}

bool dtls_ticket_seal(const struct dtls_ticket_keys *keys,
		      const struct dtls_ticket_binding *binding, const struct dtls_ticket *ticket,
		      const uint8_t nonce[static DTLS_TICKET_NONCE],
		      uint8_t name[static DTLS_TICKET_NAME], uint8_t iv[static DTLS_TICKET_IV],
		      uint8_t *text, size_t *len, uint8_t mac[static DTLS_TICKET_MAC])
{
	struct bound bound;

	if (!keys->known || *len + DTLS_TICKET_FACTS > DTLS_TICKET_TEXT)
		return false;
	put_name(name, ticket->kind, keys->period);
	memset(iv, 0, DTLS_TICKET_IV);
	memcpy(iv, nonce, DTLS_TICKET_NONCE);
	memset(mac, 0, DTLS_TICKET_MAC);
	put_facts(text + *len, ticket);
	*len += DTLS_TICKET_FACTS;
	bind_to(&bound, binding, name);
	return run_gcm(true, keys->now, &bound, iv, text, text, *len, mac);
}

// What is not sealed, all must be as we write it.
static bool all_zero(const uint8_t *bytes, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= bytes[i];
	return any == 0;
}

bool dtls_ticket_open(const struct dtls_ticket_keys *keys,
		      const struct dtls_ticket_binding *binding,
		      const uint8_t name[static DTLS_TICKET_NAME],
		      const uint8_t iv[static DTLS_TICKET_IV], uint8_t *text, size_t *len,
		      const uint8_t mac[static DTLS_TICKET_MAC], struct dtls_ticket *ticket)
{
	const uint8_t *key = keys->known ? key_of(keys, name) : NULL;
	uint8_t opened[DTLS_TICKET_TEXT], tag[TAG_LEN];
	struct bound bound;

	if (!key || *len < DTLS_TICKET_FACTS || *len > sizeof(opened) ||
	    !all_zero(iv + DTLS_TICKET_NONCE, DTLS_TICKET_IV - DTLS_TICKET_NONCE) ||
	    !all_zero(mac + TAG_LEN, DTLS_TICKET_MAC - TAG_LEN))
		return false;
	memcpy(tag, mac, TAG_LEN);
	bind_to(&bound, binding, name);
	if (!run_gcm(false, key, &bound, iv, text, opened, *len, tag))
		return false;
	*len -= DTLS_TICKET_FACTS;
	get_facts(opened + *len, ticket);
	ticket->kind = name[sizeof(mark)];
	memcpy(text, opened, *len + DTLS_TICKET_FACTS);
	explicit_bzero(opened, sizeof(opened));
	return true;
}

bool dtls_ticket_read(const struct dtls_ticket_keys *keys,
		      const struct dtls_ticket_binding *binding, struct dtls_bytes whole,
		      struct dtls_ticket *ticket)
{
	struct bytes in = bytes_begin(whole.data, whole.data ? whole.len : 0);
	const uint8_t *name = bytes_take(&in, DTLS_TICKET_NAME);
	const uint8_t *iv = bytes_take(&in, DTLS_TICKET_IV);
	size_t len = bytes_u16(&in);
	const uint8_t *sealed = bytes_take(&in, len);
	const uint8_t *mac = bytes_take(&in, DTLS_TICKET_MAC);
	uint8_t text[DTLS_TICKET_TEXT];
	bool ok;

	if (in.bad || bytes_left(&in) > 0 || len > sizeof(text))
		return false;
	memcpy(text, sealed, len);
	ok = dtls_ticket_open(keys, binding, name, iv, text, &len, mac, ticket);
	explicit_bzero(text, sizeof(text));
	return ok;
}
