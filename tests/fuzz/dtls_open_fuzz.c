// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The first byte chooses suite, Connection IDs, and what follows: a datagram as it comes from the
// network, or type and content of a record that the peer seals, so that what stands behind the
// AEAD is reached as well. Whatever is dropped must leave the session as it was; whatever is
// answered, the peer must understand.
#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/record.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/dataplane/dtls/mirror.h"

#include <stdlib.h>
#include <string.h>

#define ROOM     2048
#define SEALED   0x10
#define WITH_CID 0x08
#define UPDATED  0x20 // the peer has announced new keys (DTLS 1.3)

static struct dtls_aead *aead;
static struct dtls_session gateway, device;

static void check_intact(const struct dtls_session *before,
			 const struct dtls_traffic_secrets *secrets)
{
	struct dtls_session now = gateway;

	now.forged = before->forged;
	fuzz_check(memcmp(&now, before, sizeof(now)) == 0 &&
			   memcmp(mirror_secrets(&gateway), secrets, sizeof(*secrets)) == 0,
		   "a dropped record changes nothing");
}

static void answer(const struct dtls_record *taken)
{
	uint8_t out[DTLS_ANSWER_MAX];
	size_t len = dtls_answer(aead, taken, out), at = 0;

	fuzz_check(len > 0 && len <= sizeof(out), "what wants an answer gets one");
	if (!dtls_suite_is_13(gateway.suite) && taken->verdict == DTLS_FINISHED_AGAIN)
		at = 14; // ChangeCipherSpec, in the clear
	while (at < len) {
		struct dtls_record rec = {
			.session = &device, .secrets = mirror_secrets(&device), .data = out + at};

		fuzz_check(dtls_head_parse(&rec.head, out + at, len - at) == DTLS_DATA,
			   "an answer is made of records");
		at += rec.head.len + rec.head.body;
		dtls_open(aead, &rec, 1, 1);
		fuzz_check(rec.verdict < DTLS_FIRST_DROP, "the peer takes an answer");
	}
}

static void open_one(struct dtls_record *rec)
{
	struct dtls_session before = gateway;
	struct dtls_traffic_secrets secrets = *mirror_secrets(&gateway);
	const uint8_t *start = rec->data, *end = start + rec->head.len + rec->head.body;

	dtls_open(aead, rec, 1, before.seen);
	if (rec->verdict >= DTLS_FIRST_DROP && rec->verdict != DTLS_BAD_INNER &&
	    rec->verdict != DTLS_BAD_LENGTH)
		check_intact(&before, &secrets);
	if (rec->verdict < DTLS_FIRST_DROP && rec->verdict != DTLS_FINISHED_AGAIN)
		fuzz_check(rec->data >= start && rec->data + rec->len <= end,
			   "the plaintext lies in the record");
	if (dtls_verdict_answers(rec->verdict))
		answer(rec);
}

static void open_datagram(uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		struct dtls_record rec = {.session = &gateway,
					  .secrets = mirror_secrets(&gateway),
					  .data = data + at};
		size_t len;

		if (dtls_head_parse(&rec.head, data + at, size - at) != DTLS_DATA)
			return;
		len = (size_t)rec.head.len + rec.head.body;
		fuzz_check(len <= size - at, "a record ends within its datagram");
		open_one(&rec);
		at += len;
	}
}

static void open_sealed(uint8_t type, const uint8_t *content, size_t size)
{
	static uint8_t buf[DTLS_SEAL_HEAD + ROOM + DTLS_SEAL_TAIL];
	struct dtls_record rec = {.session = &device,
				  .data = buf + DTLS_SEAL_HEAD,
				  .len = (uint16_t)size,
				  .type = type};

	// In the clear it must be one that DTLS has, and not that of another header.
	if (!dtls_suite_is_13(gateway.suite) && device.peer_cid_len == 0 &&
	    (type < DTLS_CONTENT_CCS || type > DTLS_CONTENT_ACK || type == DTLS_CONTENT_CID))
		return;
	memcpy(rec.data, content, size);
	dtls_seal(aead, &rec, 1);
	fuzz_check(rec.verdict == DTLS_DATA, "what fits is sealed");
	fuzz_check(dtls_head_parse(&rec.head, rec.data, rec.len) == DTLS_DATA &&
			   rec.head.len + rec.head.body == rec.len,
		   "what is sealed is a record");
	rec.session = &gateway;
	rec.secrets = mirror_secrets(&gateway);
	open_one(&rec);
	fuzz_check(rec.verdict != DTLS_BAD_MAC && rec.verdict != DTLS_REPLAY,
		   "what is sealed authenticates");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum dtls_suite suite;
	uint8_t *exact;

	if (size < 2 || size > ROOM)
		return 0;
	if (!aead && !(aead = dtls_aead_new(NULL)))
		abort();
	suite = 1 + (data[0] & 7) % (DTLS_SUITE_COUNT - 1);
	fuzz_check(mirror_make(&gateway, &device, suite, data[0] & WITH_CID) == 0, "keys fit");
	if (data[0] & UPDATED && dtls_suite_is_13(suite))
		gateway.flags |= DTLS_SESSION_F_READ_UPDATE;
	if (data[0] & SEALED) {
		open_sealed(data[1], data + 2, size - 2);
		return 0;
	}
	exact = malloc(size - 1); // so that a read past the end is found out
	if (!exact)
		abort();
	memcpy(exact, data + 1, size - 1);
	open_datagram(exact, size - 1);
	free(exact);
	return 0;
}
