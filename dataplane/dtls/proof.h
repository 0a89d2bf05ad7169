// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Proof that a session's device is there now, and at that address: a CoAP ping (RFC 7252 section
// 4.3) in a record of the session's. Nobody else can make the RST that answers it, and none that
// was recorded before fits: its message id is a secret of this run.
//
// A session that was resumed from a snapshot is asked before anything of it is taken (verdict
// RESUMED): the numbers of what was received since the snapshot are not known, and somebody might
// have kept those records. The RST's number is above all of them. The device repeats what got no
// answer. With dataplane.routability: ping one that is heard from a new address is asked there,
// too. Worker's thread only.
#pragma once

#include <stdbool.h>

#include "dataplane/dtls/record.h"

struct dp_peer;
struct dp_worker;

// Sends the ping to that address.
void dtls_proof_ask(struct dp_worker *w, struct dtls_session *session, const struct dp_peer *at);
// An opened record of application data: whether it is that RST.
bool dtls_proof_is(const struct dp_worker *w, const struct dtls_record *record);
// Takes the proof: a resumed session goes on, nothing older than the record counts any more.
void dtls_proof_take(struct dp_worker *w, const struct dtls_record *record);
