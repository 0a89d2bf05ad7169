// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/handshakes.h"

#include <errno.h>
#include <string.h>

#include "dataplane/state/region.h"

int dtls_handshakes_init(struct dtls_handshakes *all, uint32_t max)
{
	memset(all, 0, sizeof(*all));
	all->max = max;
	all->pool = dp_region_alloc(max * sizeof(struct dtls_handshake));
	return all->pool ? 0 : -ENOMEM;
}

void dtls_handshakes_fini(struct dtls_handshakes *all)
{
	dp_region_free(all->pool, all->max * sizeof(struct dtls_handshake));
	memset(all, 0, sizeof(*all));
}

// Not keyed: a peer has returned a cookie, and there are no more of them than max.
static uint32_t bucket_of(const struct dp_peer *peer)
{
	uint64_t lo, hi;

	memcpy(&lo, peer->addr, 8);
	memcpy(&hi, peer->addr + 8, 8);
	lo = (lo ^ (hi << 16) ^ hi ^ peer->udp_port_be16) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(lo >> 40) & (DTLS_HANDSHAKE_BUCKETS - 1);
}

static bool same(const struct dp_peer *a, const struct dp_peer *b)
{
	return memcmp(a->addr, b->addr, sizeof(a->addr)) == 0 &&
	       a->udp_port_be16 == b->udp_port_be16 && a->port == b->port && a->local == b->local;
}

struct dtls_handshake *dtls_handshake_take(struct dtls_handshakes *all, struct dp_worker *w,
					   const struct dp_peer *peer)
{
	struct dtls_handshake **bucket = &all->buckets[bucket_of(peer)], *hs = all->free;

	if (hs)
		all->free = hs->next;
	else if (all->top < all->max)
		hs = &all->pool[all->top++];
	else
		return NULL;
	memset(hs, 0, sizeof(*hs));
	hs->worker = w;
	hs->peer = *peer;
	hs->serial = ++all->serial;
	hs->next = *bucket;
	*bucket = hs;
	all->count++;
	return hs;
}

void dtls_handshake_give(struct dtls_handshakes *all, struct dtls_handshake *hs)
{
	struct dtls_handshake **link = &all->buckets[bucket_of(&hs->peer)];

	while (*link != hs)
		link = &(*link)->next;
	*link = hs->next;
	memset(hs, 0, sizeof(*hs));
	hs->next = all->free;
	all->free = hs;
	all->count--;
}

struct dtls_handshake *dtls_handshake_find(const struct dtls_handshakes *all,
					   const struct dp_peer *peer)
{
	struct dtls_handshake *hs = all->count > 0 ? all->buckets[bucket_of(peer)] : NULL;

	while (hs && !same(&hs->peer, peer))
		hs = hs->next;
	return hs;
}

struct dtls_handshake *dtls_handshake_asked(const struct dtls_handshakes *all, uint64_t query)
{
	uint32_t index = (uint32_t)query;
	struct dtls_handshake *hs = index < all->top ? &all->pool[index] : NULL;

	return hs && hs->worker && hs->serial == query >> 32 ? hs : NULL;
}
