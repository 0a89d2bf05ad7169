// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The HTTP side: libmicrohttpd driven by control's own loop (its epoll descriptor is polled by
// libuv), so that handlers run on the loop thread and share everything without locks.
#pragma once

#include "control/ctl.h"

// Starts to listen on cfg->control.listen; sets *rest and ctl->rest. 0 or -errno with the reason in
// why.
int ctl_rest_start(struct ctl *ctl, struct ctl_rest **rest, char why[static 160]);
// Ends every request and stream. Memory goes once the loop has closed the handles.
void ctl_rest_stop(struct ctl_rest *rest);
// The port listened on: the configured one, or what the kernel chose for port 0.
uint16_t ctl_rest_port(const struct ctl_rest *rest);
