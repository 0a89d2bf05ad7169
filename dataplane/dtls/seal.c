// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/content.h"
#include "dataplane/dtls/export.h"
#include "dataplane/dtls/record.h"
#include "dataplane/dtls/suite.h"

// What the sequence numbers' mask is made from (RFC 9147 section 4.2.3).
#define SAMPLE 16

// Answers and alerts may still go out when everything else no longer does.
#define CLOSING_MORE 512

static enum dtls_verdict admit(const struct dtls_session *session, bool closing)
{
	uint64_t max;

	if (!session || session->state <= DTLS_SESSION_RESERVED)
		return DTLS_UNKNOWN_CID;
	if (session->state == DTLS_SESSION_CLOSED && !closing)
		return DTLS_CLOSED;
	// Not even an alert: a snapshot would have the number used again after a crash.
	if (session->blocks >= DTLS_EXPORT_BLOCKS)
		return DTLS_UNSAVED;
	max = dtls_suites[session->suite].seal_max + (closing ? CLOSING_MORE : 0);
	return (session->write_next & DTLS_SEQ_MASK) >= max ? DTLS_EXHAUSTED : DTLS_DATA;
}

// RFC 6347 section 4.1 or RFC 9146 section 4; the explicit part of the nonce is the number again.
static void describe_12(struct dtls_aead_job *job, struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;
	const struct dtls_suite_facts *suite = &dtls_suites[session->suite];
	uint8_t cid_len = session->peer_cid_len, type = rec->type;
	uint8_t *explicit_part = rec->data - suite->explicit_len;
	uint8_t *head = explicit_part - 13 - cid_len;

	if (cid_len > 0) {
		rec->data[rec->len++] = type;
		type = DTLS_CONTENT_CID;
		job->aad_len =
			dtls_aad_cid(job->aad, rec->number, session->peer_cid, cid_len, rec->len);
	} else {
		job->aad_len = dtls_aad_12(job->aad, rec->number, type, rec->len);
	}
	head[0] = type;
	head[1] = 0xfe;
	head[2] = 0xfd;
	dtls_store_uint(head + 3, rec->number, 8);
	memcpy(head + 11, session->peer_cid, cid_len);
	dtls_store_uint(head + 11 + cid_len,
			(uint64_t)rec->len + suite->explicit_len + suite->tag_len, 2);
	dtls_store_uint(explicit_part, rec->number, 8);
	dtls_nonce_12(job->nonce, session->write_salt, explicit_part);
	job->data = rec->data;
	job->len = rec->len;
	rec->data = head;
	rec->len = (uint16_t)(job->data + job->len + suite->tag_len - head);
}

// RFC 9147 section 4: 16 bits of number, a length, the Connection ID where the peer wants one.
static void describe_13(struct dtls_aead_job *job, struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;
	const struct dtls_suite_facts *suite = &dtls_suites[session->suite];
	uint8_t cid_len = session->peer_cid_len;
	uint8_t head_len = (uint8_t)(5 + cid_len);
	uint8_t *head = rec->data - head_len;

	rec->data[rec->len++] = rec->type;
	while (rec->len + suite->tag_len < SAMPLE)
		rec->data[rec->len++] = 0;
	head[0] = (uint8_t)(0x2c | (cid_len > 0 ? 0x10 : 0) | (DTLS_EPOCH(rec->number) & 3));
	memcpy(head + 1, session->peer_cid, cid_len);
	dtls_store_uint(head + 1 + cid_len, rec->number, 2);
	dtls_store_uint(head + 3 + cid_len, (uint64_t)rec->len + suite->tag_len, 2);
	memcpy(job->aad, head, head_len);
	job->aad_len = head_len;
	dtls_nonce_13(job->nonce, session->write_iv, rec->number & DTLS_SEQ_MASK);
	job->data = rec->data;
	job->len = rec->len;
	rec->data = head;
	rec->len = (uint16_t)(head_len + job->len + suite->tag_len);
}

static void describe(struct dtls_aead_job *job, struct dtls_record *rec)
{
	struct dtls_session *session = rec->session;

	rec->number = session->write_next++;
	if ((session->write_next & (DTLS_EXPORT_BLOCK - 1)) == 0)
		session->blocks++;
	rec->export_due = session->blocks > 0 && session->save == DTLS_SAVE_NONE;
	if (dtls_suite_is_13(session->suite))
		describe_13(job, rec);
	else
		describe_12(job, rec);
	job->key = session->write_key;
	job->cipher = dtls_suites[session->suite].cipher;
	job->tag = job->data + job->len;
}

static void mask_all(struct dtls_aead *aead, struct dtls_record *records, uint16_t jobs)
{
	uint16_t masks = 0;

	for (uint16_t k = 0; k < jobs; k++) {
		const struct dtls_record *rec = &records[aead->job_of[k]];

		if (!dtls_suite_is_13(rec->session->suite))
			continue;
		aead->masks[masks].key = dtls_number_key(rec->session->write_key);
		aead->masks[masks].sample = aead->jobs[k].data;
		aead->job_of[masks++] = aead->job_of[k];
	}
	if (masks == 0)
		return;
	aead->ops->mask(aead, aead->masks, masks);
	for (uint16_t k = 0; k < masks; k++) {
		struct dtls_record *rec = &records[aead->job_of[k]];
		uint8_t *at = rec->data + 1 + rec->session->peer_cid_len;

		at[0] ^= aead->masks[k].mask[0];
		at[1] ^= aead->masks[k].mask[1];
	}
}

static void seal(struct dtls_aead *aead, struct dtls_record *records, uint16_t n, bool closing)
{
	uint16_t jobs = 0;

	for (uint16_t i = 0; i < n; i++) {
		if (!records[i].session)
			continue;
		__builtin_prefetch(records[i].session, 1);
		__builtin_prefetch(records[i].session->write_key);
	}
	for (uint16_t i = 0; i < n; i++) {
		struct dtls_record *rec = &records[i];

		rec->export_due = false;
		rec->verdict = (uint8_t)admit(rec->session, closing);
		if (rec->verdict != DTLS_DATA)
			continue;
		aead->job_of[jobs] = (uint8_t)i;
		describe(&aead->jobs[jobs++], rec);
	}
	aead->ops->seal(aead, aead->jobs, jobs);
	for (uint16_t k = 0; k < jobs; k++)
		if (!aead->jobs[k].ok)
			records[aead->job_of[k]].verdict = DTLS_BAD_MAC;
	mask_all(aead, records, jobs);
}

void dtls_seal(struct dtls_aead *aead, struct dtls_record *records, uint16_t n)
{
	seal(aead, records, n, false);
}

void dtls_seal_closing(struct dtls_aead *aead, struct dtls_record *records, uint16_t n)
{
	seal(aead, records, n, true);
}
