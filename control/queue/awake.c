// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/queue/awake.h"

#include <errno.h>
#include <stdlib.h>

void awake_init(struct awake *awake, uint64_t window_ms)
{
	*awake = (struct awake){.window_ms = window_ms};
}

void awake_fini(struct awake *awake)
{
	struct awake_entry *entry = awake->first, *next;

	for (; entry != NULL; entry = next) {
		next = entry->next;
		free(entry);
	}
	awake->first = awake->last = NULL;
}

bool awake_has(const struct ctl_reg *reg)
{
	return reg->awake != NULL;
}

static void entry_unlink(struct awake *awake, struct awake_entry *entry)
{
	*(entry->prev != NULL ? &entry->prev->next : &awake->first) = entry->next;
	*(entry->next != NULL ? &entry->next->prev : &awake->last) = entry->prev;
}

static void entry_append(struct awake *awake, struct awake_entry *entry, uint64_t heard_ms)
{
	entry->heard_ms = heard_ms;
	if (awake->last != NULL && awake->last->heard_ms > heard_ms)
		entry->heard_ms = awake->last->heard_ms;
	entry->prev = awake->last;
	entry->next = NULL;
	*(awake->last != NULL ? &awake->last->next : &awake->first) = entry;
	awake->last = entry;
}

int awake_heard(struct awake *awake, struct ctl_reg *reg, uint64_t heard_ms)
{
	struct awake_entry *entry = reg->awake;

	if (entry != NULL) {
		entry_unlink(awake, entry);
		entry_append(awake, entry, heard_ms);
		return 0;
	}
	entry = malloc(sizeof(*entry));
	if (entry == NULL)
		return -ENOMEM;
	entry->reg = reg;
	reg->awake = entry;
	entry_append(awake, entry, heard_ms);
	return 1;
}

bool awake_end(struct awake *awake, struct ctl_reg *reg)
{
	struct awake_entry *entry = reg->awake;

	if (entry == NULL)
		return false;
	entry_unlink(awake, entry);
	free(entry);
	reg->awake = NULL;
	return true;
}

struct ctl_reg *awake_take_due(struct awake *awake, uint64_t now_ms)
{
	struct awake_entry *entry = awake->first;
	struct ctl_reg *reg;

	if (entry == NULL || now_ms < entry->heard_ms + awake->window_ms)
		return NULL;
	reg = entry->reg;
	awake_end(awake, reg);
	return reg;
}

uint64_t awake_next_ms(const struct awake *awake)
{
	return awake->first == NULL ? UINT64_MAX : awake->first->heard_ms + awake->window_ms;
}
