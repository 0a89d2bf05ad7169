// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions as 256 flat bytes that outlive the process: snapshots against kill -9, and all of them
// at a graceful restart. They hold the keys: who keeps them encrypts them.
//
// Numbers that we sealed with are never used again. A snapshot may be older than the last records,
// so an import goes on up to two blocks further on than the export was: until then what was sealed
// since cannot have reached, provided a session is exported anew whenever it begins a block (struct
// dtls_record.export_due) before it has used that one up as well. An export of a session that seals
// no more until it is imported (final) goes on where it was.
//
// What the peer sent since the snapshot would be taken a second time if somebody repeated it then:
// the window cannot tell, deduplication (RFC 7252 section 4.5) is what remains.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dtls/table.h"

// Records. Two of them are less than the half of 16 bits that a DTLS 1.3 peer tells apart.
#define DTLS_EXPORT_BLOCK 8192u

struct dtls_exported {
	uint8_t bytes[256];
};

// False: nothing to export, the session is closed or has not begun.
bool dtls_export(const struct dtls_table *table, const struct dtls_session *session, bool final,
		 uint64_t now_us, struct dtls_exported *out);

// Puts it into its slot. Idle time goes on counting where it was. Under other, when not NULL: as
// dtls_table_bind. NULL and errno: EINVAL (of another version or damaged), EEXIST (the slot is
// taken, or this table has no such one).
struct dtls_session *dtls_import(struct dtls_table *table, const struct dtls_exported *in,
				 uint64_t now_us, struct dtls_session **other);

// The Connection ID that an export names: whose worker's table it belongs to.
uint64_t dtls_exported_cid(const struct dtls_exported *in);
