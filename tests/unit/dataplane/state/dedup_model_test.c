// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Random use against a model that remembers everything.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "tests/unit/dataplane/state/dedup_table.h"
#include "tests/unit/support/prng.h"

#define MODEL_KEYS   512u
#define MODEL_ROUNDS 40000

struct model {
	uint64_t key;
	uint32_t expires;
	uint32_t code;
	bool present;
};

// What a find must say of an entry the model knows.
static void check(const struct dp_dedup_entry *entry, const struct model *model, uint32_t now)
{
	if (!model->present || (int32_t)(model->expires - now) <= 0 ||
	    entry->expires != model->expires || (entry->answer >> 4 & 0xffffff) != model->code)
		fail_msg("key %llx at tick %u", (unsigned long long)model->key, now);
}

// No false hit, and nothing lost before its end unless it was counted as evicted. step: ticks that
// pass between two look-ups, at most.
static void random_use(uint32_t step, uint64_t *hits, uint64_t *evictions, uint64_t *moves)
{
	static struct model models[MODEL_KEYS];
	struct prng random = {0x5eed2};
	uint32_t now = 0xffff0000u; // wraps on the way
	uint64_t lost = 0;

	memset(models, 0, sizeof(models));
	memset(table.lines, 0, LINES * sizeof(*table.lines));
	*hits = *evictions = *moves = 0;
	for (uint32_t i = 0; i < MODEL_KEYS; i++)
		models[i].key = prng_next(&random) | 1;
	for (int round = 0; round < MODEL_ROUNDS; round++) {
		struct model *model = &models[prng_below(&random, MODEL_KEYS)];
		struct dp_dedup_entry *entry = dp_dedup_find(&table, model->key, now);
		bool evicted;

		if (entry) {
			(*hits)++;
			check(entry, model, now);
			if (prng_below(&random, 8) == 0) {
				dp_dedup_remove(entry);
				model->present = false;
			}
		} else {
			uint64_t bystander = models[prng_below(&random, MODEL_KEYS)].key;
			struct dp_dedup_entry *other = dp_dedup_find(&table, bystander, now);

			lost += model->present && (int32_t)(model->expires - now) > 0;
			*model = (struct model){.key = model->key,
						.expires = now + 1 + prng_below(&random, LIFE),
						.code = prng_below(&random, 1u << 24),
						.present = true};
			entry = dp_dedup_insert(&table, model->key, now, model->expires, &evicted);
			dp_dedup_set(entry, DP_DEDUP_CODE, model->code);
			*evictions += evicted;
			*moves += other && other->key != bystander &&
				  dp_dedup_find(&table, bystander, now);
		}
		now += prng_below(&random, step);
	}
	assert_true(lost <= *evictions);
}

static void random_use_agrees_with_a_model(void **state)
{
	uint64_t hits, evictions, moves;

	random_use(900, &hits, &evictions, &moves); // a quarter full
	assert_true(hits > 1000);
	assert_int_equal(evictions, 0);
	random_use(300, &hits, &evictions, &moves); // nearly full
	assert_true(hits > 1000);
	assert_true(moves > 0);
	assert_true(evictions < 4000);
	random_use(16, &hits, &evictions, &moves); // a multiple of what there is room for
	assert_true(hits > 1000);
	assert_true(evictions > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(random_use_agrees_with_a_model),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
