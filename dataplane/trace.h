// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Telling control of a session's messages, both ways, while somebody looks. Never at the expense of
// anything: what the event ring has no room for is not told (traces_lost). Worker's thread only.
#pragma once

#include "dataplane/worker.h"

// BRIDGE_TRACE. What is not there or too many is not traced.
void dp_trace_set(struct dp_worker *w, uint64_t location, bool on);
// Control is gone: nobody is traced any more.
void dp_trace_end(struct dp_worker *w);

// A message from the session's device; marks it, so that its answer is told of as well.
void dp_trace_incoming(struct dp_worker *w, const struct dp_session *session, struct rte_mbuf *m);
void dp_trace_outgoing(struct dp_worker *w, uint64_t location, const void *coap, uint32_t coap_len);
