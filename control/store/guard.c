// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/store/guard.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char text[512];

// What is in the map cannot be read: nothing that needs memory or locks can be relied on.
static void on_bus_error(int number)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(1);
	_exit(1);
}

void ctl_store_guard(const char *state)
{
	struct sigaction action = {.sa_handler = on_bus_error};

	snprintf(text, sizeof(text),
		 "sluice-control: store %.300s/store, a page of it cannot be read (the file is cut "
		 "short, or its disk fails); put a copy back or move it away\n",
		 state);
	sigaction(SIGBUS, &action, NULL);
}
