// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which events a back end asked for: of these types, and of an endpoint that matches a pattern, and
// that tell of one of these LwM2M paths. Pure.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/store/outbox.h"
#include "dataplane/bridge/config.h"
#include "lwm2m/core/path.h"

struct filter {
	const struct config_backend *cfg;
	struct lwm2m_path *paths; // cfg's
};

// Borrows cfg, whose paths are valid. 0 or -ENOMEM.
int filter_init(struct filter *filter, const struct config_backend *cfg);
void filter_fini(struct filter *filter);

// Paths are asked of events that have some: registrations, updates and deregistrations pass. An
// event passes when one of its paths is a wanted one, lies below one, or above (an observed object
// contains the resource that is asked for).
bool filter_passes(const struct filter *filter, const struct ctl_outbox_view *view);

// '*' stands for any number of bytes, '?' for one.
bool filter_glob(const char *pattern, const char *text, size_t len);
