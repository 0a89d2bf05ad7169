// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <string.h>

#include "dataplane/dtls/content.h"
#include "dataplane/dtls/record.h"
#include "dataplane/dtls/suite.h"
#include "dataplane/dtls/window.h"

// Padding that a record may bring along besides (RFC 9146 section 4 leaves it to the sender).
#define PADDING_MAX 1024

// The epoch of the records that carry the client's Finished in DTLS 1.3 (RFC 9147 section 6.1).
#define EPOCH_HANDSHAKE 2

static const struct dtls_suite_facts *suite_of(const struct dtls_session *session)
{
	return &dtls_suites[session->suite];
}

// Type 25 and the unified header hide the content type behind the content.
static bool has_inner(const struct dtls_record *rec)
{
	return rec->head.unified || rec->head.has_cid;
}

static enum dtls_verdict check_cid(const struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;

	if (!rec->head.has_cid) {
		// RFC 9146 section 3: all records carry it. In DTLS 1.3 one that follows another in
		// a datagram may do without.
		bool wanted = session->flags & DTLS_SESSION_F_OWN_CID && !rec->head.unified;
		return wanted ? DTLS_BAD_CID : DTLS_DATA;
	}
	if (!(session->flags & DTLS_SESSION_F_OWN_CID) ||
	    (rec->head.cid & 0xffffff) != session->generation)
		return DTLS_BAD_CID;
	return DTLS_DATA;
}

static enum dtls_verdict check_length(const struct dtls_record *rec)
{
	const struct dtls_suite_facts *suite = suite_of(rec->session);
	unsigned least = suite->explicit_len + suite->tag_len + (has_inner(rec) ? 1u : 0u);
	unsigned room = has_inner(rec) ? PADDING_MAX : 0;

	if (rec->head.unified && least < 16) // RFC 9147 section 4.2.3: what the mask is made from
		least = 16;
	return rec->head.body < least || rec->head.body > least + DTLS_PLAINTEXT_MAX + room
		       ? DTLS_BAD_LENGTH
		       : DTLS_DATA;
}

static enum dtls_verdict check_number(const struct dtls_session *session, uint64_t number)
{
	uint64_t seq = number & DTLS_SEQ_MASK;

	if (DTLS_EPOCH(number) != DTLS_EPOCH(session->read_next))
		return DTLS_BAD_EPOCH;
	if (seq == DTLS_SEQ_MASK)
		return DTLS_EXHAUSTED;
	return dtls_window_seen(session, seq) ? DTLS_REPLAY : DTLS_DATA;
}

static enum dtls_verdict check_classic(const struct dtls_record *rec)
{
	uint8_t type = rec->head.type;

	if (DTLS_EPOCH(rec->head.number) == 0) // whatever is inside, it is in the clear
		return DTLS_BAD_EPOCH;
	if (dtls_suite_is_13(rec->session->suite))
		return DTLS_BAD_VERSION;
	if (type != DTLS_CONTENT_DATA && type != DTLS_CONTENT_CID && type != DTLS_CONTENT_ALERT &&
	    type != DTLS_CONTENT_HANDSHAKE)
		return DTLS_BAD_TYPE;
	return check_number(rec->session, rec->head.number);
}

static bool is_next_epoch(const struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;

	return session->flags & DTLS_SESSION_F_READ_UPDATE &&
	       (rec->head.first & 3) == ((DTLS_EPOCH(session->read_next) + 1) & 3);
}

// A record of the client's last flight. Every answer uses up one of our numbers: the first ones are
// for that.
static bool is_last_flight(const struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;

	return DTLS_EPOCH(session->read_next) == EPOCH_HANDSHAKE + 1 &&
	       (rec->head.first & 3) == EPOCH_HANDSHAKE &&
	       session->flags & DTLS_SESSION_F_LAST_FLIGHT &&
	       (session->write_next & DTLS_SEQ_MASK) < DTLS_FIRST_SEQ + DTLS_FLIGHT_ACKS;
}

// Only two bits of the epoch can be seen.
static enum dtls_verdict check_unified(const struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;
	uint16_t epoch = DTLS_EPOCH(session->read_next);

	if (!dtls_suite_is_13(session->suite))
		return DTLS_BAD_VERSION;
	if ((rec->head.first & 3) == (epoch & 3) || is_next_epoch(rec))
		return DTLS_DATA;
	return is_last_flight(rec) ? DTLS_FINISHED_AGAIN : DTLS_BAD_EPOCH;
}

// All that can be told before anything is decrypted. DTLS_DATA: go on.
static enum dtls_verdict admit(const struct dtls_record *rec)
{
	const struct dtls_session *session = rec->session;
	enum dtls_verdict verdict;

	if (!session || session->state <= DTLS_SESSION_RESERVED)
		return DTLS_UNKNOWN_CID;
	if (session->state == DTLS_SESSION_CLOSED)
		return DTLS_CLOSED;
	verdict = check_cid(rec);
	if (verdict == DTLS_DATA)
		verdict = rec->head.unified ? check_unified(rec) : check_classic(rec);
	if (verdict == DTLS_DATA)
		verdict = check_length(rec);
	if (verdict == DTLS_DATA && suite_of(session)->forged_max &&
	    session->forged >= suite_of(session)->forged_max)
		verdict = DTLS_EXHAUSTED;
	return verdict;
}

// Shows the sequence number of a DTLS 1.3 record, in the header too, which is authenticated so.
static void unmask(struct dtls_record *rec, const uint8_t *mask, uint64_t next)
{
	uint8_t *at = rec->data + 1 + (rec->head.has_cid ? DTLS_OWN_CID_LEN : 0);
	uint16_t low;

	at[0] ^= mask[0];
	if (!(rec->head.first & 0x08)) {
		low = at[0];
	} else {
		at[1] ^= mask[1];
		low = (uint16_t)(at[0] << 8 | at[1]);
	}
	rec->number = (next & ~DTLS_SEQ_MASK) |
		      dtls_window_whole(next & DTLS_SEQ_MASK, low, rec->head.first & 0x08 ? 16 : 8);
}

static void describe(struct dtls_aead_job *job, const struct dtls_record *rec, const uint8_t *key,
		     const uint8_t *iv)
{
	const struct dtls_suite_facts *suite = suite_of(rec->session);
	uint8_t *body = rec->data + rec->head.len;

	job->key = key;
	job->cipher = suite->cipher;
	job->data = body + suite->explicit_len;
	job->len = rec->head.body - suite->explicit_len - suite->tag_len;
	job->tag = job->data + job->len;
	if (rec->head.unified) {
		dtls_nonce_13(job->nonce, iv, rec->number & DTLS_SEQ_MASK);
		memcpy(job->aad, rec->data, rec->head.len);
		job->aad_len = (uint8_t)rec->head.len;
		return;
	}
	dtls_nonce_12(job->nonce, iv, body);
	if (rec->head.has_cid)
		job->aad_len = dtls_aad_cid(job->aad, rec->number, rec->data + 11, DTLS_OWN_CID_LEN,
					    job->len);
	else
		job->aad_len = dtls_aad_12(job->aad, rec->number, rec->head.type, job->len);
}

// RFC 9146 section 4, RFC 9147 section 4: content, its type, zeros.
static bool strip(struct dtls_record *rec)
{
	while (rec->len > 0 && rec->data[rec->len - 1] == 0)
		rec->len--;
	if (rec->len == 0)
		return false;
	rec->type = rec->data[--rec->len];
	return true;
}

// What became of a decrypted record.
static enum dtls_verdict settle(struct dtls_record *rec, const struct dtls_aead_job *job,
				uint32_t seen)
{
	struct dtls_session *session = rec->session;

	if (!job->ok) {
		session->forged += session->forged < UINT16_MAX;
		return DTLS_BAD_MAC;
	}
	// An earlier record of the same burst may have changed these.
	if (session->state == DTLS_SESSION_CLOSED)
		return DTLS_CLOSED;
	if (dtls_window_seen(session, rec->number & DTLS_SEQ_MASK))
		return DTLS_REPLAY;
	rec->newest = dtls_window_mark(session, rec->number & DTLS_SEQ_MASK);
	session->seen = seen;
	rec->data = job->data;
	rec->len = job->len;
	rec->type = rec->head.type;
	if (has_inner(rec) && !strip(rec))
		return DTLS_BAD_INNER;
	return rec->len > DTLS_PLAINTEXT_MAX ? DTLS_BAD_LENGTH : dtls_content_take(rec);
}

// The first record under keys that the peer announced shows that it has our ACK. Until it
// authenticates the old keys stay.
static enum dtls_verdict open_next_epoch(struct dtls_aead *aead, struct dtls_record *rec,
					 uint32_t seen)
{
	struct dtls_session *session = rec->session;
	uint64_t next = (session->read_next & ~DTLS_SEQ_MASK) + (DTLS_SEQ_MASK + 1);
	uint8_t secret[DTLS_SECRET_LEN], key[DTLS_KEY_MAX], iv[DTLS_IV_MAX];
	struct dtls_aead_job job;
	struct dtls_mask_job mask = {.key = dtls_number_key(key),
				     .sample = rec->data + rec->head.len};

	memcpy(secret, rec->secrets->read, sizeof(secret));
	if (dtls_keys_next(secret, key, iv) != 0)
		return DTLS_BAD_MAC;
	aead->ops->mask(aead, &mask, 1);
	unmask(rec, mask.mask, next);
	describe(&job, rec, key, iv);
	aead->ops->open(aead, &job, 1);
	if (job.ok) {
		memcpy(rec->secrets->read, secret, sizeof(secret));
		memcpy(session->read_key, key, sizeof(key));
		memcpy(session->read_iv, iv, sizeof(iv));
		session->read_next = next;
		session->read_window = 0;
		session->forged = 0;
		session->flags &= ~(DTLS_SESSION_F_READ_UPDATE | DTLS_SESSION_F_ASKED);
	}
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(key, sizeof(key));
	return settle(rec, &job, seen);
}

// One burst of masks for the sequence numbers of DTLS 1.3.
static void unmask_all(struct dtls_aead *aead, struct dtls_record *records, uint16_t n)
{
	uint16_t masks = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct dtls_record *rec = &records[i];

		if (rec->verdict != DTLS_DATA || !rec->head.unified)
			continue;
		aead->job_of[masks] = (uint8_t)i;
		aead->masks[masks].key = dtls_number_key(rec->session->read_key);
		aead->masks[masks++].sample = rec->data + rec->head.len;
	}
	if (masks == 0)
		return;
	aead->ops->mask(aead, aead->masks, masks);
	for (uint16_t k = 0; k < masks; k++) {
		struct dtls_record *rec = &records[aead->job_of[k]];

		unmask(rec, aead->masks[k].mask, rec->session->read_next);
		rec->verdict = (uint8_t)check_number(rec->session, rec->number);
	}
}

// As dtls_open for one record, which may be under announced keys.
static enum dtls_verdict open_alone(struct dtls_aead *aead, struct dtls_record *rec, uint32_t seen)
{
	enum dtls_verdict verdict = admit(rec);
	struct dtls_aead_job job;

	if (verdict != DTLS_DATA)
		return verdict;
	if (rec->head.unified) {
		struct dtls_mask_job mask = {.key = dtls_number_key(rec->session->read_key),
					     .sample = rec->data + rec->head.len};

		if (is_next_epoch(rec))
			return open_next_epoch(aead, rec, seen);
		aead->ops->mask(aead, &mask, 1);
		unmask(rec, mask.mask, rec->session->read_next);
		verdict = check_number(rec->session, rec->number);
		if (verdict != DTLS_DATA)
			return verdict;
	}
	describe(&job, rec, rec->session->read_key, rec->session->read_iv);
	aead->ops->open(aead, &job, 1);
	return settle(rec, &job, seen);
}

// True when one of them may be under keys that its peer announced.
static bool admit_all(struct dtls_record *records, uint16_t n)
{
	bool next_epoch = false;

	for (uint16_t i = 0; i < n; i++) {
		if (!records[i].session)
			continue;
		__builtin_prefetch(records[i].session);
		__builtin_prefetch(records[i].session->read_key);
	}
	for (uint16_t i = 0; i < n; i++) {
		struct dtls_record *rec = &records[i];

		rec->number = rec->head.number;
		rec->newest = false;
		rec->verdict = (uint8_t)admit(rec);
		if (rec->verdict == DTLS_DATA && rec->head.unified && is_next_epoch(rec))
			next_epoch = true;
	}
	return next_epoch;
}

// All at a time; what one record does to its session is done before the next one is settled.
static void open_together(struct dtls_aead *aead, struct dtls_record *records, uint16_t n,
			  uint32_t seen)
{
	uint16_t jobs = 0;

	unmask_all(aead, records, n);
	for (uint16_t i = 0; i < n; i++) {
		struct dtls_record *rec = &records[i];

		if (rec->verdict != DTLS_DATA)
			continue;
		aead->job_of[jobs] = (uint8_t)i;
		describe(&aead->jobs[jobs++], rec, rec->session->read_key, rec->session->read_iv);
	}
	aead->ops->open(aead, aead->jobs, jobs);
	for (uint16_t k = 0; k < jobs; k++) {
		struct dtls_record *rec = &records[aead->job_of[k]];

		rec->verdict = (uint8_t)settle(rec, &aead->jobs[k], seen);
	}
}

void dtls_open(struct dtls_aead *aead, struct dtls_record *records, uint16_t n, uint32_t seen)
{
	if (!admit_all(records, n)) {
		open_together(aead, records, n, seen);
		return;
	}
	// Keys may change in the middle of the burst: rare, and the order is worth more than time.
	for (uint16_t i = 0; i < n; i++)
		records[i].verdict = (uint8_t)open_alone(aead, &records[i], seen);
}
