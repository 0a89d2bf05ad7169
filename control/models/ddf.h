// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Reads an OMA DDF file (LwM2M core 1.1.1 appendix D.1): the XML in which object definitions are
// published. Document type declarations are refused, so that there are no entities to expand and
// nothing outside the file to fetch; sizes are bounded. Pure; any thread.
#pragma once

#include "control/models/definition.h"

#define CTL_DDF_MAX      (1u << 20) // bytes of a file; the largest in the public registry has 251,500
#define CTL_DDF_TEXT_MAX (64u << 10) // bytes of one element's text

struct ctl_ddf_error {
	unsigned long line;
	char what[192];
};

// The objects of a file, at least one, in the order they stand. NULL with err filled otherwise.
struct ctl_definition *ctl_ddf_read(const char *text, size_t len, struct ctl_ddf_error *err);
