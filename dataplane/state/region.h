// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Large tables: address space reserved at start, zeroed, given memory as it is touched, in huge
// pages where the kernel has them. First touch by the worker puts the pages on its NUMA node.
#pragma once

#include <stddef.h>

void *dp_region_alloc(size_t bytes); // NULL: no memory
void dp_region_free(void *region, size_t bytes);
