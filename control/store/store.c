// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/metrics.h"
#include "control/store/env.h"

// The lock lasts as long as the process; its file stays.
static int lock_take(const char *state, char why[static 160])
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/control.lock", state) >= (int)sizeof(path)) {
		snprintf(why, 160, "state directory, its path is too long");
		return -ENAMETOOLONG;
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf(why, 160, "%.100s, cannot be opened (%s)", path, strerror(errno));
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(why, 160, "state directory %.80s, another sluice-control is using it",
			 state);
		close(fd);
		return -EBUSY;
	}
	return fd;
}

static int directory_make(const char *path, char why[static 160])
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	snprintf(why, 160, "%.100s, cannot be made (%s)", path, strerror(errno));
	return -errno;
}

static bool is_damage(int rc)
{
	return store_errno(rc) == -EBADMSG;
}

static int open_in(struct ctl_store *store, const char *state, char why[static 160])
{
	char detail[160] = "";
	int rc = directory_make(state, why);

	if (rc != 0)
		return rc;
	store->lock_fd = lock_take(state, why);
	if (store->lock_fd < 0)
		return store->lock_fd;
	if (asprintf(&store->path, "%s/store", state) < 0) {
		store->path = NULL;
		return -ENOMEM;
	}
	rc = directory_make(store->path, why);
	if (rc != 0)
		return rc;
	rc = store_env_open(store, detail);
	if (rc == 0)
		return store_writer_start(store);
	if (is_damage(rc))
		snprintf(why, 160,
			 "store %.60s, is damaged (%.40s); put a copy back or move it away",
			 store->path, detail[0] != '\0' ? detail : mdb_strerror(rc));
	else if (detail[0] != '\0')
		snprintf(why, 160, "%s", detail);
	else
		snprintf(why, 160, "store %.80s, cannot be opened (%.40s)", store->path,
			 mdb_strerror(rc));
	return store_errno(rc);
}

struct ctl_store *ctl_store_open(const char *state, size_t map_bytes, bool sync,
				 char why[static 160])
{
	struct ctl_store *store = calloc(1, sizeof(*store));

	why[0] = '\0';
	if (store == NULL) {
		snprintf(why, 160, "store, out of memory");
		return NULL;
	}
	store->lock_fd = -1;
	store->map_bytes = map_bytes;
	// No read-ahead: the store is larger than what is read of it. A read transaction belongs to
	// no thread.
	store->flags = MDB_NORDAHEAD | MDB_NOTLS | (sync ? 0 : MDB_NOSYNC);
	store->open = store_changes_new();
	pthread_rwlock_init(&store->env_lock, NULL);
	if (open_in(store, state, why) == 0)
		return store;
	if (why[0] == '\0')
		snprintf(why, 160, "store, out of memory");
	ctl_store_close(store);
	return NULL;
}

void ctl_store_close(struct ctl_store *store)
{
	if (store == NULL)
		return;
	if (store->has_writer) {
		ctl_store_flush(store);
		store_writer_stop(store);
	}
	if (store->env != NULL) {
		mdb_env_sync(store->env, 1);
		mdb_env_close(store->env);
	}
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	for (unsigned i = 0; i < store->backends_count; i++)
		free(store->backends[i].name);
	free(store->backends);
	store_changes_free(store->open);
	if (store->spare != NULL)
		store_changes_free(store->spare);
	pthread_rwlock_destroy(&store->env_lock);
	free(store->path);
	free(store);
}

const char *ctl_store_uuid(const struct ctl_store *store)
{
	return store->uuid;
}

static struct store_changes *changes_get(struct ctl_store *store)
{
	struct store_changes *changes = store->spare;

	store->spare = NULL;
	return changes != NULL ? changes : store_changes_new();
}

static void changes_put_back(struct ctl_store *store, struct store_changes *changes)
{
	if (store->spare != NULL) {
		store_changes_free(changes);
		return;
	}
	store_changes_clear(changes);
	store->spare = changes;
}

void ctl_store_submit(struct ctl_store *store, ctl_store_cb_t cb, void *arg)
{
	struct store_changes *changes;

	if (store->in_flight == 0 && store_changes_bytes(store->open) == 0) {
		if (cb != NULL)
			cb(0, arg);
		return;
	}
	store_meta_stage(store);
	changes = store->open;
	changes->outbox_next = store->outbox_next;
	changes->cb = cb;
	changes->arg = arg;
	store->open = changes_get(store);
	store->in_flight++;
	store->in_flight_bytes += store_changes_bytes(changes);
	store_writer_submit(store, changes);
}

static void changes_end(struct ctl_store *store, struct store_changes *changes)
{
	store->in_flight--;
	store->in_flight_bytes -= store_changes_bytes(changes);
	if (changes->err == 0) {
		store->outbox_stored = changes->outbox_next;
		if (changes->outbox_first != 0)
			store->outbox_first = changes->outbox_first;
	}
	if (changes->cb != NULL)
		changes->cb(store_errno(changes->err), changes->arg);
	changes_put_back(store, changes);
}

static void hold_settle(struct ctl_store *store, int error)
{
	char why[CTL_HOLD_WHY_MAX];

	if (error == 0) {
		ctl_hold_clear(store->holds, CTL_HOLD_STORE);
		return;
	}
	snprintf(why, sizeof(why), "%.70s cannot be written (%.60s)", store->path,
		 mdb_strerror(error));
	ctl_hold_set(store->holds, CTL_HOLD_STORE, why);
}

// Calls back for everything that is done. How the last attempt ended.
static int reap(struct ctl_store *store)
{
	struct store_changes *changes, *next;
	struct store_report report;

	changes = store_writer_take(store, &report);
	ctl_counters.commits += report.commits;
	ctl_counters.commit_failures += report.failures;
	ctl_counters.commit_microseconds += report.commit_us;
	if (store->holds != NULL)
		hold_settle(store, report.error);
	for (; changes != NULL; changes = next) {
		next = changes->next;
		changes_end(store, changes);
	}
	return report.error;
}

void ctl_store_flush(struct ctl_store *store)
{
	while (store->in_flight > 0) {
		store_writer_wait(store);
		reap(store);
	}
}

size_t ctl_store_mark(const struct ctl_store *store)
{
	return store->open->log.len;
}

void ctl_store_rewind(struct ctl_store *store, size_t mark)
{
	assert(mark <= store->open->log.len);
	store->open->log.len = mark;
}

void ctl_store_try(struct ctl_store *store)
{
	int error = 0;

	while (store->in_flight > 0 && error == 0) {
		store_writer_wait(store);
		error = reap(store);
	}
}

static void on_committed(int err, void *arg)
{
	*(int *)arg = err;
}

int ctl_store_commit(struct ctl_store *store)
{
	int err = 0;

	ctl_store_submit(store, on_committed, &err);
	ctl_store_flush(store);
	return err;
}

void ctl_store_sync(struct ctl_store *store)
{
	store_writer_sync(store);
}

size_t ctl_store_backlog(const struct ctl_store *store)
{
	return store->in_flight_bytes;
}

static void on_async(uv_async_t *async)
{
	reap(async->data);
}

static void on_attempt(void *arg)
{
	struct ctl_store *store = arg;

	uv_async_send(&store->async);
}

int ctl_store_start(struct ctl_store *store, uv_loop_t *loop, struct ctl_holds *holds)
{
	int rc = uv_async_init(loop, &store->async, on_async);

	if (rc != 0)
		return rc;
	store->async.data = store;
	store->holds = holds;
	store->started = true;
	store_writer_notify(store, on_attempt, store);
	store_writer_persist(store, true);
	return 0;
}

void ctl_store_finish(struct ctl_store *store)
{
	if (!store->started)
		return;
	store->started = false;
	store_writer_persist(store, false);
	ctl_store_flush(store);
	store_writer_notify(store, NULL, NULL);
	store->holds = NULL;
	uv_close((uv_handle_t *)&store->async, NULL);
}
