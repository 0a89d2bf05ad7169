// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/hold.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "control/log.h"

LOG_TYPE("hold");

static const char *const names[CTL_HOLD_COUNT] = {
#define X(id, name, help) [CTL_HOLD_##id] = name,
	CTL_HOLDS(X)
#undef X
};

bool ctl_held(const struct ctl_holds *holds)
{
	for (unsigned i = 0; i < CTL_HOLD_COUNT; i++)
		if (holds->why[i][0] != '\0')
			return true;
	return false;
}

void ctl_hold_set(struct ctl_holds *holds, enum ctl_hold hold, const char *why)
{
	bool held = ctl_held(holds);
	char text[CTL_HOLD_WHY_MAX];

	assert(why[0] != '\0');
	snprintf(text, sizeof(text), "%s", why);
	if (strcmp(holds->why[hold], text) == 0)
		return;
	memcpy(holds->why[hold], text, sizeof(text));
	LOG(warning, "devices are told to come back later: %s, %s", names[hold], text);
	if (!held && holds->cb != NULL)
		holds->cb(true, holds->arg);
}

void ctl_hold_clear(struct ctl_holds *holds, enum ctl_hold hold)
{
	if (holds->why[hold][0] == '\0')
		return;
	holds->why[hold][0] = '\0';
	LOG(info, "%s, no longer a reason to turn devices away", names[hold]);
	if (!ctl_held(holds) && holds->cb != NULL)
		holds->cb(false, holds->arg);
}

const char *ctl_hold_why(const struct ctl_holds *holds, enum ctl_hold hold)
{
	return holds->why[hold][0] != '\0' ? holds->why[hold] : NULL;
}

const char *ctl_hold_name(enum ctl_hold hold)
{
	return names[hold];
}

void ctl_holds_listen(struct ctl_holds *holds, ctl_hold_cb_t cb, void *arg)
{
	holds->cb = cb;
	holds->arg = arg;
}
