// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Ordering. Records are written before head is published (release) and read after head is loaded
// (acquire); tail works the same way back. A wake-up cannot be lost because each side first stores
// its own word and then loads the other's, all four sequentially consistent: publish stores head
// and loads asleep, sleep stores asleep and loads head. At least one of the two sees the other's
// store. (Sequentially consistent accesses, not fences: no dearer on x86-64 and arm64, and
// ThreadSanitizer understands them.)
#include "dataplane/bridge/ring.h"

#include <assert.h>

// The largest record, in slots. It is also more than the longest padding.
#define RECORD_SLOTS_MAX (BRIDGE_RECORD_MAX / BRIDGE_SLOT)

static inline uint32_t slots_of(uint32_t len)
{
	return len / BRIDGE_SLOT + (len % BRIDGE_SLOT != 0);
}

static inline struct bridge_record *record_at(const struct bridge_ring *ring, uint64_t index)
{
	uint64_t offset = index & (ring->size - 1);

	return (struct bridge_record *)(void *)(ring->slots + offset * BRIDGE_SLOT);
}

// Takes over the other side's index, which may have moved from where it was last seen up to limit.
static inline bool other_update(struct bridge_ring *ring, uint64_t index, uint64_t limit)
{
	if (index - ring->other > limit - ring->other) {
		ring->broken = true;
		return false;
	}
	ring->other = index;
	return true;
}

static inline bool tail_refresh(struct bridge_ring *ring)
{
	return other_update(ring, atomic_load_explicit(&ring->shm->tail, memory_order_acquire),
			    ring->pos);
}

static inline bool head_refresh(struct bridge_ring *ring)
{
	return other_update(ring, atomic_load_explicit(&ring->shm->head, memory_order_acquire),
			    ring->pos + ring->size);
}

static inline uint64_t room_known(const struct bridge_ring *ring)
{
	return ring->size - (ring->pos + ring->pending - ring->other);
}

void bridge_ring_init(struct bridge_ring *ring, void *mem, uint32_t slots)
{
	assert((uintptr_t)mem % 64 == 0);
	assert(slots >= 2 * RECORD_SLOTS_MAX && (slots & (slots - 1)) == 0);
	*ring = (struct bridge_ring){
		.shm = mem,
		.slots = (uint8_t *)mem + sizeof(struct bridge_ring_shm),
		.size = slots,
	};
}

struct bridge_record *bridge_ring_reserve(struct bridge_ring *ring, uint16_t type, uint32_t len)
{
	uint64_t at = ring->pos + ring->pending;
	uint32_t to_end = ring->size - (uint32_t)(at & (ring->size - 1));
	uint32_t need = slots_of(len), padding = 0;
	struct bridge_record *rec;

	assert(type != 0);
	if (ring->broken || len < sizeof(*rec) || len > BRIDGE_RECORD_MAX)
		return NULL;
	if (need > to_end)
		padding = to_end;
	if (need + padding > room_known(ring) &&
	    (!tail_refresh(ring) || need + padding > room_known(ring)))
		return NULL;
	if (padding != 0) {
		*record_at(ring, at) = (struct bridge_record){.len = padding * BRIDGE_SLOT};
		at += padding;
	}
	rec = record_at(ring, at);
	*rec = (struct bridge_record){.len = len, .type = type};
	ring->pending += need + padding;
	return rec;
}

bool bridge_ring_publish(struct bridge_ring *ring)
{
	if (ring->pending == 0 || ring->broken)
		return false;
	ring->pos += ring->pending;
	ring->pending = 0;
	atomic_store_explicit(&ring->shm->head, ring->pos, memory_order_seq_cst);
	if (atomic_load_explicit(&ring->shm->asleep, memory_order_seq_cst) == 0)
		return false;
	// Cleared, so that a batch of publishes rings once. The bell must follow the clearing: a
	// consumer that went back to sleep in between has its announcement wiped, and that bell
	// wakes it.
	return atomic_exchange_explicit(&ring->shm->asleep, 0, memory_order_seq_cst) != 0;
}

uint32_t bridge_ring_room(struct bridge_ring *ring)
{
	// Twice: the largest record may need nearly its own size in padding before it.
	if (room_known(ring) < 2 * RECORD_SLOTS_MAX && !ring->broken)
		tail_refresh(ring);
	return ring->broken ? 0 : (uint32_t)room_known(ring);
}

bool bridge_ring_has(struct bridge_ring *ring, uint32_t slots)
{
	if (room_known(ring) < slots && !ring->broken)
		tail_refresh(ring);
	return !ring->broken && room_known(ring) >= slots;
}

const struct bridge_record *bridge_ring_peek(struct bridge_ring *ring, uint32_t *len)
{
	for (;;) {
		uint64_t at = ring->pos + ring->pending;
		uint32_t to_end = ring->size - (uint32_t)(at & (ring->size - 1));
		struct bridge_record *rec = record_at(ring, at);
		uint32_t rec_len, need;
		uint16_t type;

		if (ring->broken)
			return NULL;
		if (at == ring->other && (!head_refresh(ring) || at == ring->other))
			return NULL;
		// Read once: the other side may change it between a check and a use.
		rec_len = __atomic_load_n(&rec->len, __ATOMIC_RELAXED);
		type = __atomic_load_n(&rec->type, __ATOMIC_RELAXED);
		need = slots_of(rec_len);
		if (rec_len < sizeof(*rec) || rec_len > BRIDGE_RECORD_MAX ||
		    need > ring->other - at || need > to_end ||
		    (type == 0 && rec_len != to_end * BRIDGE_SLOT)) {
			ring->broken = true;
			return NULL;
		}
		ring->pending += need;
		if (type != 0) {
			*len = rec_len;
			return rec;
		}
	}
}

void bridge_ring_release(struct bridge_ring *ring)
{
	if (ring->pending == 0)
		return;
	ring->pos += ring->pending;
	ring->pending = 0;
	atomic_store_explicit(&ring->shm->tail, ring->pos, memory_order_release);
}

bool bridge_ring_sleep(struct bridge_ring *ring)
{
	if (ring->broken)
		return false;
	atomic_store_explicit(&ring->shm->asleep, 1, memory_order_seq_cst);
	if (atomic_load_explicit(&ring->shm->head, memory_order_seq_cst) ==
	    ring->pos + ring->pending)
		return true;
	bridge_ring_wake(ring);
	return false;
}

void bridge_ring_wake(struct bridge_ring *ring)
{
	atomic_store_explicit(&ring->shm->asleep, 0, memory_order_relaxed);
}
