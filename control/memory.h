// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Where running out of memory cannot be undone: an event that is half applied leaves the memory and
// the disk apart for good. The process ends instead, with what was promised on disk, and the next
// one reads that.
#pragma once

_Noreturn void ctl_out_of_memory(void);

static inline void *ctl_must_have(void *block)
{
	if (block == (void *)0)
		ctl_out_of_memory();
	return block;
}
