// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions as 256 flat bytes that outlive the process: snapshots against kill -9, and all of them
// at a graceful stop. They hold the keys: who keeps them encrypts them. Who writes them and when is
// save.h's.
//
// Numbers that we sealed with are never used again, since with them the nonce would be (RFC 5288
// section 3, RFC 8446 section 5.3). A snapshot may be older than the last records, so it says a
// number further on, that of the block after the next. Sealing stops there (struct
// dtls_session.blocks) unless a newer snapshot is on disk by then. What was imported and has not
// been written anew stops at the end of its first block; so every restart in which a snapshot was
// imported and not written anew moves the next import's first number by a block. An export of a
// session that seals no more until it is imported (final) goes on where it was.
//
// What the peer sent since a snapshot that was not final cannot be told from a replay: such a
// session is RESUMED, and takes nothing before its peer has shown that it is there (proof.h).
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/dtls/table.h"

// Records. A power of two.
#define DTLS_EXPORT_BLOCK  4096u
#define DTLS_EXPORT_BLOCKS 2u // that a session may begin without a newer snapshot on disk, plus one
// Restarts between the last snapshot and an import, beyond the first: a DTLS 1.3 peer sees 16 bits
// of the number, and takes the nearest that fits.
#define DTLS_IMPORT_SKIPPED_MAX 5u
static_assert((DTLS_EXPORT_BLOCKS + DTLS_IMPORT_SKIPPED_MAX) * DTLS_EXPORT_BLOCK < 1u << 15,
	      "RFC 9147 section 4.2.2");

struct dtls_exported {
	uint8_t bytes[256];
};

// False: nothing to export, the session is closed or has not begun.
bool dtls_export(const struct dtls_table *table, const struct dtls_session *session, bool final,
		 uint64_t now_us, struct dtls_exported *out);

// Puts it into its slot. skipped: restarts at which it was imported before and not written anew.
// Idle time goes on counting where it was. Under other, when not NULL: as dtls_table_bind. NULL and
// errno: EINVAL (of another version, damaged, or imported too often), EEXIST (the slot is taken, or
// this table has no such one).
struct dtls_session *dtls_import(struct dtls_table *table, const struct dtls_exported *in,
				 uint32_t skipped, uint64_t now_us, struct dtls_session **other);

// The Connection ID that an export names: whose worker's table it belongs to.
uint64_t dtls_exported_cid(const struct dtls_exported *in);
