// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A line of an import: the JSON of one credential, or "endpoint,mode,identity,key" (RFC 4180,
// fields in quotes where needed, none over several lines). Pure.
#pragma once

#include "control/security/credential.h"

#define CTL_IMPORT_LINE_MAX 4096u // longer than any credential

// Without its end. NULL with the reason, a literal, in *why; NULL in both when there is nothing on
// it (blank, or the heading of a table).
struct ctl_credential *ctl_import_line(const char *line, size_t len, const char **why);
