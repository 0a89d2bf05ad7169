// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/exchange.h"

#include <errno.h>
#include <string.h>

#include "dataplane/state/region.h"
#include "dataplane/state/session.h"

#define POOL_BYTES (DP_EXCHANGES_MAX * sizeof(struct dp_exchange))

int dp_exchanges_init(struct dp_exchanges *xs)
{
	memset(xs, 0, sizeof(*xs));
	xs->pool = dp_region_alloc(POOL_BYTES);
	return xs->pool ? 0 : -ENOMEM;
}

void dp_exchanges_fini(struct dp_exchanges *xs)
{
	dp_region_free(xs->pool, POOL_BYTES);
	memset(xs, 0, sizeof(*xs));
}

static struct dp_exchange **bucket(struct dp_exchanges *xs, uint16_t mid)
{
	// The low bits are the same in all of a worker's message ids.
	return &xs->buckets[((uint32_t)mid * 0x9e3779b1u) >> 20 & (DP_EXCHANGE_BUCKETS - 1)];
}

struct dp_exchange *dp_exchange_new(struct dp_exchanges *xs, struct dp_session *session,
				    uint16_t mid)
{
	struct dp_exchange *x = xs->free;

	if (x)
		xs->free = x->bucket_next;
	else if (xs->top < DP_EXCHANGES_MAX)
		x = &xs->pool[xs->top++];
	else
		return NULL;
	memset(x, 0, offsetof(struct dp_exchange, datagram));
	x->session = session;
	x->mid = mid;
	x->bucket_next = *bucket(xs, mid);
	*bucket(xs, mid) = x;
	xs->count++;
	return x;
}

void dp_exchange_free(struct dp_exchanges *xs, struct dp_exchange *x)
{
	struct dp_exchange **link = bucket(xs, x->mid);

	while (*link != x)
		link = &(*link)->bucket_next;
	*link = x->bucket_next;
	x->session = NULL;
	x->bucket_next = xs->free;
	xs->free = x;
	xs->count--;
}

struct dp_exchange *dp_exchange_by_mid(struct dp_exchanges *xs, const struct dp_peer *peer,
				       uint16_t mid)
{
	for (struct dp_exchange *x = *bucket(xs, mid); x; x = x->bucket_next) {
		if (x->mid == mid && dp_peer_same(&x->session->peer, peer))
			return x;
	}
	return NULL;
}
