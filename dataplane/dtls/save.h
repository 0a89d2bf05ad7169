// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions that outlive this process. Control keeps a snapshot of each (export.h) on disk, sealed,
// and hands them back before BRIDGE_RESTORE_END. One is written when a session has begun, when its
// device moves, when its keys change and when it begins a block of numbers, and the last one of all
// at a graceful stop; each is a promise, so that the worker knows what is on disk. What has ended
// is told, too; what ended while control was away, control hears of when it hands back what it has.
//
// Sessions wait in a queue of Connection IDs; when it overflows the table is looked through, some
// slots at a time, once there is room again. Worker's thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"

#define DTLS_SAVES 8192u // a power of two

struct dp_worker;
struct dtls_session;

struct dtls_saves {
	uint64_t cids[DTLS_SAVES]; // of sessions to be written, or that are over
	uint32_t head, tail;
	uint32_t scan;    // slot to go on looking at
	bool scanning;    // the queue was full
	uint32_t leaving; // slots that were written for the last time
};

// A newer snapshot is due. Costs little to ask twice.
void dtls_save_want(struct dp_worker *w, struct dtls_session *session);
// The same, if numbers that no snapshot knows of have been begun: after records that were sealed
// without a look at dtls_record.export_due, or when none is sealed any more (DTLS_UNSAVED).
void dtls_save_due(struct dp_worker *w, struct dtls_session *session);
// As dtls_table_remove, and control is told if it may have a snapshot.
void dtls_session_end(struct dp_worker *w, struct dtls_session *session);
// Writes some of what is due, as far as control takes it. How many.
uint32_t dtls_saves_run(struct dp_worker *w);
