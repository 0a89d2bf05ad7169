// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/export.h"

#include <errno.h>
#include <string.h>

// In the place of the generation, which the Connection ID repeats. Changes with struct
// dtls_session.
#define FORMAT 0x5d0003u

// The bytes: a session whose links hold the Connection ID and whose seen is the idle time in ticks,
// and its traffic secrets, zeros in DTLS 1.2.
struct flat {
	struct dtls_session session;
	struct dtls_traffic_secrets secrets;
};
static_assert(sizeof(struct flat) == sizeof(struct dtls_exported), "flat");

bool dtls_export(const struct dtls_table *table, const struct dtls_session *session, bool final,
		 uint64_t now_us, struct dtls_exported *out)
{
	struct flat flat = {0};
	struct dtls_session *copy = &flat.session;
	uint64_t cid = dtls_table_cid(table, session);

	if (!dtls_session_lives(session))
		return false;
	*copy = *session;
	if (dtls_suite_is_13(session->suite))
		flat.secrets = *dtls_table_secrets(table, session);
	copy->generation = FORMAT;
	copy->timer_next = (uint32_t)(cid >> 32);
	copy->timer_prev = (uint32_t)cid;
	copy->seen = dtls_tick(now_us) - session->seen;
	copy->save = DTLS_SAVE_NONE;
	copy->blocks = 1; // it is to be written anew with the first record that it seals
	if (!final) {
		copy->state = DTLS_SESSION_RESUMED;
		copy->write_next = (copy->write_next & ~(uint64_t)(DTLS_EXPORT_BLOCK - 1)) +
				   DTLS_EXPORT_BLOCKS * DTLS_EXPORT_BLOCK;
	}
	memcpy(out->bytes, &flat, sizeof(flat));
	explicit_bzero(&flat, sizeof(flat));
	return true;
}

static uint64_t cid_of(const struct dtls_session *copy)
{
	return (uint64_t)copy->timer_next << 32 | copy->timer_prev;
}

uint64_t dtls_exported_cid(const struct dtls_exported *in)
{
	struct flat flat;
	uint64_t cid;

	memcpy(&flat, in->bytes, sizeof(flat));
	cid = cid_of(&flat.session);
	explicit_bzero(&flat, sizeof(flat));
	return cid;
}

static bool is_valid(const struct dtls_session *copy)
{
	bool is_13 = dtls_suite_is_13(copy->suite);

	return copy->generation == FORMAT && copy->suite > DTLS_SUITE_NONE &&
	       copy->suite < DTLS_SUITE_COUNT && copy->peer_cid_len <= DTLS_PEER_CID_MAX &&
	       dtls_session_lives(copy) && DTLS_EPOCH(copy->read_next) >= (is_13 ? 3 : 1) &&
	       DTLS_EPOCH(copy->write_next) >= (is_13 ? 3 : 1);
}

static struct dtls_session *import(struct dtls_table *table, struct flat *flat, uint32_t skipped,
				   uint64_t now_us, struct dtls_session **other)
{
	struct dtls_session *session, *displaced;
	struct dp_peer peer;

	if (!is_valid(&flat->session) ||
	    (dtls_suite_is_13(flat->session.suite) && skipped > DTLS_IMPORT_SKIPPED_MAX)) {
		errno = EINVAL;
		return NULL;
	}
	session = dtls_table_new_at(table, cid_of(&flat->session));
	if (!session) {
		errno = EEXIST;
		return NULL;
	}
	flat->session.write_next += (uint64_t)skipped * DTLS_EXPORT_BLOCK;
	flat->session.generation = session->generation;
	flat->session.timer_next = 0;
	flat->session.timer_prev = 0;
	flat->session.seen = dtls_tick(now_us) - flat->session.seen;
	*session = flat->session;
	if (dtls_suite_is_13(session->suite))
		*dtls_table_secrets(table, session) = flat->secrets;
	dtls_session_peer(session, &peer);
	displaced = dtls_table_bind(table, session, &peer);
	if (other)
		*other = displaced;
	return session;
}

struct dtls_session *dtls_import(struct dtls_table *table, const struct dtls_exported *in,
				 uint32_t skipped, uint64_t now_us, struct dtls_session **other)
{
	struct dtls_session *session;
	struct flat flat;

	memcpy(&flat, in->bytes, sizeof(flat));
	session = import(table, &flat, skipped, now_us, other);
	explicit_bzero(&flat, sizeof(flat));
	return session;
}
