// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/dtls_sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/log.h"
#include "control/store/env.h"

LOG_TYPE("store");

#define GENERATION_BITS 24

// Without the generation, and never 0.
static uint64_t place_of(uint64_t cid)
{
	return (cid >> GENERATION_BITS) + 1;
}

// Which boot of the machine this is: 16 characters of it, all 0 when nobody knows.
static void boot_read(uint8_t boot[static 16])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memset(boot, 0, 16);
	if (fd < 0)
		return;
	if (read(fd, boot, 16) != 16)
		memset(boot, 0, 16);
	close(fd);
}

static bool is_lasting(const struct store_dataplane *dataplane)
{
	static const uint8_t none[16];

	return memcmp(dataplane->boot, none, sizeof(none)) == 0;
}

static const char count_key[] = "dtls-dataplane";

int store_dtls_open(struct ctl_store *store, MDB_txn *txn)
{
	MDB_val key = {sizeof(count_key) - 1, (void *)(uintptr_t)count_key}, val;
	uint8_t boot[16];
	int rc = mdb_get(txn, store->dbis[STORE_META], &key, &val);

	if (rc == 0 && val.mv_size == sizeof(store->dataplane))
		memcpy(&store->dataplane, val.mv_data, sizeof(store->dataplane));
	boot_read(boot);
	// What was written last may be lost, and older numbers be back.
	if (!is_lasting(&store->dataplane) &&
	    memcmp(store->dataplane.boot, boot, sizeof(boot)) != 0)
		store->dataplane.first = store->dataplane.count + 1;
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static void dataplane_put(struct ctl_store *store)
{
	memcpy(store_put_text(store, STORE_META, count_key, sizeof(store->dataplane)),
	       &store->dataplane, sizeof(store->dataplane));
}

void ctl_store_dtls_forget(struct ctl_store *store)
{
	store->dataplane.first = store->dataplane.count + 1;
	store->dataplane.id = 0; // the next one counts, whoever it is
	dataplane_put(store);
}

void ctl_store_dtls_dataplane(struct ctl_store *store, uint64_t dataplane_id)
{
	struct store_dataplane *dataplane = &store->dataplane;
	uint8_t boot[16] = {0};

	if ((store->flags & MDB_NOSYNC) != 0)
		boot_read(boot);
	if (dataplane->count > 0 && dataplane->id == dataplane_id &&
	    memcmp(dataplane->boot, boot, sizeof(boot)) == 0)
		return;
	if (dataplane->count == 0 || dataplane->id != dataplane_id)
		dataplane->count++;
	dataplane->id = dataplane_id;
	memcpy(dataplane->boot, boot, sizeof(boot));
	dataplane_put(store);
}

uint32_t ctl_store_dtls_dataplanes(const struct ctl_store *store)
{
	return (uint32_t)store->dataplane.count;
}

bool ctl_store_dtls_any(struct ctl_store *store)
{
	MDB_txn *txn;
	MDB_stat stat;
	bool any = true;

	if (store_read_begin(store, &txn) != 0)
		return true;
	if (mdb_stat(txn, store->dbis[STORE_DTLS_SESSIONS], &stat) == 0)
		any = stat.ms_entries > 0;
	store_read_end(store, txn);
	return any;
}

struct ctl_dtls_session *ctl_store_dtls_put(struct ctl_store *store, uint64_t cid)
{
	struct ctl_dtls_session *session =
		store_put(store, STORE_DTLS_SESSIONS, place_of(cid), sizeof(*session));

	*session = (struct ctl_dtls_session){
		.version = CTL_DTLS_SESSION_VERSION,
		.dataplanes = ctl_store_dtls_dataplanes(store),
		.cid = cid,
	};
	return session;
}

void ctl_store_dtls_delete(struct ctl_store *store, uint64_t cid)
{
	store_delete(store, STORE_DTLS_SESSIONS, place_of(cid));
}

static int tell(struct ctl_store *store, uint64_t key, const MDB_val *v, ctl_store_dtls_cb_t cb,
		void *arg)
{
	struct ctl_dtls_session session;

	if (v->mv_size == sizeof(session)) {
		memcpy(&session, v->mv_data, sizeof(session)); // it need not be aligned
		if (session.version == CTL_DTLS_SESSION_VERSION && place_of(session.cid) == key) {
			if (session.dataplanes >= store->dataplane.first)
				return cb(&session, arg);
			ctl_store_dtls_delete(store, session.cid);
			return 0;
		}
	}
	LOG(error, "DTLS session %" PRIu64 " left out (damaged on disk)", key);
	return 0;
}

int ctl_store_dtls_after(struct ctl_store *store, uint64_t *key, ctl_store_dtls_cb_t cb, void *arg)
{
	struct store_key from = store_key_of(*key + 1);
	MDB_val k = store_key_val(&from), v;
	MDB_cursor *cursor;
	MDB_txn *txn;
	int ended = 0, rc = store_read_begin(store, &txn);

	if (rc != 0)
		return store_errno(rc);
	rc = mdb_cursor_open(txn, store->dbis[STORE_DTLS_SESSIONS], &cursor);
	if (rc != 0) {
		store_read_end(store, txn);
		return store_errno(rc);
	}
	for (rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); rc == 0;
	     rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
		ended = tell(store, store_key_number(&k), &v, cb, arg);
		if (ended != 0)
			break;
		*key = store_key_number(&k);
	}
	mdb_cursor_close(cursor);
	store_read_end(store, txn);
	return ended != 0 ? ended : rc == MDB_NOTFOUND || rc == 0 ? 0 : store_errno(rc);
}
