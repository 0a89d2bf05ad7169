// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/blockwise.h"

#include <stddef.h>

void dp_blockwise_end(struct dp_worker *w, struct dp_transfer *transfer)
{
	wheel_disarm(&w->transfer_wheel, &transfer->timer);
	dp_transfer_free(&w->assembly, transfer);
}

void dp_blockwise_answered(struct dp_worker *w, const struct dp_pkt *pkt)
{
	// It may have expired since, or begun anew.
	if (pkt->transfer->serial == pkt->transfer_serial)
		dp_blockwise_end(w, pkt->transfer);
}

void dp_blockwise_forgotten(const struct dp_pkt *pkt)
{
	if (pkt->transfer->serial == pkt->transfer_serial)
		pkt->transfer->waits = false;
}

void dp_blockwise_on_time(struct wheel_timer *timer, void *worker)
{
	struct dp_worker *w = worker;

	w->counters.transfers_expired++;
	dp_transfer_free(&w->assembly, (struct dp_transfer *)((char *)timer -
							      offsetof(struct dp_transfer, timer)));
}
