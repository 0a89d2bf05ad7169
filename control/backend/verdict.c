// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/verdict.h"

// Of 4xx these say nothing about the batch (RFC 9110, 6585, 8470): credentials that ran out, a path
// that is not there (yet), too early, too often. The events are kept for when that is mended.
static bool is_about_us(long status)
{
	static const uint16_t statuses[] = {401, 403, 404, 407, 408, 421, 425, 429};

	for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i] == status)
			return true;
	return false;
}

enum verdict verdict_of(long status)
{
	if (status >= 200 && status < 300)
		return VERDICT_ACCEPTED;
	if (status == 413)
		return VERDICT_TOO_LARGE;
	if (status >= 400 && status < 500 && !is_about_us(status))
		return VERDICT_REFUSED;
	return VERDICT_RETRY;
}

uint32_t verdict_backoff_ms(uint32_t min_ms, uint32_t max_ms, uint32_t tries, uint32_t random)
{
	uint64_t ms = (uint64_t)min_ms << (tries < 22 ? tries : 22);

	if (ms > max_ms)
		ms = max_ms;
	return (uint32_t)(ms / 2 + random % (ms / 2 + 1));
}
