// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The other side as an enemy: it writes whatever it likes over the shared memory, before and while
// a ring is used. The memory lies between two pages that may not be touched, and every record
// handed out is read to its last byte, so a single step outside ends the test with SIGSEGV.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/bridge/ring.h"

#define SLOTS 2048u

struct arena {
	uint8_t *map;
	size_t map_bytes;
	uint8_t *ring; // ends with the accessible memory
};

static struct arena arena_make(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (bridge_ring_bytes(SLOTS) + page - 1) / page * page;
	struct arena a = {.map_bytes = room + 2 * page};

	a.map = mmap(NULL, a.map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(a.map != MAP_FAILED);
	assert_int_equal(mprotect(a.map + page, room, PROT_READ | PROT_WRITE), 0);
	a.ring = a.map + page + room - bridge_ring_bytes(SLOTS);
	return a;
}

static uint32_t rng_next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static uint32_t bytes_sum(const void *mem, uint32_t len)
{
	const uint8_t *bytes = mem;
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++)
		sum += __atomic_load_n(bytes + i, __ATOMIC_RELAXED);
	return sum;
}

// Reads all there is. What is handed out lies within the slots, whatever the header says by now.
static uint32_t drain(struct bridge_ring *consumer)
{
	const struct bridge_record *rec;
	uint32_t len, n = 0;

	while ((rec = bridge_ring_peek(consumer, &len)) != NULL) {
		assert_in_range(len, sizeof(*rec), BRIDGE_RECORD_MAX);
		bytes_sum(rec, len);
		n++;
	}
	// 2048 slots of at least one record each, twice at most if head moved in between.
	assert_in_range(n, 0, 2 * SLOTS);
	bridge_ring_release(consumer);
	return n;
}

// Nonsense that is often nearly right: pure noise would be refused at the first check.
static void header_spoil(struct bridge_ring *ring, uint32_t slot, uint32_t *rng)
{
	static const uint32_t lens[] = {0, 15, 16, 64, 65, 4096, 65536, 65537, UINT32_MAX};
	uint8_t *at = ring->slots + (size_t)(slot % SLOTS) * BRIDGE_SLOT;
	uint32_t pick = rng_next(rng);
	uint32_t len = pick % 4 != 0 ? 16 + (pick >> 8) % 300 : lens[(pick >> 8) % 9];

	__atomic_store_n((uint32_t *)(void *)at, len, __ATOMIC_RELAXED);
	__atomic_store_n((uint16_t *)(void *)(at + 4), (uint16_t)((pick >> 4) % 8),
			 __ATOMIC_RELAXED);
}

static void a_consumer_never_reads_outside_whatever_it_finds(void **state)
{
	struct arena a = arena_make();
	uint32_t rng = 99, records = 0, broken = 0;

	for (int round = 0; round < 3000; round++) {
		struct bridge_ring ring;

		bridge_ring_init(&ring, a.ring, SLOTS);
		ring.pos = ring.other = rng_next(&rng);
		for (uint32_t i = 0; i < 200; i++)
			header_spoil(&ring, (uint32_t)ring.pos + i, &rng);
		atomic_store(&ring.shm->head, ring.pos + rng_next(&rng) % (SLOTS + 10));
		records += drain(&ring);
		records += drain(&ring);
		broken += ring.broken;
	}
	// The nonsense was good enough to get far, and bad enough to be noticed.
	assert_in_range(records, 3000, UINT32_MAX);
	assert_in_range(broken, 1000, 3000);
	munmap(a.map, a.map_bytes);
}

static void pure_noise_is_survived_by_both_sides(void **state)
{
	struct arena a = arena_make();
	uint32_t rng = 7;

	for (int round = 0; round < 200; round++) {
		struct bridge_ring consumer, producer;

		for (size_t i = 0; i < bridge_ring_bytes(SLOTS); i += 4) {
			uint32_t noise = rng_next(&rng);

			memcpy(a.ring + i, &noise, 4);
		}
		bridge_ring_init(&consumer, a.ring, SLOTS);
		bridge_ring_init(&producer, a.ring, SLOTS);
		drain(&consumer);
		for (int i = 0; i < 5000; i++) {
			uint32_t len = 16 + rng_next(&rng) % (BRIDGE_RECORD_MAX - 15);
			struct bridge_record *rec = bridge_ring_reserve(&producer, 1, len);

			if (rec == NULL)
				break;
			memset(rec + 1, 0, len - sizeof(*rec));
			bridge_ring_publish(&producer);
		}
	}
	munmap(a.map, a.map_bytes);
}

struct enemy {
	struct bridge_ring ring;
	_Atomic bool stop;
	_Atomic uint64_t near; // where the consumer is
};

static void *scribble(void *arg)
{
	struct enemy *e = arg;
	uint32_t rng = 4711;

	while (!atomic_load(&e->stop)) {
		uint64_t near = atomic_load(&e->near);

		for (uint32_t i = 0; i < 64; i++)
			header_spoil(&e->ring, (uint32_t)near + rng_next(&rng) % 64, &rng);
		atomic_store(&e->ring.shm->head, near + rng_next(&rng) % SLOTS);
		atomic_store(&e->ring.shm->asleep, rng_next(&rng));
	}
	return NULL;
}

static void a_consumer_survives_what_changes_under_its_hands(void **state)
{
	struct arena a = arena_make();
	struct enemy e = {0};
	pthread_t thread;

	bridge_ring_init(&e.ring, a.ring, SLOTS);
	assert_int_equal(pthread_create(&thread, NULL, scribble, &e), 0);
	for (uint32_t round = 0; round < 20000; round++) {
		struct bridge_ring ring;

		bridge_ring_init(&ring, a.ring, SLOTS);
		ring.pos = ring.other = (uint64_t)round * 37;
		atomic_store(&e.near, ring.pos);
		drain(&ring);
		bridge_ring_sleep(&ring);
	}
	atomic_store(&e.stop, true);
	pthread_join(thread, NULL);
	munmap(a.map, a.map_bytes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_consumer_never_reads_outside_whatever_it_finds),
		cmocka_unit_test(pure_noise_is_survived_by_both_sides),
		cmocka_unit_test(a_consumer_survives_what_changes_under_its_hands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
