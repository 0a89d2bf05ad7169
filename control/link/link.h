// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control's end of the bridge: attaches (again and again, once a dataplane is there), hands it
// every registration, takes events in groups, commits them, and only then lets the dataplane
// answer.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/ctl.h"
#include "dataplane/bridge/segment.h"

enum ctl_link_state { CTL_LINK_DETACHED, CTL_LINK_RESTORING, CTL_LINK_READY };

int ctl_link_start(struct ctl *ctl, struct ctl_link **link);
// Answers what has come up, then lets go of the dataplane for good.
void ctl_link_quit(struct ctl_link *link);
void ctl_link_stop(struct ctl_link *link);

enum ctl_link_state ctl_link_state(const struct ctl_link *link);
// NULL while detached. For /metrics and /api/dataplane; read only.
const struct bridge_segment *ctl_link_segment(const struct ctl_link *link);

// For control/downlink.c: hands the dataplane a request, or takes it back. token: 0 for the worker
// to choose. 0, -ENOTCONN unless READY, -EAGAIN when there is no room now, -EMSGSIZE.
int ctl_link_request(struct ctl_link *link, uint64_t location, uint64_t request_id,
		     uint32_t timeout_ms, uint64_t token, const void *coap, size_t coap_len);
int ctl_link_cancel(struct ctl_link *link, uint64_t location, uint64_t request_id);

// A credential was removed: its DTLS sessions end. Reload: the files of the gateway's own
// credentials are to be read again. 0, -ENOTCONN unless READY, -EAGAIN when there is no room now.
int ctl_link_credential_gone(struct ctl_link *link, uint64_t credential);
int ctl_link_credentials_reload(struct ctl_link *link);

// Somebody looks at the messages of that device: they become COAPLOG events until as many have
// looked away. 0 or -ENOMEM.
int ctl_link_watch(struct ctl_link *link, const char *endpoint, size_t len);
void ctl_link_unwatch(struct ctl_link *link, const char *endpoint, size_t len);
