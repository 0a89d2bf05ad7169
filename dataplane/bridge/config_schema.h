// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The typed schema of sluice.yaml for libcyaml, and the translation of libcyaml's log into problems
// that name file, line and key. Private to dataplane/bridge/config*.c.
#pragma once

#include "dataplane/bridge/config.h"
#include "dataplane/bridge/config_doc.h"

// What doc says as a struct config: fields that are absent are zero, nothing but types and keys is
// checked. NULL after reporting a problem.
struct config *config_schema_load(struct config_doc *doc);
void config_schema_free(struct config *cfg);

// The same of one back end, alone in its document.
struct config_backend *config_schema_load_backend(struct config_doc *doc);
void config_schema_free_backend(struct config_backend *backend);
