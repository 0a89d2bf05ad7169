// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The exchanges whose events were committed, as control/link/exchanges.h knows them: the database
// "exchanges", a value for every commit, keyed by the number of its first exchange. Loop thread
// only.
#pragma once

#include <stdint.h>

#include "control/store/store.h"

// The secret their hashes are made with; made once per store.
const uint64_t *ctl_store_exchange_key(const struct ctl_store *store);

// Into the open change set; first is not 0 and grows. Put returns where the hashes go, not aligned,
// until the next change.
void *ctl_store_exchanges_put(struct ctl_store *store, uint64_t first, uint32_t wall_s,
			      uint32_t count);
void ctl_store_exchanges_delete(struct ctl_store *store, uint64_t first); // nothing there: nothing

// Every value, in order; the hashes are borrowed and need not be aligned. What is damaged is logged
// and left out. The callback's result other than 0 ends it and is returned.
typedef int (*ctl_store_exchanges_cb_t)(uint64_t first, uint32_t wall_s, const void *hashes,
					uint32_t count, void *arg);
int ctl_store_exchanges_load(struct ctl_store *store, ctl_store_exchanges_cb_t cb, void *arg);
