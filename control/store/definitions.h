// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Back ends that were made by REST, as the JSON they were made of. Loop thread only.
#pragma once

#include "control/store/store.h"

// Each reaches the disk soon. 0; deleting what is not there is none.
int ctl_definition_put(struct ctl_store *store, const char *name, const char *json, size_t len);
int ctl_definition_delete(struct ctl_store *store, const char *name);

// Calls with each; name and json live for the call and are not zero-terminated. 0 or -errno, or
// what the callback returned if not 0.
typedef int (*ctl_definition_cb_t)(const char *name, size_t name_len, const char *json, size_t len,
				   void *arg);
int ctl_definitions_read(struct ctl_store *store, ctl_definition_cb_t cb, void *arg);
