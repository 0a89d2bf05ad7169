// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Exchanges whose events are committed. The dataplane answers a repeated message by itself, but it
// forgets when it dies, and what waits for a commit when control does; then the repetition comes up
// as if it were new. Its keyed hash (peer, message id, token, everything else it says) is here, in
// memory at once and with the same change set on disk, for EXCHANGE_LIFETIME (RFC 7252
// section 4.8.2), so that no second event is made of it.
//
// Bounded: of more than EXCHANGES_MAX the oldest are forgotten early, and counted. Loop thread
// only; time is a parameter, in seconds since 1970.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/peer.h"

#define EXCHANGES_LIFETIME_S 247u
#define EXCHANGES_MAX        (1u << 20) // 32 MiB when full: 26 s of 40,000 events a second

struct ctl_store;
struct link_exchanges;

// With what is on disk. max: EXCHANGES_MAX but in tests, a power of two. NULL when memory is out or
// the disk cannot be read.
struct link_exchanges *link_exchanges_new(struct ctl_store *store, uint32_t max, uint32_t now_s);
void link_exchanges_free(struct link_exchanges *exchanges);
size_t link_exchanges_count(const struct link_exchanges *exchanges);

// 0: nothing that is repeated with the same message id (not Confirmable, or no message).
uint64_t link_exchanges_hash(const struct link_exchanges *exchanges, const struct dp_peer *peer,
			     const uint8_t *coap, size_t len);
// Brings into the cache what looking it up looks at.
void link_exchanges_prefetch(const struct link_exchanges *exchanges, uint64_t hash);
bool link_exchanges_known(const struct link_exchanges *exchanges, uint64_t hash);
void link_exchanges_note(struct link_exchanges *exchanges, uint64_t hash, uint32_t now_s);

// Into the open change set: what was noted since the last time, and what is forgotten.
void link_exchanges_stage(struct link_exchanges *exchanges, uint32_t now_s);
