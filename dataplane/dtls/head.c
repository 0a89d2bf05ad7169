// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/record.h"

#include "lwm2m/bytes.h"

#define VERSION_10 0xfeff // of the records around a ClientHello, whatever it offers
#define VERSION_12 0xfefd

// RFC 9147 section 4: 001CSLEE.
static void unified(struct dtls_head *head, struct bytes *in)
{
	head->unified = true;
	head->has_cid = head->first & 0x10;
	head->cid = bytes_uint(in, head->has_cid ? DTLS_OWN_CID_LEN : 0);
	bytes_take(in, head->first & 0x08 ? 2 : 1);
	head->body = head->first & 0x04 ? bytes_u16(in) : (uint16_t)bytes_left(in);
}

// RFC 6347 section 4.1, RFC 9146 section 4.
static enum dtls_verdict classic(struct dtls_head *head, struct bytes *in)
{
	uint16_t version = bytes_u16(in);

	if (in->bad)
		return DTLS_TRUNCATED;
	if (head->first < DTLS_CONTENT_CCS || head->first > DTLS_CONTENT_ACK)
		return DTLS_BAD_TYPE;
	head->type = head->first;
	head->has_cid = head->type == DTLS_CONTENT_CID;
	head->number = bytes_uint(in, 8);
	head->cid = bytes_uint(in, head->has_cid ? DTLS_OWN_CID_LEN : 0);
	head->body = bytes_u16(in);
	if (in->bad || version == VERSION_12)
		return DTLS_DATA;
	return version == VERSION_10 && dtls_head_is_plain(head) ? DTLS_DATA : DTLS_BAD_VERSION;
}

enum dtls_verdict dtls_head_parse(struct dtls_head *head, const uint8_t *data, size_t len)
{
	// A datagram is shorter than that.
	struct bytes in = bytes_begin(data, len < UINT16_MAX ? len : UINT16_MAX);
	enum dtls_verdict verdict = DTLS_DATA;

	*head = (struct dtls_head){.first = bytes_u8(&in)};
	if ((head->first & 0xe0) == 0x20)
		unified(head, &in);
	else
		verdict = classic(head, &in);
	if (verdict != DTLS_DATA)
		return verdict;
	head->len = (uint16_t)(in.p - data);
	return in.bad || head->body > bytes_left(&in) ? DTLS_TRUNCATED : DTLS_DATA;
}

#define VERDICT_NAME(upper, lower, help) [DTLS_##upper] = #lower,

const char *dtls_verdict_name(enum dtls_verdict verdict)
{
	static const char *const names[DTLS_VERDICT_COUNT] = {DTLS_TAKEN(VERDICT_NAME)
								      DTLS_DROPPED(VERDICT_NAME)};

	return names[verdict];
}
