// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/sender.h"

#include <errno.h>

#include "dataplane/state/region.h"

#define NAME_MASK (~(uint64_t)DP_SENDER_KNOWN)

int dp_senders_init(struct dp_senders *senders, uint32_t addresses)
{
	memset(senders, 0, sizeof(*senders));
	senders->lines_count = addresses / DP_SENDER_WAYS + 1;
	senders->lines = dp_region_alloc(senders->lines_count * sizeof(*senders->lines));
	return senders->lines ? 0 : -ENOMEM;
}

void dp_senders_fini(struct dp_senders *senders)
{
	dp_region_free(senders->lines, senders->lines_count * sizeof(*senders->lines));
	memset(senders, 0, sizeof(*senders));
}

static struct dp_sender *find(struct dp_sender_line *line, uint64_t name)
{
	for (unsigned i = 0; i < DP_SENDER_WAYS; i++)
		if (((line->ways[i].name ^ name) & NAME_MASK) == 0 && line->ways[i].full_ns != 0)
			return &line->ways[i];
	return NULL;
}

// Whose bucket has been full for longest, among the known or the others.
static struct dp_sender *quietest(struct dp_sender_line *line, bool known)
{
	struct dp_sender *best = NULL;

	for (unsigned i = 0; i < DP_SENDER_WAYS; i++) {
		struct dp_sender *way = &line->ways[i];

		if (dp_sender_is_known(way) == known && (!best || way->full_ns < best->full_ns))
			best = way;
	}
	return best;
}

static struct dp_sender *take(struct dp_sender_line *line, uint64_t name, uint64_t now_us,
			      bool known, bool *displaced)
{
	struct dp_sender *sender = quietest(line, false);

	if (!sender && known)
		sender = quietest(line, true);
	if (!sender)
		return NULL;
	*displaced = dp_sender_is_known(sender) || sender->full_ns > now_us * 1000;
	sender->name = name & NAME_MASK;
	sender->full_ns = now_us > 0 ? now_us * 1000 : 1;
	return sender;
}

struct dp_sender *dp_sender_get(struct dp_senders *senders, uint64_t name, uint64_t now_us,
				bool *displaced)
{
	struct dp_sender_line *line = dp_sender_line(senders, name);
	struct dp_sender *sender = find(line, name);

	*displaced = false;
	if (!sender)
		sender = take(line, name, now_us, false, displaced);
	return sender ? sender : &senders->others;
}

void dp_sender_know(struct dp_senders *senders, uint64_t name, uint64_t now_us, bool *displaced)
{
	struct dp_sender_line *line = dp_sender_line(senders, name);
	struct dp_sender *sender = find(line, name);

	*displaced = false;
	if (!sender)
		sender = take(line, name, now_us, true, displaced);
	sender->name |= DP_SENDER_KNOWN;
}
