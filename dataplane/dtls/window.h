// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Numbers of received records: which were seen (RFC 6347 section 4.1.2.6), and the whole number of
// a record that shows its low bits only (RFC 9147 section 4.2.2). Private to dataplane/dtls/.
#pragma once

#include "dataplane/dtls/session.h"

#define DTLS_WINDOW 64

// seq in the session's read epoch: seen, or too old to tell.
static inline bool dtls_window_seen(const struct dtls_session *session, uint64_t seq)
{
	uint64_t next = session->read_next & DTLS_SEQ_MASK;

	if (seq >= next)
		return false;
	return next - seq > DTLS_WINDOW || session->read_window >> (next - 1 - seq) & 1;
}

// True: later than all before.
static inline bool dtls_window_mark(struct dtls_session *session, uint64_t seq)
{
	uint64_t next = session->read_next & DTLS_SEQ_MASK;

	if (seq < next) {
		session->read_window |= 1ull << (next - 1 - seq);
		return false;
	}
	uint64_t ahead = seq + 1 - next;
	session->read_window = ahead < DTLS_WINDOW ? session->read_window << ahead | 1 : 1;
	session->read_next += ahead;
	return true;
}

// The number nearest to next whose low bits are these.
static inline uint64_t dtls_window_whole(uint64_t next, uint16_t low, unsigned bits)
{
	uint64_t span = 1ull << bits;
	uint64_t seq = (next & ~(span - 1)) | low;

	if (seq + span / 2 < next)
		return seq + span;
	return seq > next + span / 2 && seq >= span ? seq - span : seq;
}
