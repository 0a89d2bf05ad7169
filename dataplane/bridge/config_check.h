// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a type cannot say: ranges, syntax of addresses, keys that exclude each other.
// Private to dataplane/bridge/config*.c.
#pragma once

#include "dataplane/bridge/config.h"
#include "dataplane/bridge/config_doc.h"

// Reports every problem of cfg, whose defaults are filled in already, through doc.
void config_check(struct config_doc *doc, const struct config *cfg);
