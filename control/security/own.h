// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The gateway's own certificate and key, as the configuration names them. Control shows the public
// half and checks the files before the dataplane, which uses them, is told to read them. Loop
// thread only.
#pragma once

#include <jansson.h>

#include "control/ctl.h"

struct ctl_own;

// 0, or -errno with the reason, "security.key FILE, what is wrong", in why.
int ctl_own_load(const struct config_security *cfg, struct ctl_own **out, char why[static 160]);
void ctl_own_free(struct ctl_own *own);

// {"certificate":{"pubkey","b64Der"}}, {"pubkey":{..}} of a key without certificate, {} of neither;
// NULL when memory is out.
json_t *ctl_own_json(const struct ctl_own *own);
// Reads the files into ctl->own, or again: what was read before stays when they are wrong now. Then
// the dataplane is told, at once or when it is ready. 0 or -errno, logged.
int ctl_own_reload(struct ctl *ctl);
void ctl_own_on_ready(struct ctl *ctl);

// The certificate, or one above it, is not valid at that time.
bool ctl_own_expired(const struct ctl_own *own, int64_t wall_s);
