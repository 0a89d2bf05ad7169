// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/dedup.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "dataplane/pkt.h"
#include "dataplane/state/region.h"

// The mark's end is kept in units of 2^9 wheel ticks (8.4 s), 8 bits of them (36 minutes): twice
// what an entry may have ahead. A mark that nobody clears for longer reads as live now and then: a
// second line is read for nothing, no more.
#define MARK_SHIFT 9
#define MARK_AHEAD (DP_DEDUP_LIFE_MAX >> MARK_SHIFT)

#define MARK_BITS 0xf0000000u // of an answer
#define LINE_FULL ((1u << DP_DEDUP_WAYS) - 1)

// Pressure: how full the table is found. From PRESSURE_BLIND on, second lines are not looked at:
// fewer than one look in nine has found room lately.
#define PRESSURE_MAX   255
#define PRESSURE_BLIND 224
#define PRESSURE_FULL  8   // more for a look that finds no room
#define PRESSURE_ROOM  64  // less for one that does; less by one for room at home
#define BLIND_MAX      256 // displacements without a look before one looks again

static uint64_t pow2_at_least(uint64_t n)
{
	return n <= 1 ? 1 : 1ull << (64 - __builtin_clzll(n - 1));
}

int dp_dedup_init(struct dp_dedup *dedup, uint64_t entries, uint32_t replies)
{
	uint64_t stored = pow2_at_least(replies);

	memset(dedup, 0, sizeof(*dedup));
	if (entries > UINT32_MAX) // 128 GB: half a key does not tell so many lines apart
		return -ENOMEM;
	if (stored > 1u << 24)
		stored = 1u << 24;
	dedup->lines_count =
		(entries * DP_DEDUP_LINES_NUM + DP_DEDUP_LINES_DEN - 1) / DP_DEDUP_LINES_DEN;
	if (dedup->lines_count == 0)
		dedup->lines_count = 1;
	// A last page of very few lines would leave those hardly a choice.
	if (dedup->lines_count > DP_DEDUP_PAGE_LINES)
		dedup->lines_count = RTE_ALIGN_CEIL(dedup->lines_count, DP_DEDUP_PAGE_LINES / 4);
	dedup->replies_mask = (uint32_t)(stored - 1);
	dedup->lines = dp_region_alloc(dedup->lines_count * sizeof(*dedup->lines));
	dedup->replies = dp_region_alloc(stored * sizeof(*dedup->replies));
	if (!dedup->lines || !dedup->replies) {
		dp_dedup_fini(dedup);
		return -ENOMEM;
	}
	return 0;
}

void dp_dedup_fini(struct dp_dedup *dedup)
{
	dp_region_free(dedup->lines, dedup->lines_count * sizeof(*dedup->lines));
	dp_region_free(dedup->replies, ((size_t)dedup->replies_mask + 1) * sizeof(*dedup->replies));
	memset(dedup, 0, sizeof(*dedup));
}

static bool is_live(const struct dp_dedup_entry *entry, uint32_t now)
{
	// Half of all ticks count as ahead: without the bound, what nobody cleared would come back
	// to life a year later, for a year. No branches: which way it is cannot be predicted.
	return (entry->key != 0) & (entry->expires - now - 1 < DP_DEDUP_LIFE_MAX);
}

// A bit for each way.
static unsigned line_live(const struct dp_dedup_line *line, uint32_t now)
{
	unsigned live = 0;

	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++)
		live |= (unsigned)is_live(&line->ways[i], now) << i;
	return live;
}

static unsigned line_match(const struct dp_dedup_line *line, uint64_t key)
{
	unsigned match = 0;

	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++)
		match |= (unsigned)(line->ways[i].key == key) << i;
	return match;
}

static struct dp_dedup_entry *line_way(struct dp_dedup_line *line, unsigned ways)
{
	return ways ? &line->ways[__builtin_ctz(ways)] : NULL;
}

static struct dp_dedup_entry *line_find(struct dp_dedup_line *line, uint64_t key, uint32_t now)
{
	unsigned match = line_match(line, key);

	if (!match)
		return NULL;
	if (is_live(line_way(line, match), now)) // nearly always
		return line_way(line, match);
	// What has ended may lie in front of its successor: a saturated table forgets where its
	// entries are.
	return line_way(line, match & line_live(line, now));
}

static struct dp_dedup_entry *line_vacancy(struct dp_dedup_line *line, uint32_t now)
{
	return line_way(line, ~line_live(line, now) & LINE_FULL);
}

static struct dp_dedup_entry *line_oldest(struct dp_dedup_line *line)
{
	struct dp_dedup_entry *oldest = &line->ways[0];

	for (unsigned i = 1; i < DP_DEDUP_WAYS; i++)
		if ((int32_t)(line->ways[i].expires - oldest->expires) < 0)
			oldest = &line->ways[i];
	return oldest;
}

// The mark: bits 0-7 the filter, 8-15 the end.
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

// Units that the mark's end is ahead of now: more than MARK_AHEAD is past.
static uint8_t mark_ahead(uint16_t mark, uint32_t now)
{
	return (uint8_t)((mark >> 8) - (now >> MARK_SHIFT));
}

// The low bits of a key do not matter to where its home is.
static unsigned mark_bit(uint64_t key)
{
	return key & 7;
}

static bool mark_names(const struct dp_dedup_line *line, uint64_t key)
{
	unsigned bit = mark_bit(key);

	return line->ways[bit / 4].answer >> (28 + bit % 4) & 1;
}

static void mark_add(struct dp_dedup_line *home, uint64_t key, uint32_t now, uint32_t expires)
{
	uint16_t mark = mark_read(home);
	uint16_t end = (uint16_t)((expires >> MARK_SHIFT) << 8);

	if (mark_ahead(mark, now) > MARK_AHEAD)
		mark = 0;
	if ((mark & 0xff) == 0 || mark_ahead(mark, now) < mark_ahead(end, now))
		mark = (uint16_t)((mark & 0xff) | end);
	mark_write(home, (uint16_t)(mark | 1u << mark_bit(key)));
}

static bool in_second(const struct dp_dedup_line *home, uint64_t key, uint32_t now)
{
	return mark_names(home, key) && mark_ahead(mark_read(home), now) <= MARK_AHEAD;
}

struct dp_dedup_entry *dp_dedup_find(const struct dp_dedup *dedup, uint64_t key, uint32_t now)
{
	struct dp_dedup_line *home = dp_dedup_home(dedup, key);
	struct dp_dedup_entry *entry = line_find(home, key, now);

	if (entry || !in_second(home, key, now))
		return entry;
	return line_find(dp_dedup_second(dedup, key), key, now);
}

static void fill(struct dp_dedup_entry *entry, uint64_t key, uint32_t expires)
{
	entry->key = key;
	entry->expires = expires;
	entry->answer &= MARK_BITS; // DP_DEDUP_NONE; the mark is the line's
}

// One step of cuckoo hashing: an entry of a full line goes to its own other line. What it leaves
// behind, or NULL.
static struct dp_dedup_entry *make_room(const struct dp_dedup *dedup, struct dp_dedup_line *line,
					uint32_t now)
{
	struct dp_dedup_line *others[DP_DEDUP_WAYS];

	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++) {
		uint64_t key = line->ways[i].key;

		others[i] = dp_dedup_home(dedup, key);
		if (others[i] == line)
			others[i] = dp_dedup_second(dedup, key);
		rte_prefetch0(others[i]);
	}
	for (unsigned i = 0; i < DP_DEDUP_WAYS; i++) {
		struct dp_dedup_entry *from = &line->ways[i];
		struct dp_dedup_entry *to = line_vacancy(others[i], now);

		if (!to || dp_dedup_kind(from) == DP_DEDUP_PENDING)
			continue;
		fill(to, from->key, from->expires);
		to->answer |= from->answer & ~MARK_BITS;
		if (dp_dedup_home(dedup, from->key) == line)
			mark_add(line, from->key, now, from->expires);
		return from;
	}
	return NULL;
}

// The whole table is full, and no other line is read. Those of this home that live elsewhere and
// are nearer their end than what goes here would have gone first: once that holds for all of them,
// the mark goes, or it would send look-ups to second lines for the rest of the window.
static struct dp_dedup_entry *displace_at_home(struct dp_dedup_line *home, uint32_t now)
{
	struct dp_dedup_entry *oldest = line_oldest(home);
	uint16_t mark = mark_read(home);

	if (mark != 0 &&
	    mark_ahead(mark, now) < (oldest->expires >> MARK_SHIFT) - (now >> MARK_SHIFT))
		mark_write(home, 0);
	return oldest;
}

// The home of key is full. While the table as a whole is not, there is room elsewhere; once it is,
// looking costs cache misses only to find that there is none, so pressure decides whether to look.
static struct dp_dedup_entry *overflow(struct dp_dedup *dedup, struct dp_dedup_line *home,
				       uint64_t key, uint32_t now, uint32_t expires, bool *evicted)
{
	struct dp_dedup_line *second;
	struct dp_dedup_entry *entry, *oldest;

	if (dedup->pressure >= PRESSURE_BLIND) {
		if (++dedup->blind % BLIND_MAX == 0) // look again now and then
			dedup->pressure = PRESSURE_BLIND - 1;
		*evicted = true;
		return displace_at_home(home, now);
	}
	second = dp_dedup_second(dedup, key);
	entry = line_vacancy(second, now);
	if (!entry)
		entry = make_room(dedup, second, now);
	if (!entry && (entry = make_room(dedup, home, now)) != NULL) {
		dedup->pressure -= RTE_MIN(dedup->pressure, PRESSURE_ROOM);
		return entry;
	}
	if (entry) {
		dedup->pressure -= RTE_MIN(dedup->pressure, PRESSURE_ROOM);
	} else {
		dedup->pressure += RTE_MIN(PRESSURE_MAX - dedup->pressure, PRESSURE_FULL);
		*evicted = true;
		entry = line_oldest(second);
		oldest = line_oldest(home);
		if ((int32_t)(oldest->expires - entry->expires) <= 0)
			return oldest;
	}
	mark_add(home, key, now, expires);
	return entry;
}

static inline struct dp_dedup_entry *enter(struct dp_dedup *dedup, struct dp_dedup_line *home,
					   uint64_t key, uint32_t now, uint32_t expires,
					   bool *evicted)
{
	struct dp_dedup_entry *entry = line_vacancy(home, now);

	*evicted = false;
	if (entry)
		dedup->pressure -= dedup->pressure > 0;
	else
		entry = overflow(dedup, home, key, now, expires, evicted);
	fill(entry, key, expires);
	return entry;
}

struct dp_dedup_entry *dp_dedup_insert(struct dp_dedup *dedup, uint64_t key, uint32_t now,
				       uint32_t expires, bool *evicted)
{
	struct dp_dedup_line *home = dp_dedup_home(dedup, key);

	return enter(dedup, home, key, now, expires, evicted);
}

struct dp_dedup_entry *dp_dedup_claim(struct dp_dedup *dedup, uint64_t key, uint32_t now,
				      uint32_t expires, bool *known, bool *evicted)
{
	struct dp_dedup_line *home = dp_dedup_home(dedup, key);
	struct dp_dedup_entry *entry = line_find(home, key, now);

	*evicted = false;
	*known = true;
	if (entry)
		return entry;
	if (mark_names(home, key)) {
		if (mark_ahead(mark_read(home), now) > MARK_AHEAD)
			mark_write(home, 0);
		else if ((entry = line_find(dp_dedup_second(dedup, key), key, now)))
			return entry;
	}
	*known = false;
	return enter(dedup, home, key, now, expires, evicted);
}

void dp_dedup_remove(struct dp_dedup_entry *entry)
{
	entry->key = 0;
	entry->answer &= MARK_BITS;
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
