// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/region.h"

#include <sys/mman.h>

void *dp_region_alloc(size_t bytes)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (mem == MAP_FAILED)
		return NULL;
	// Random access over gigabytes costs a TLB miss per look-up with 4 KiB pages. Only advice:
	// without transparent huge pages the table is slower, not wrong.
	(void)madvise(mem, bytes, MADV_HUGEPAGE);
	return mem;
}

void dp_region_free(void *region, size_t bytes)
{
	if (region)
		munmap(region, bytes);
}
