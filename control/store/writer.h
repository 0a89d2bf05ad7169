// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The store's thread. It takes every change set that is waiting, applies them in one transaction,
// commits it, and hands them back: what came while one commit was under way shares the next. When
// that fails it tries the same sets again, after a while that grows from RETRY_MIN_MS to
// RETRY_MAX_MS, until they are on disk; or, where nobody waits for better times (before start and
// after finish), hands them back with the error.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/store/changes.h"

// What became of the attempts since it was last taken.
struct store_report {
	uint64_t commits, failures;
	uint64_t commit_us; // spent in those that succeeded
	int error;          // LMDB's code of the last one
};

struct store_writer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;                           // to the thread
	pthread_cond_t progress;                       // from the thread
	struct store_changes *pending, **pending_last; // under lock: oldest first
	struct store_changes *done, **done_last;       // under lock
	struct store_report report;                    // under lock
	bool persist;                                  // under lock: a failed set is tried again
	bool sync;                                     // under lock: wanted
	bool stop;                                     // under lock
	void (*notify)(void *arg);                     // under lock: an attempt is over
	void *notify_arg;
	uint64_t last[STORE_DB_COUNT]; // thread: highest key of each database
};

// The thread; store->env is open. 0 or -errno.
int store_writer_start(struct ctl_store *store);
// Ends it, once all is handed back.
void store_writer_stop(struct ctl_store *store);

// From any one thread.
void store_writer_submit(struct ctl_store *store, struct store_changes *changes);
void store_writer_persist(struct ctl_store *store, bool persist);
// Called by the thread after each attempt; NULL ends that.
void store_writer_notify(struct ctl_store *store, void (*notify)(void *arg), void *arg);
void store_writer_sync(struct ctl_store *store);
// What is done, oldest first; the caller's.
struct store_changes *store_writer_take(struct ctl_store *store, struct store_report *report);
// Until something is done, or could not be.
void store_writer_wait(struct ctl_store *store);
