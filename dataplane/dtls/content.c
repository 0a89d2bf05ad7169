// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/content.h"

#include "dataplane/dtls/suite.h"
#include "lwm2m/bytes.h"

#define ALERT_WARNING 1
#define ALERT_FATAL   2

bool dtls_message_parse(struct dtls_message_head *head, const uint8_t *data, size_t len)
{
	struct bytes in = bytes_begin(data, len);
	uint32_t offset, fragment;

	head->type = bytes_u8(&in);
	head->len = (uint32_t)bytes_uint(&in, 3);
	head->seq = bytes_u16(&in);
	offset = (uint32_t)bytes_uint(&in, 3);
	fragment = (uint32_t)bytes_uint(&in, 3);
	head->body = bytes_take(&in, head->len);
	return !in.bad && offset == 0 && fragment == head->len && bytes_left(&in) == 0;
}

// RFC 8446 section 6: in DTLS 1.3 the level says nothing, all but two alerts end the association.
static enum dtls_verdict take_alert(struct dtls_record *rec)
{
	bool is_13 = dtls_suite_is_13(rec->session->suite);
	uint8_t description;

	if (rec->len != 2 || rec->data[0] < ALERT_WARNING || rec->data[0] > ALERT_FATAL)
		return DTLS_BAD_INNER;
	description = rec->data[1];
	if (description == DTLS_ALERT_CLOSE_NOTIFY) {
		rec->session->state = DTLS_SESSION_CLOSED;
		return DTLS_CLOSE_NOTIFY;
	}
	if (is_13 ? description == DTLS_ALERT_USER_CANCELED : rec->data[0] == ALERT_WARNING)
		return DTLS_WARNING;
	rec->session->state = DTLS_SESSION_CLOSED;
	return DTLS_FATAL_ALERT;
}

// Of a resumed handshake the client's Finished is the last word, which nobody answers.
static enum dtls_verdict take_message_12(const struct dtls_message_head *head)
{
	return head->type == DTLS_MESSAGE_FINISHED ? DTLS_FINISHED_AGAIN : DTLS_HANDSHAKE;
}

// RFC 9147 section 5.2: messages come in the order of their numbers; one that came before is a
// repetition whose ACK was lost and has had its effect.
static enum dtls_verdict take_message_13(struct dtls_record *rec,
					 const struct dtls_message_head *head)
{
	struct dtls_session *session = rec->session;
	bool is_update = head->type == DTLS_MESSAGE_KEY_UPDATE;

	if (is_update && (head->len != 1 || head->body[0] > 1))
		return DTLS_BAD_INNER;
	if (head->seq > session->message_in || session->message_in == UINT8_MAX)
		return DTLS_BAD_INNER;
	if (head->seq == session->message_in) {
		// RFC 9147 section 8: no second one before the first has come into use.
		if (is_update && session->flags & DTLS_SESSION_F_READ_UPDATE)
			return DTLS_BAD_INNER;
		session->message_in++;
		if (is_update)
			session->flags |= DTLS_SESSION_F_READ_UPDATE;
	}
	return is_update ? DTLS_KEY_UPDATE : DTLS_HANDSHAKE;
}

static enum dtls_verdict take_message(struct dtls_record *rec)
{
	struct dtls_message_head head;

	if (!dtls_message_parse(&head, rec->data, rec->len))
		return DTLS_BAD_INNER;
	return dtls_suite_is_13(rec->session->suite) ? take_message_13(rec, &head)
						     : take_message_12(&head);
}

// Our KeyUpdate has arrived: from here on with the new keys (RFC 9147 section 8).
static void renew_write_keys(struct dtls_record *rec)
{
	struct dtls_session *session = rec->session;
	uint64_t next = (session->write_next & ~DTLS_SEQ_MASK) + (DTLS_SEQ_MASK + 1);

	// Failing, the session goes on with its old keys until they are used up.
	if (dtls_keys_next(rec->secrets->write, session->write_key, session->write_iv) != 0)
		return;
	session->write_next = next;
	session->blocks = 0; // no snapshot has these keys
	session->message_out++;
	session->after_ticket = 0; // or the peer would have waited for it
	session->flags &= ~DTLS_SESSION_F_WRITE_UPDATE;
}

// RFC 9147 section 7.
static enum dtls_verdict take_ack(struct dtls_record *rec)
{
	struct dtls_session *session = rec->session;
	struct bytes in = bytes_begin(rec->data, rec->len);
	uint16_t len = bytes_u16(&in);

	if (!dtls_suite_is_13(session->suite) || in.bad || len != bytes_left(&in) || len % 16 != 0)
		return DTLS_BAD_INNER;
	while (bytes_left(&in) > 0) {
		uint64_t epoch = bytes_uint(&in, 8), seq = bytes_uint(&in, 8);

		if (session->flags & DTLS_SESSION_F_WRITE_UPDATE &&
		    epoch == DTLS_EPOCH(session->write_next) &&
		    (uint16_t)seq == session->update_seq)
			renew_write_keys(rec);
	}
	return DTLS_ACKED;
}

// The first application data shows that the peer has the keys and our last flight. After a restart
// it shows nothing: it may have been received before.
static enum dtls_verdict take_first(struct dtls_record *rec)
{
	if (rec->session->state == DTLS_SESSION_RESUMED)
		return DTLS_RESUMED;
	rec->session->state = DTLS_SESSION_ACTIVE;
	return DTLS_DATA;
}

enum dtls_verdict dtls_content_take(struct dtls_record *rec)
{
	switch (rec->type) {
	case DTLS_CONTENT_DATA:
		return rec->session->state == DTLS_SESSION_ACTIVE ? DTLS_DATA : take_first(rec);
	case DTLS_CONTENT_ALERT:
		return take_alert(rec);
	case DTLS_CONTENT_HANDSHAKE:
		return take_message(rec);
	case DTLS_CONTENT_ACK:
		return take_ack(rec);
	default:
		return DTLS_BAD_INNER;
	}
}
