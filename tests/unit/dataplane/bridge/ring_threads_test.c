// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Producer and consumer at the same time, with doorbells: every record arrives whole and in order,
// and no wake-up is lost (a lost one would block the reader for ever). Written to run under
// ThreadSanitizer too.
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/bridge/ring.h"

#define SLOTS 2048u

struct stress {
	struct bridge_ring producer;
	int doorbell; // for the consumer
	uint64_t records;
	uint32_t len_max;
	uint32_t batch_max;
};

static uint32_t rng_next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

// The body: its words add up, with seq and len, to zero.
static uint32_t body_sum(const struct bridge_record *rec, uint32_t len)
{
	const uint32_t *words = (const uint32_t *)(const void *)(rec + 1);
	uint32_t sum = (uint32_t)rec->seq + len;

	for (uint32_t i = 0; i < (len - sizeof(*rec)) / sizeof(*words); i++)
		sum += words[i];
	return sum;
}

static void body_fill(struct bridge_record *rec, uint32_t len, uint32_t *rng)
{
	uint32_t *words = (uint32_t *)(void *)(rec + 1);
	uint32_t count = (uint32_t)((len - sizeof(*rec)) / sizeof(*words));

	for (uint32_t i = 0; i < count; i++)
		words[i] = rng_next(rng);
	words[count - 1] = 0;
	words[count - 1] = 0 - body_sum(rec, len);
}

static void *produce(void *arg)
{
	struct stress *s = arg;
	uint32_t rng = 0x12345;

	for (uint64_t seq = 1; seq <= s->records;) {
		uint32_t batch = 1 + rng_next(&rng) % s->batch_max;

		while (batch-- > 0 && seq <= s->records) {
			uint32_t len = 20 + rng_next(&rng) % (s->len_max - 20) / 4 * 4;
			struct bridge_record *rec = bridge_ring_reserve(&s->producer, 1, len);

			if (rec == NULL)
				break;
			rec->seq = seq++;
			body_fill(rec, len, &rng);
		}
		if (bridge_ring_publish(&s->producer))
			eventfd_write(s->doorbell, 1);
		if (rng % 64 == 0 || bridge_ring_room(&s->producer) < s->len_max / BRIDGE_SLOT * 2)
			sched_yield(); // the consumer may have no processor of its own
	}
	return NULL;
}

static void doorbell_wait(struct bridge_ring *ring, int doorbell)
{
	struct pollfd pfd = {.fd = doorbell, .events = POLLIN};
	eventfd_t value;

	if (!bridge_ring_sleep(ring))
		return;
	// A minute is for ever: only a lost wake-up gets there.
	assert_int_equal(poll(&pfd, 1, 60000), 1);
	eventfd_read(doorbell, &value);
	bridge_ring_wake(ring);
}

static void stress_run(uint64_t records, uint32_t len_max, uint32_t batch_max)
{
	struct stress s = {.records = records, .len_max = len_max, .batch_max = batch_max};
	void *mem = aligned_alloc(64, bridge_ring_bytes(SLOTS));
	struct bridge_ring consumer;
	uint64_t seen = 0;
	pthread_t thread;

	memset(mem, 0, bridge_ring_bytes(SLOTS));
	bridge_ring_init(&s.producer, mem, SLOTS);
	bridge_ring_init(&consumer, mem, SLOTS);
	s.doorbell = eventfd(0, EFD_NONBLOCK);
	assert_int_equal(pthread_create(&thread, NULL, produce, &s), 0);
	while (seen < records) {
		const struct bridge_record *rec;
		uint32_t len, burst = 0;

		while (burst++ < 32 && (rec = bridge_ring_peek(&consumer, &len)) != NULL) {
			seen++;
			if (rec->seq != seen || body_sum(rec, len) != 0)
				fail_msg("record %lu is damaged", (unsigned long)seen);
		}
		assert_false(consumer.broken);
		bridge_ring_release(&consumer);
		if (burst == 1)
			doorbell_wait(&consumer, s.doorbell);
	}
	pthread_join(thread, NULL);
	assert_false(s.producer.broken);
	close(s.doorbell);
	free(mem);
}

static void two_million_small_records_arrive_whole_and_in_order(void **state)
{
	stress_run(2000000, 256, 32);
}

static void records_of_every_size_arrive_whole_and_in_order(void **state)
{
	stress_run(10000, BRIDGE_RECORD_MAX, 2);
}

static void a_consumer_that_always_sleeps_misses_no_wake_up(void **state)
{
	stress_run(200000, 64, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_million_small_records_arrive_whole_and_in_order),
		cmocka_unit_test(records_of_every_size_arrive_whole_and_in_order),
		cmocka_unit_test(a_consumer_that_always_sleeps_misses_no_wake_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
