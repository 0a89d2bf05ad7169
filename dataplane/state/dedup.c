// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/dedup.h"

#include <errno.h>
#include <string.h>

#include "dataplane/pkt.h"
#include "dataplane/state/region.h"

// The overflow mark is kept in units of 2^8 wheel ticks (4.2 s), 16 bits of them (3 days): a
// look-up that reads the mark after it has wrapped reads a second line for nothing, no more.
#define MARK_SHIFT 8

#define PRESSURE_MAX 255 // displacements in a row (room found in a second line halves the count)
#define BLIND_MAX    256 // displacements without looking at the second line before one looks again

static uint64_t pow2_at_least(uint64_t n)
{
	return n <= 1 ? 1 : 1ull << (64 - __builtin_clzll(n - 1));
}

int dp_dedup_init(struct dp_dedup *dedup, uint64_t entries, uint32_t replies)
{
	uint64_t lines = pow2_at_least((entries + DP_DEDUP_WAYS - 1) / DP_DEDUP_WAYS);
	uint64_t stored = pow2_at_least(replies);

	memset(dedup, 0, sizeof(*dedup));
	if (stored > 1u << 24)
		stored = 1u << 24;
	dedup->mask = lines - 1;
	dedup->replies_mask = (uint32_t)(stored - 1);
	dedup->lines = dp_region_alloc(lines * sizeof(*dedup->lines));
	dedup->replies = dp_region_alloc(stored * sizeof(*dedup->replies));
	if (!dedup->lines || !dedup->replies) {
		dp_dedup_fini(dedup);
		return -ENOMEM;
	}
	return 0;
}

void dp_dedup_fini(struct dp_dedup *dedup)
{
	dp_region_free(dedup->lines, (dedup->mask + 1) * sizeof(*dedup->lines));
	dp_region_free(dedup->replies, ((size_t)dedup->replies_mask + 1) * sizeof(*dedup->replies));
	memset(dedup, 0, sizeof(*dedup));
}

static bool is_live(const struct dp_dedup_entry *entry, uint32_t now)
{
	// Half of all ticks count as ahead: without the bound, what nobody cleared would come back
	// to life a year later, for a year.
	return entry->key != 0 && entry->expires - now - 1 < DP_DEDUP_LIFE_MAX;
}

static struct dp_dedup_line *second_line(const struct dp_dedup *dedup, uint64_t key)
{
	uint64_t first = key & dedup->mask;
	uint64_t second = (key >> 32 | key << 32) & dedup->mask;

	// Always another line (if there is one), or the second choice would be none.
	return &dedup->lines[second == first ? (first ^ 1) & dedup->mask : second];
}

static uint16_t mark_read(const struct dp_dedup_line *line)
{
	return (uint16_t)(line->ways[0].answer >> 28 | (line->ways[1].answer >> 28) << 4 |
			  (line->ways[2].answer >> 28) << 8 | (line->ways[3].answer >> 28) << 12);
}

static void mark_write(struct dp_dedup_line *line, uint16_t mark)
{
	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++)
		line->ways[i].answer = (line->ways[i].answer & 0x0fffffff) |
				       (uint32_t)(mark >> (4 * i) & 0xf) << 28;
}

static uint16_t mark_of(uint32_t tick)
{
	// Rounded up, and never 0: that is a line that never overflowed.
	uint16_t mark = (uint16_t)((tick >> MARK_SHIFT) + 1);

	return mark ? mark : 1;
}

static bool mark_is_live(uint16_t mark, uint32_t now)
{
	return mark != 0 && (int16_t)(mark - (uint16_t)(now >> MARK_SHIFT)) >= 0;
}

static struct dp_dedup_entry *line_find(struct dp_dedup_line *line, uint64_t key, uint32_t now)
{
	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++)
		if (line->ways[i].key == key)
			return is_live(&line->ways[i], now) ? &line->ways[i] : NULL;
	return NULL;
}

struct dp_dedup_entry *dp_dedup_find(const struct dp_dedup *dedup, uint64_t key, uint32_t now)
{
	struct dp_dedup_line *line = &dedup->lines[key & dedup->mask];
	struct dp_dedup_entry *entry = line_find(line, key, now);

	if (entry || !mark_is_live(mark_read(line), now))
		return entry;
	return line_find(second_line(dedup, key), key, now);
}

static void fill(struct dp_dedup_entry *entry, uint64_t key, uint32_t expires)
{
	entry->key = key;
	entry->expires = expires;
	entry->answer &= 0xf0000000u; // DP_DEDUP_NONE; the mark is the line's
}

static struct dp_dedup_entry *line_vacancy(struct dp_dedup_line *line, uint32_t now)
{
	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++)
		if (!is_live(&line->ways[i], now))
			return &line->ways[i];
	return NULL;
}

static struct dp_dedup_entry *line_oldest(struct dp_dedup_line *line)
{
	struct dp_dedup_entry *oldest = &line->ways[0];

	for (unsigned i = 1; i < DP_DEDUP_WAYS; i++)
		if ((int32_t)(line->ways[i].expires - oldest->expires) < 0)
			oldest = &line->ways[i];
	return oldest;
}

// Both lines of a key are full: the entry nearest its end. True when that is one of the first line.
static bool displace(struct dp_dedup_line *first, struct dp_dedup_line *second,
		     struct dp_dedup_entry **entry)
{
	struct dp_dedup_entry *here = line_oldest(first);
	struct dp_dedup_entry *there = line_oldest(second);
	bool is_here = (int32_t)(here->expires - there->expires) <= 0;

	*entry = is_here ? here : there;
	return is_here;
}

// The line of key is full. While the table as a whole is not, the second line has room; once it is,
// looking there costs a cache miss only to find that it has none, so pressure decides whether to
// look.
static struct dp_dedup_entry *overflow(struct dp_dedup *dedup, struct dp_dedup_line *line,
				       uint64_t key, uint32_t now, uint32_t expires, bool *evicted)
{
	struct dp_dedup_line *second;
	struct dp_dedup_entry *entry;
	uint16_t mark = mark_read(line);
	bool in_first = false;

	if (dedup->pressure == PRESSURE_MAX) {
		if (++dedup->blind % BLIND_MAX == 0) // look again now and then
			dedup->pressure--;
		*evicted = true;
		return line_oldest(line);
	}
	second = second_line(dedup, key);
	entry = line_vacancy(second, now);
	if (entry) {
		dedup->pressure /= 2;
	} else {
		in_first = displace(line, second, &entry);
		dedup->pressure++;
		*evicted = true;
	}
	if (!in_first && (!mark_is_live(mark, now) || (int16_t)(mark_of(expires) - mark) > 0))
		mark_write(line, mark_of(expires));
	return entry;
}

struct dp_dedup_entry *dp_dedup_insert(struct dp_dedup *dedup, uint64_t key, uint32_t now,
				       uint32_t expires, bool *evicted)
{
	struct dp_dedup_line *line = &dedup->lines[key & dedup->mask];
	struct dp_dedup_entry *entry = line_vacancy(line, now);

	*evicted = false;
	if (!entry)
		entry = overflow(dedup, line, key, now, expires, evicted);
	fill(entry, key, expires);
	return entry;
}

struct dp_dedup_entry *dp_dedup_claim(struct dp_dedup *dedup, uint64_t key, uint32_t now,
				      uint32_t expires, bool *known, bool *evicted)
{
	struct dp_dedup_line *line = &dedup->lines[key & dedup->mask];
	struct dp_dedup_entry *entry = NULL;
	uint32_t marks = 0;

	*evicted = false;
	*known = true;
	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++) {
		struct dp_dedup_entry *way = &line->ways[i];

		marks |= way->answer;
		if (!is_live(way, now))
			entry = way;
		else if (way->key == key)
			return way;
	}
	if (marks >> 28) {
		struct dp_dedup_entry *there = NULL;

		if (mark_is_live(mark_read(line), now))
			there = line_find(second_line(dedup, key), key, now);
		else
			mark_write(line, 0);
		if (there)
			return there;
	}
	*known = false;
	if (!entry)
		entry = overflow(dedup, line, key, now, expires, evicted);
	fill(entry, key, expires);
	return entry;
}

void dp_dedup_prefetch_second(const struct dp_dedup *dedup, uint64_t key, uint32_t now)
{
	const struct dp_dedup_line *line = &dedup->lines[key & dedup->mask];
	uint32_t marks = line->ways[0].answer | line->ways[1].answer | line->ways[2].answer |
			 line->ways[3].answer;

	if (marks >> 28 && mark_is_live(mark_read(line), now))
		rte_prefetch0(second_line(dedup, key));
}

void dp_dedup_remove(struct dp_dedup_entry *entry)
{
	entry->key = 0;
	entry->answer &= 0xf0000000u;
}

void dp_dedup_store(struct dp_dedup *dedup, struct dp_dedup_entry *entry, const void *bytes,
		    size_t len)
{
	uint32_t index = dedup->replies_next++ & dedup->replies_mask;
	struct dp_dedup_reply *reply = &dedup->replies[index];

	reply->key = entry->key;
	reply->len = (uint8_t)len;
	memcpy(reply->bytes, bytes, len);
	dp_dedup_set(entry, DP_DEDUP_STORED, index);
}

const struct dp_dedup_reply *dp_dedup_stored(const struct dp_dedup *dedup,
					     const struct dp_dedup_entry *entry)
{
	const struct dp_dedup_reply *reply =
		&dedup->replies[(entry->answer >> 4) & 0xffffff & dedup->replies_mask];

	return reply->key == entry->key ? reply : NULL;
}
