// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// UTF-8 from the wire, RFC 3629: what becomes JSON later must be valid before it is accepted.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// No over-long forms, surrogates or anything above U+10FFFF.
bool utf8_valid(const void *text, size_t len);

// Valid, and without control characters (C0, DEL, C1).
bool utf8_printable(const void *text, size_t len);
