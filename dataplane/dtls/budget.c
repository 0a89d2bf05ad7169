// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/budget.h"

#include <string.h>

static uint32_t more(uint32_t left, uint32_t per_ms, uint32_t passed_ms)
{
	uint32_t most = per_ms * DTLS_BUDGET_SAVED_MS;

	if (passed_ms >= DTLS_BUDGET_SAVED_MS || left + per_ms * passed_ms > most)
		return most;
	return left + per_ms * passed_ms;
}

void dtls_budget_init(struct dtls_budget *budget, uint32_t per_ms, uint64_t seed, uint64_t now_us)
{
	memset(budget, 0, sizeof(*budget));
	budget->per_ms = per_ms;
	budget->seed = seed | 1;
	budget->now_ms = (uint32_t)(now_us / 1000);
	budget->left = per_ms * DTLS_BUDGET_SAVED_MS;
	for (uint32_t i = 0; i < DTLS_BUDGET_NETWORKS; i++)
		budget->networks[i].at_ms = budget->now_ms - DTLS_BUDGET_SAVED_MS;
}

void dtls_budget_refill(struct dtls_budget *budget, uint64_t now_us)
{
	uint32_t now_ms = (uint32_t)(now_us / 1000);

	budget->left = more(budget->left, budget->per_ms, now_ms - budget->now_ms);
	budget->now_ms = now_ms;
}

// IPv4 lies in the last four bytes (RFC 4291 section 2.5.5.2).
static uint32_t network_of(const struct dtls_budget *budget, const struct dp_peer *peer)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	uint32_t prefix = 0;

	if (memcmp(peer->addr, mapped, sizeof(mapped)) == 0)
		memcpy(&prefix, peer->addr + sizeof(mapped), 2);
	else
		memcpy(&prefix, peer->addr, 4);
	return (uint32_t)((prefix + 1) * budget->seed >> 32) % DTLS_BUDGET_NETWORKS;
}

bool dtls_budget_take(struct dtls_budget *budget, const struct dp_peer *peer)
{
	uint32_t i = network_of(budget, peer);
	uint32_t share = budget->per_ms / DTLS_BUDGET_SHARE;

	budget->networks[i].left =
		more(budget->networks[i].left, share, budget->now_ms - budget->networks[i].at_ms);
	budget->networks[i].at_ms = budget->now_ms;
	if (budget->left == 0 || (budget->left <= budget->per_ms * DTLS_BUDGET_SAVED_MS / 2 &&
				  budget->networks[i].left == 0))
		return false;
	budget->left--;
	budget->networks[i].left -= budget->networks[i].left > 0;
	return true;
}
