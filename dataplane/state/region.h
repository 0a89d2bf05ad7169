// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Large tables: address space reserved at start, zeroed, given memory as it is touched. First touch
// by the worker puts the pages on its NUMA node.
//
// A region of 2 MiB or more is made of reserved huge pages (hugetlbfs) while as many are free as it
// could ever touch; else the kernel is asked for transparent ones. Both are as large, but reserved
// ones the kernel leaves alone: transparent ones are sampled and aged as any other memory, and each
// look at one takes its entries from the TLB (a fifth of the rate with ten million sessions, see
// bench/README.md). A control group that may have no huge page is noticed; one that may have some,
// but fewer than the tables take, is not: touching one more is a SIGBUS.
//
// From any thread.
#pragma once

#include <stddef.h>

void *dp_region_alloc(size_t bytes); // NULL: no memory
void dp_region_free(void *region, size_t bytes);

struct dp_region_sizes {
	size_t reserved; // bytes of regions in reserved huge pages
	size_t other;
};

// Of all regions that the process has asked for so far.
struct dp_region_sizes dp_region_sizes(void);
