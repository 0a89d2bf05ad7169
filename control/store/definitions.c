// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/store/definitions.h"

#include <string.h>

#include "control/store/env.h"

int ctl_definition_put(struct ctl_store *store, const char *name, const char *json, size_t len)
{
	memcpy(store_put_text(store, STORE_DEFINITIONS, name, len), json, len);
	ctl_store_submit(store, NULL, NULL);
	return 0;
}

int ctl_definition_delete(struct ctl_store *store, const char *name)
{
	store_delete_text(store, STORE_DEFINITIONS, name, strlen(name));
	ctl_store_submit(store, NULL, NULL);
	return 0;
}

struct read {
	ctl_definition_cb_t cb;
	void *arg;
};

static int read_one(const MDB_val *k, const MDB_val *v, void *arg)
{
	const struct read *read = arg;

	return read->cb(k->mv_data, k->mv_size, v->mv_data, v->mv_size, read->arg);
}

int ctl_definitions_read(struct ctl_store *store, ctl_definition_cb_t cb, void *arg)
{
	return store_each(store, STORE_DEFINITIONS, read_one, &(struct read){cb, arg});
}
