// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/writer.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "control/store/env.h"

#define RETRY_MIN_MS 100u
#define RETRY_MAX_MS 2000u

static bool all_empty(const struct store_changes *batch)
{
	while (batch != NULL && store_changes_bytes(batch) == 0)
		batch = batch->next;
	return batch == NULL;
}

typedef int (*apply_t)(struct store_changes *changes, const struct store_target *target);

static int batch_write(struct ctl_store *store, struct store_changes *batch, apply_t apply)
{
	uint64_t last[STORE_DB_COUNT];
	struct store_target target = {.dbis = store->dbis, .last = last};
	int rc = mdb_txn_begin(store->env, NULL, 0, &target.txn);

	if (rc != 0)
		return rc;
	memcpy(last, store->writer.last, sizeof(last));
	for (; rc == 0 && batch != NULL; batch = batch->next)
		rc = apply(batch, &target);
	if (rc != 0) {
		mdb_txn_abort(target.txn);
		return rc;
	}
	rc = mdb_txn_commit(target.txn);
	if (rc == 0)
		memcpy(store->writer.last, last, sizeof(last));
	return rc;
}

// Where the disk is full, what back ends have accepted may go first: deleting takes a page or two,
// which LMDB has left from before, and leaves the next attempt room in the file.
static int attempt(struct ctl_store *store, struct store_changes *batch, int failed)
{
	int rc = 0;

	if (store->env == NULL || failed == MDB_PANIC || failed == EIO)
		rc = store_env_reopen(store);
	if (rc == 0 && (failed == ENOSPC || failed == MDB_MAP_FULL))
		batch_write(store, batch, store_changes_apply_prunes);
	if (rc == 0 && !all_empty(batch))
		rc = batch_write(store, batch, store_changes_apply);
	return rc;
}

static void list_append(struct store_changes ***last, struct store_changes *batch)
{
	**last = batch;
	while (**last != NULL)
		*last = &(**last)->next;
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

// With the lock. Ends early when nobody is to be kept waiting any more.
static void back_off(struct store_writer *writer, uint32_t ms)
{
	uint64_t until_us = now_us() + (uint64_t)ms * 1000;
	struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
				 .tv_nsec = (long)(until_us % 1000000) * 1000};

	while (writer->persist && !writer->stop && now_us() < until_us)
		pthread_cond_timedwait(&writer->work, &writer->lock, &until);
}

// With the lock.
static void settle(struct store_writer *writer, struct store_changes *batch, int rc)
{
	if (rc != 0 && writer->persist) {
		struct store_changes *newer = writer->pending;

		writer->pending = NULL;
		writer->pending_last = &writer->pending;
		list_append(&writer->pending_last, batch);
		list_append(&writer->pending_last, newer);
		return;
	}
	for (struct store_changes *changes = batch; changes != NULL; changes = changes->next)
		changes->err = rc;
	list_append(&writer->done_last, batch);
}

// With the lock.
static void report(struct store_writer *writer, int rc, uint64_t us)
{
	writer->report.error = rc;
	if (rc != 0) {
		writer->report.failures++;
		return;
	}
	writer->report.commits++;
	writer->report.commit_us += us;
}

// One transaction, without the lock.
static int turn(struct ctl_store *store, struct store_changes *batch, bool sync, int failed)
{
	int rc = attempt(store, batch, failed);

	return rc == 0 && sync ? mdb_env_sync(store->env, 1) : rc;
}

static void *run(void *arg)
{
	struct ctl_store *store = arg;
	struct store_writer *writer = &store->writer;
	uint32_t delay_ms = RETRY_MIN_MS;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		struct store_changes *batch;
		uint64_t started_us;
		int failed, rc;
		bool sync;

		while (writer->pending == NULL && !writer->sync && !writer->stop)
			pthread_cond_wait(&writer->work, &writer->lock);
		if (writer->pending == NULL && writer->stop)
			break;
		batch = writer->pending;
		writer->pending = NULL;
		writer->pending_last = &writer->pending;
		sync = writer->sync;
		writer->sync = false;
		failed = writer->report.error;
		pthread_mutex_unlock(&writer->lock);
		started_us = now_us();
		rc = turn(store, batch, sync, failed);
		pthread_mutex_lock(&writer->lock);
		writer->sync |= rc != 0 && sync && writer->persist;
		report(writer, rc, now_us() - started_us);
		settle(writer, batch, rc);
		pthread_cond_broadcast(&writer->progress);
		if (writer->notify != NULL)
			writer->notify(writer->notify_arg);
		if (rc == 0) {
			delay_ms = RETRY_MIN_MS;
		} else {
			back_off(writer, delay_ms);
			delay_ms = delay_ms * 2 < RETRY_MAX_MS ? delay_ms * 2 : RETRY_MAX_MS;
		}
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

int store_writer_start(struct ctl_store *store)
{
	struct store_writer *writer = &store->writer;
	pthread_condattr_t attr;
	int rc;

	pthread_mutex_init(&writer->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&writer->work, &attr);
	pthread_cond_init(&writer->progress, NULL);
	pthread_condattr_destroy(&attr);
	writer->pending_last = &writer->pending;
	writer->done_last = &writer->done;
	rc = pthread_create(&writer->thread, NULL, run, store);
	store->has_writer = rc == 0;
	return -rc;
}

void store_writer_stop(struct ctl_store *store)
{
	struct store_writer *writer = &store->writer;

	pthread_mutex_lock(&writer->lock);
	writer->stop = true;
	writer->persist = false;
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	store->has_writer = false;
	pthread_cond_destroy(&writer->progress);
	pthread_cond_destroy(&writer->work);
	pthread_mutex_destroy(&writer->lock);
}

void store_writer_submit(struct ctl_store *store, struct store_changes *changes)
{
	struct store_writer *writer = &store->writer;

	changes->next = NULL;
	pthread_mutex_lock(&writer->lock);
	list_append(&writer->pending_last, changes);
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
}

void store_writer_persist(struct ctl_store *store, bool persist)
{
	struct store_writer *writer = &store->writer;

	pthread_mutex_lock(&writer->lock);
	writer->persist = persist;
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
}

void store_writer_notify(struct ctl_store *store, void (*notify)(void *arg), void *arg)
{
	struct store_writer *writer = &store->writer;

	pthread_mutex_lock(&writer->lock);
	writer->notify = notify;
	writer->notify_arg = arg;
	pthread_mutex_unlock(&writer->lock);
}

void store_writer_sync(struct ctl_store *store)
{
	struct store_writer *writer = &store->writer;

	pthread_mutex_lock(&writer->lock);
	writer->sync = true;
	pthread_cond_signal(&writer->work);
	pthread_mutex_unlock(&writer->lock);
}

struct store_changes *store_writer_take(struct ctl_store *store, struct store_report *report)
{
	struct store_writer *writer = &store->writer;
	struct store_changes *done;

	pthread_mutex_lock(&writer->lock);
	done = writer->done;
	writer->done = NULL;
	writer->done_last = &writer->done;
	*report = writer->report;
	writer->report = (struct store_report){.error = report->error};
	pthread_mutex_unlock(&writer->lock);
	return done;
}

void store_writer_wait(struct ctl_store *store)
{
	struct store_writer *writer = &store->writer;

	pthread_mutex_lock(&writer->lock);
	while (writer->done == NULL && writer->report.failures == 0)
		pthread_cond_wait(&writer->progress, &writer->lock);
	pthread_mutex_unlock(&writer->lock);
}
