// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a type cannot say of a back end, and its defaults: of those in the file and of one that
// comes by REST. Private to dataplane/bridge/config*.c.
#pragma once

#include "dataplane/bridge/config.h"
#include "dataplane/bridge/config_doc.h"

// prefix: of the keys, "backends[2]." or "". doc NULL: everything is absent.
void config_backend_fill(struct config_doc *doc, const char *prefix,
			 struct config_backend *backend);
// Reports every problem through doc.
void config_backend_check(struct config_doc *doc, const char *prefix,
			  const struct config_backend *backend);
