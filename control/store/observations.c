// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/observations.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/log.h"
#include "control/observe/observations.h"
#include "control/store/env.h"

LOG_TYPE("store");

uint64_t ctl_store_observation_key(struct ctl_store *store)
{
	return store->observation_next++;
}

void ctl_store_observation_put(struct ctl_store *store, uint64_t key,
			       const struct ctl_observation_record *record)
{
	memcpy(store_put(store, STORE_OBSERVATIONS, key, record->bytes), record, record->bytes);
}

void ctl_store_observation_delete(struct ctl_store *store, uint64_t key)
{
	store_delete(store, STORE_OBSERVATIONS, key);
}

static bool is_sound(const MDB_val *v)
{
	const struct lwm2m_path *paths;
	struct ctl_observation_record head;
	struct lwm2m_path path;

	if (v->mv_size < sizeof(head))
		return false;
	memcpy(&head, v->mv_data, sizeof(head));
	if (head.version != CTL_OBSERVATION_VERSION || head.bytes != v->mv_size ||
	    head.paths_count == 0 || head.paths_count > CTL_PATHS_MAX ||
	    (!head.composite && head.paths_count != 1) ||
	    head.partial > CTL_OBSERVATION_PARTIAL_LAST || head.endpoint_len == 0 ||
	    head.endpoint_len > LWM2M_ENDPOINT_MAX ||
	    head.bytes != sizeof(head) + head.paths_count * sizeof(path) + head.endpoint_len)
		return false;
	paths = (const struct lwm2m_path *)((const char *)v->mv_data + sizeof(head));
	for (unsigned i = 0; i < head.paths_count; i++) {
		memcpy(&path, paths + i, sizeof(path));
		if (path.depth > 4)
			return false;
	}
	return true;
}

struct load {
	ctl_observation_cb_t cb;
	void *arg;
};

static int load_one(const MDB_val *k, const MDB_val *v, void *arg)
{
	const struct load *load = arg;
	uint64_t key = store_key_number(k);
	struct ctl_observation_record *record;
	int rc;

	if (key == 0 || !is_sound(v)) {
		LOG(error, "observation %" PRIu64 " left out (damaged on disk)", key);
		return 0;
	}
	record = store_copy(v);
	if (record == NULL)
		return -ENOMEM;
	rc = load->cb(key, record, load->arg);
	free(record);
	return rc;
}

int ctl_store_observations_load(struct ctl_store *store, ctl_observation_cb_t cb, void *arg)
{
	return store_each(store, STORE_OBSERVATIONS, load_one, &(struct load){cb, arg});
}
