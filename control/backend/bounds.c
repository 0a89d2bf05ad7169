// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/bounds.h"

#include <inttypes.h>
#include <stdio.h>

// In percent of a bound. Apart, so that nothing flutters.
#define LOW_MARK   90u // held until below; dropped down to
#define WARN_AT    80u
#define WARN_UNTIL 75u

static bool reaches(uint64_t value, uint64_t bound, unsigned percent)
{
	return bound > 0 && (double)value * 100 >= (double)bound * percent;
}

static void why_set(struct bounds *bounds, const struct config_outbox *cfg,
		    const struct bounds_usage *usage)
{
	const char *what = bounds->held               ? "devices have to wait"
			   : bounds->drop_entries > 0 ? "the oldest events are dropped"
			   : cfg->when_full == CONFIG_FULL_HOLD
				   ? "devices will have to wait when it is full"
				   : "the oldest events will be dropped when it is full";

	if (reaches(usage->bytes, cfg->max_bytes, WARN_UNTIL))
		snprintf(bounds->why, sizeof(bounds->why),
			 "outbox has %" PRIu64 " of %" PRIu64 " bytes, %s", usage->bytes,
			 cfg->max_bytes, what);
	else
		snprintf(bounds->why, sizeof(bounds->why),
			 "oldest event waits for %" PRIu64 " of %" PRIu32 " s, then it is dropped",
			 usage->oldest_ms / 1000, cfg->max_age_s);
}

void bounds_judge(struct bounds *bounds, const struct config_outbox *cfg,
		  const struct bounds_usage *usage)
{
	uint64_t age_ms = (uint64_t)cfg->max_age_s * 1000, low = cfg->max_bytes / 100 * LOW_MARK;
	bool full = usage->bytes >= cfg->max_bytes;
	unsigned warn = bounds->warned ? WARN_UNTIL : WARN_AT;

	bounds->held = cfg->when_full == CONFIG_FULL_HOLD &&
		       (full || (bounds->held && usage->bytes >= low));
	bounds->drop_entries = 0;
	if (full && cfg->when_full == CONFIG_FULL_DROP)
		bounds->drop_entries =
			(uint64_t)((double)usage->entries * (double)(usage->bytes - low) /
				   (double)usage->bytes) +
			1;
	bounds->drop_age_ms = age_ms > 0 && usage->oldest_ms > age_ms ? age_ms : UINT64_MAX;
	bounds->warned = bounds->held || reaches(usage->bytes, cfg->max_bytes, warn) ||
			 reaches(usage->oldest_ms, age_ms, warn);
	if (bounds->warned)
		why_set(bounds, cfg, usage);
}
