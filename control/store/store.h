// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Everything that must survive control: an LMDB environment in STATE/store with the databases meta,
// registrations, observations, outbox, cursors, queue, credentials, backends, exchanges and
// dtls_sessions. Keys are 64-bit numbers, big-endian, growing as a rule, so that a group commit
// dirties few pages.
//
// Changes are collected in memory, in the one change set that is open, by whoever has some; none of
// that fails or waits. Submitting closes the set and hands it to the store's thread, which writes
// it in one transaction and reports back; meanwhile the next set is open. Sets reach the disk in
// order, each whole or not at all. What a set says is true in memory before it is on disk: whoever
// tells others waits for the callback.
//
// A set that cannot be written (disk full, read-only, failing) is tried again until it can be;
// CTL_HOLD_STORE is set meanwhile. Nothing is undone. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/registry.h"

// Address space only; the file grows as needed. Halved until the system grants it.
#define CTL_STORE_MAP_BYTES ((size_t)64 << 30)

// Of the layout on disk. A store of a newer format is refused, one of an older format is taken
// over: 1 had neither observations nor events with data of their own, 2 no credentials, 3 no events
// that say which paths they tell of, and no back ends made by REST, 4 no exchanges, 5 had a
// value for each event, 6 no DTLS sessions.
#define CTL_STORE_FORMAT 7u

struct ctl_holds;
struct ctl_store;
struct uv_loop_s;

// Opens or creates. state is the state directory, made when missing and locked against a second
// control. sync false: commits survive the process, but not a power failure, until ctl_store_sync.
// NULL with the reason in why; a store that is damaged or of a newer format is left as it is.
struct ctl_store *ctl_store_open(const char *state, size_t map_bytes, bool sync,
				 char why[static 160]);
// Calls back for what is under way.
void ctl_store_close(struct ctl_store *store);

// From now on the loop is told by itself, and what fails is tried again. 0 or -errno. Finish ends
// that: it waits for what is under way, and what fails from then on is called back with its error.
int ctl_store_start(struct ctl_store *store, struct uv_loop_s *loop, struct ctl_holds *holds);
void ctl_store_finish(struct ctl_store *store);

// 36 characters, made once per store; CloudEvents ids start with it.
const char *ctl_store_uuid(const struct ctl_store *store);

// Called on the loop once everything that was put before is on disk, in the order of submission;
// err is not 0 only before start or after finish: then it will never be. At once when there is
// nothing to write and nothing under way.
typedef void (*ctl_store_cb_t)(int err, void *arg);
void ctl_store_submit(struct ctl_store *store, ctl_store_cb_t cb, void *arg);
// Submits and waits. 0 or -errno.
int ctl_store_commit(struct ctl_store *store);
// Forgets what was put since the mark was taken: all of it the caller's, nothing submitted since.
size_t ctl_store_mark(const struct ctl_store *store);
void ctl_store_rewind(struct ctl_store *store, size_t mark);
// Waits for everything under way, and calls back.
void ctl_store_flush(struct ctl_store *store);
// The same, but gives up at the first attempt that fails.
void ctl_store_try(struct ctl_store *store);
// Bytes under way: who makes changes faster than the disk takes them stops when there are many.
size_t ctl_store_backlog(const struct ctl_store *store);
// sync false: to the disk, soon.
void ctl_store_sync(struct ctl_store *store);

// Registrations. The next key is used up even if it never reaches the disk.
uint64_t ctl_store_key_next(struct ctl_store *store);
void ctl_store_put(struct ctl_store *store, uint64_t key, const struct ctl_record *record);
void ctl_store_delete(struct ctl_store *store, uint64_t key);
// Adds all of them to an empty registry. What is damaged is logged with its key and left out.
int ctl_store_load(struct ctl_store *store, struct ctl_registry *registry);
