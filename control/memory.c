// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/memory.h"

#include <stdlib.h>
#include <unistd.h>

#include "control/log.h"

LOG_TYPE("memory");

void ctl_out_of_memory(void)
{
	LOG(error, "events, cannot be applied (out of memory); ending, to go on from the disk");
	_exit(EXIT_FAILURE);
}
