// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials by the million: lines as they come, put in commits of some thousands. A line that is
// wrong is left out and told by its number; the others count. Loop thread only.
#pragma once

#include <jansson.h>

#include "control/security/credentials.h"

#define CTL_IMPORT_ERRORS_MAX 100u // told; beyond, only counted

struct ctl_import;

struct ctl_import *ctl_import_new(struct ctl_credentials *credentials); // NULL: no memory
void ctl_import_free(struct ctl_import *import);

// Bytes of the text, however they are cut.
void ctl_import_take(struct ctl_import *import, const char *bytes, size_t len);
// The last line may have no end. 0, or -errno when the store failed: *line is then the first one
// that was not put.
int ctl_import_end(struct ctl_import *import, uint64_t *line);
// {"lines","added","replaced","unchanged","failed","errors":[{"line","error"}]}; NULL when memory
// is out.
json_t *ctl_import_json(const struct ctl_import *import);
