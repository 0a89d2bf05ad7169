// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// How many ClientHellos of strangers are answered with a demand for a cookie. Whoever returns one
// has shown where he is and is not held to this; before that, nobody can be told from a forger, and
// what there is to give is shared by networks (IPv4: /16, IPv6: /32): when half of what was saved
// up is gone, one of them gets a sixteenth at most, so that who sends from one network, or can
// forge its addresses only, leaves fifteen parts to the others. Allowances are saved up for as long
// as housekeeping may sleep. Worker's thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/peer.h"

#define DTLS_BUDGET_NETWORKS 1024u // counted apart; a power of two
#define DTLS_BUDGET_SHARE    16u
#define DTLS_BUDGET_SAVED_MS 100u

struct dtls_budget {
	uint32_t per_ms;
	uint32_t left;
	uint64_t seed;
	uint32_t now_ms;
	struct {
		uint32_t at_ms; // left is of then
		uint32_t left;
	} networks[DTLS_BUDGET_NETWORKS];
};

// per_ms: at least DTLS_BUDGET_SHARE.
void dtls_budget_init(struct dtls_budget *budget, uint32_t per_ms, uint64_t seed, uint64_t now_us);
// In housekeeping.
void dtls_budget_refill(struct dtls_budget *budget, uint64_t now_us);
// For one answer; false: not now.
bool dtls_budget_take(struct dtls_budget *budget, const struct dp_peer *peer);
