// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/region.h"

#include <errno.h>
#include <linux/mman.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

#define HUGE_BYTES ((size_t)2 << 20)

static atomic_size_t reserved, other;

// A mapping of huge pages ends where one of them does.
static size_t mapped(size_t bytes)
{
	return bytes < HUGE_BYTES || bytes > SIZE_MAX - HUGE_BYTES
		       ? bytes
		       : (bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
}

// NULL when there are not as many pages. The mapping takes all of them out of the pool at once, so
// none can be missing when it is touched. But for a control group that may have none: the first
// page shows that here, where it is an error and not yet a SIGBUS.
static void *map_reserved(size_t bytes)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB, -1, 0);

	if (mem == MAP_FAILED)
		return NULL;
	if (madvise(mem, HUGE_BYTES, MADV_POPULATE_WRITE) < 0 && errno != EINVAL) {
		munmap(mem, bytes);
		return NULL;
	}
	return mem;
}

void *dp_region_alloc(size_t bytes)
{
	size_t size = mapped(bytes);
	void *mem = size < HUGE_BYTES ? NULL : map_reserved(size);

	if (mem) {
		atomic_fetch_add_explicit(&reserved, size, memory_order_relaxed);
		return mem;
	}
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
	if (mem == MAP_FAILED)
		return NULL;
	// Random access over gigabytes costs a TLB miss per look-up with 4 KiB pages. Only advice:
	// without transparent huge pages the table is slower, not wrong.
	(void)madvise(mem, size, MADV_HUGEPAGE);
	atomic_fetch_add_explicit(&other, size, memory_order_relaxed);
	return mem;
}

void dp_region_free(void *region, size_t bytes)
{
	if (region)
		munmap(region, mapped(bytes));
}

struct dp_region_sizes dp_region_sizes(void)
{
	return (struct dp_region_sizes){
		.reserved = atomic_load_explicit(&reserved, memory_order_relaxed),
		.other = atomic_load_explicit(&other, memory_order_relaxed),
	};
}
