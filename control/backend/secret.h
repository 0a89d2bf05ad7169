// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a back end is shown to be let in: from the configuration, or from files, which are read
// again when the back end no longer lets us in.
#pragma once

#include "dataplane/bridge/config.h"

struct secrets {
	char *bearer, *basic, *hmac_key; // NULL: not configured
};

// 0, or -errno with the reason in why; what was there stays then.
int secrets_load(struct secrets *secrets, const struct config_auth *auth, char why[static 160]);
void secrets_free(struct secrets *secrets);
