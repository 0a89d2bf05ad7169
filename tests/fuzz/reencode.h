// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The property that all codecs share: a tree that was decoded can be encoded in each format that
// can say it, and decodes from that to the same tree.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Decodes data in that format at a path that its first byte picks, and holds the tree to the
// property.
void reencode_check(uint16_t format, const uint8_t *data, size_t size);
