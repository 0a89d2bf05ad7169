// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What may become a JSON string: UTF-8 (RFC 3629: no overlong forms, no surrogates) without U+0000.
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool utf8_text(const char *text, size_t len);
