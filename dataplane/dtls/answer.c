// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/content.h"
#include "dataplane/dtls/record.h"
#include "dataplane/dtls/suite.h"

// Records of the client's last flight in epoch 2 that are acknowledged without having been read:
// their keys are gone. With a certificate they are a few.
#define CLIENT_FLIGHT 4

// RFC 9147 section 5.8.1 repeats what is not acknowledged, and has a timer for it; here the records
// that go out are the clock.
#define UPDATE_AGAIN 256

// Seals one record of len bytes, which fits, and gives the length of what is then at out.
static size_t emit(struct dtls_aead *aead, struct dtls_session *session, uint8_t type,
		   const uint8_t *content, uint16_t len, uint8_t *out, uint64_t *number)
{
	uint8_t buf[DTLS_SEAL_HEAD + DTLS_ANSWER_MAX + DTLS_SEAL_TAIL];
	struct dtls_record rec = {
		.session = session, .data = buf + DTLS_SEAL_HEAD, .len = len, .type = type};

	memcpy(rec.data, content, len);
	dtls_seal_closing(aead, &rec, 1);
	if (rec.verdict != DTLS_DATA)
		return 0;
	memcpy(out, rec.data, rec.len);
	if (number)
		*number = rec.number;
	return rec.len;
}

static size_t emit_alert(struct dtls_aead *aead, struct dtls_session *session,
			 enum dtls_alert alert, uint8_t *out)
{
	bool warning = alert == DTLS_ALERT_CLOSE_NOTIFY || alert == DTLS_ALERT_NO_RENEGOTIATION;
	uint8_t content[2] = {warning ? 1 : 2, (uint8_t)alert};

	return emit(aead, session, DTLS_CONTENT_ALERT, content, sizeof(content), out, NULL);
}

static void put_message_head(uint8_t head[static DTLS_MESSAGE_HEAD], uint8_t type, uint8_t len,
			     uint16_t seq)
{
	memset(head, 0, DTLS_MESSAGE_HEAD);
	head[0] = type;
	head[3] = len;
	dtls_store_uint(head + 4, seq, 2);
	head[11] = len;
}

// ChangeCipherSpec in epoch 0 and Finished in epoch 1 (RFC 6347 section 4.2.4), in new records.
static size_t last_flight_12(struct dtls_aead *aead, struct dtls_session *session, uint8_t *out)
{
	static const uint8_t ccs[] = {DTLS_CONTENT_CCS, 0xfe, 0xfd};
	uint8_t finished[DTLS_MESSAGE_HEAD + DTLS_VERIFY_LEN];

	if (!(session->flags & DTLS_SESSION_F_LAST_FLIGHT))
		return 0;
	memcpy(out, ccs, sizeof(ccs));
	dtls_store_uint(out + 3, session->plain_next++, 8);
	dtls_store_uint(out + 11, 1, 2);
	out[13] = 1;
	put_message_head(finished, DTLS_MESSAGE_FINISHED, DTLS_VERIFY_LEN, session->finished_seq);
	memcpy(finished + DTLS_MESSAGE_HEAD, session->verify_data, DTLS_VERIFY_LEN);
	return 14 + emit(aead, session, DTLS_CONTENT_HANDSHAKE, finished, sizeof(finished),
			 out + 14, NULL);
}

// n records from this one on (RFC 9147 section 7).
static size_t emit_ack(struct dtls_aead *aead, struct dtls_session *session, uint16_t epoch,
		       uint64_t seq, unsigned n, uint8_t *out)
{
	uint8_t content[2 + 16 * CLIENT_FLIGHT];

	dtls_store_uint(content, 16 * n, 2);
	for (unsigned i = 0; i < n; i++) {
		dtls_store_uint(content + 2 + 16 * i, epoch, 8);
		dtls_store_uint(content + 10 + 16 * i, seq + i, 8);
	}
	return emit(aead, session, DTLS_CONTENT_ACK, content, (uint16_t)(2 + 16 * n), out, NULL);
}

// Whoever asks for new keys of ours gets them, unless that is under way.
static size_t answer_key_update(struct dtls_aead *aead, const struct dtls_record *record,
				uint8_t *out)
{
	struct dtls_session *session = record->session;
	bool asked = record->data[DTLS_MESSAGE_HEAD] == 1;
	size_t len = emit_ack(aead, session, DTLS_EPOCH(record->number),
			      record->number & DTLS_SEQ_MASK, 1, out);

	if (asked && !(session->flags & DTLS_SESSION_F_WRITE_UPDATE))
		len += dtls_key_update(aead, session, out + len);
	return len;
}

size_t dtls_answer(struct dtls_aead *aead, const struct dtls_record *record,
		   uint8_t out[static DTLS_ANSWER_MAX])
{
	struct dtls_session *session = record->session;
	bool is_13 = dtls_suite_is_13(session->suite);

	switch (record->verdict) {
	case DTLS_FINISHED_AGAIN:
		return is_13 ? emit_ack(aead, session, 2, 0, CLIENT_FLIGHT, out)
			     : last_flight_12(aead, session, out);
	case DTLS_KEY_UPDATE:
		return answer_key_update(aead, record, out);
	case DTLS_HANDSHAKE:
		return is_13 ? emit_ack(aead, session, DTLS_EPOCH(record->number),
					record->number & DTLS_SEQ_MASK, 1, out)
			     : emit_alert(aead, session, DTLS_ALERT_NO_RENEGOTIATION, out);
	case DTLS_CLOSE_NOTIFY:
		return emit_alert(aead, session, DTLS_ALERT_CLOSE_NOTIFY, out);
	default:
		return 0;
	}
}

size_t dtls_close(struct dtls_aead *aead, struct dtls_session *session, enum dtls_alert alert,
		  uint8_t out[static DTLS_ANSWER_MAX])
{
	size_t len;

	if (!dtls_session_lives(session))
		return 0;
	len = emit_alert(aead, session, alert, out);
	session->state = DTLS_SESSION_CLOSED;
	return len;
}

bool dtls_wants_update(const struct dtls_session *session)
{
	const struct dtls_suite_facts *suite = &dtls_suites[session->suite];
	uint64_t seq = session->write_next & DTLS_SEQ_MASK;
	bool due;

	if (!dtls_suite_is_13(session->suite) || session->state == DTLS_SESSION_CLOSED)
		return false;
	if (session->flags & DTLS_SESSION_F_WRITE_UPDATE)
		due = (uint16_t)(seq - session->update_seq) >= UPDATE_AGAIN;
	else
		due = seq >= suite->update_after || (session->forged > suite->forged_max / 2 &&
						     !(session->flags & DTLS_SESSION_F_ASKED));
	// Looked at last: it is in no line that sealing touches.
	return due && session->message_out != UINT8_MAX;
}

// A peer that has not received the ticket waits for a message of that number, and takes no later
// one. The ticket is forgotten; one of no lifetime (RFC 8446 section 4.6.1) does as well.
static size_t fill_gap(struct dtls_aead *aead, struct dtls_session *session, uint8_t *out)
{
	// No lifetime, age or nonce; a ticket of one byte, no extensions.
	static const uint8_t body[14] = {[10] = 1};
	uint8_t content[DTLS_MESSAGE_HEAD + sizeof(body)];

	put_message_head(content, DTLS_MESSAGE_TICKET, sizeof(body),
			 (uint16_t)(session->message_out - 1));
	memcpy(content + DTLS_MESSAGE_HEAD, body, sizeof(body));
	return emit(aead, session, DTLS_CONTENT_HANDSHAKE, content, sizeof(content), out, NULL);
}

size_t dtls_key_update(struct dtls_aead *aead, struct dtls_session *session,
		       uint8_t out[static DTLS_ANSWER_MAX])
{
	uint8_t content[DTLS_MESSAGE_HEAD + 1];
	size_t gap = session->after_ticket ? fill_gap(aead, session, out) : 0;
	bool ask = session->forged > dtls_suites[session->suite].forged_max / 2;
	uint64_t number;
	size_t len;

	put_message_head(content, DTLS_MESSAGE_KEY_UPDATE, 1, session->message_out);
	content[DTLS_MESSAGE_HEAD] = ask;
	len = emit(aead, session, DTLS_CONTENT_HANDSHAKE, content, sizeof(content), out + gap,
		   &number);
	if (len == 0)
		return 0;
	session->update_seq = (uint16_t)number;
	session->flags |= DTLS_SESSION_F_WRITE_UPDATE | (ask ? DTLS_SESSION_F_ASKED : 0);
	return gap + len;
}
