// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Who is served when there is more to do than can be done. Three limits, all of them of one worker:
//
// - peer_rate: of one address, whoever is there. The keep-alives of registered devices do not
//   count, except those that come faster than any device has reason to.
// - unknown_rate: what all senders together get that no registered device has been heard from:
//   errors, RSTs, pings, links, what control has to judge (Send). Registers are not among it.
// - new_rate: Registers of endpoints that are not registered.
//
// Who returned an Echo option (RFC 9175) that was sent to its address is no forger: only peer_rate
// is for it. Every 4.29 carries one, and with echo: always so does a 4.01 to every first request.
//
// A request beyond a limit gets 4.29 with Max-Age (RFC 8516), but only so many a second do;
// everything else is dropped, under the limit's name. Worker's thread only.
#pragma once

#include "dataplane/pkt.h"
#include "dataplane/worker.h"

// Of the same device: one that comes sooner after the last keep-alive is charged to its address.
#define DP_HASTE_US 50u

// For a message of a sender nobody knows that stage_admit has not seen (a malformed one, a ping, a
// keep-alive of nobody). False: it is beyond a limit and has been refused, and taken.
bool dp_admit_unknown(struct dp_worker *w, struct rte_mbuf *m);
// For a keep-alive that comes in haste.
bool dp_admit_hasty(struct dp_worker *w, struct rte_mbuf *m);
// For a Register of an endpoint that is not registered.
bool dp_admit_new(struct dp_worker *w, struct rte_mbuf *m);
// For any other message, with its sender's entry. known: a registered device's.
bool dp_admit(struct dp_worker *w, struct rte_mbuf *m, struct dp_sender *sender, bool known);

struct dp_sender *dp_admit_sender(struct dp_worker *w, const struct dp_peer *peer);
// A registered device is there.
void dp_admit_know(struct dp_worker *w, const struct dp_peer *peer);
