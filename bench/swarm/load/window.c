// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/window.h"

#include <errno.h>
#include <stdlib.h>

int window_init(struct window *w, uint32_t size)
{
	*w = (struct window){.size = 64};
	while (w->size < size)
		w->size *= 2;
	w->mask = w->size - 1;
	w->slots = calloc(w->size, sizeof(*w->slots));
	w->free = calloc(w->size, sizeof(*w->free));
	if (!w->slots || !w->free) {
		window_fini(w);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < w->size; i++)
		w->free[i] = i;
	return 0;
}

void window_fini(struct window *w)
{
	free(w->slots);
	free(w->free);
	*w = (struct window){0};
}
