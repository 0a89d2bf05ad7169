// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/operation.h"
#include "tests/unit/support/prng.h"

static const struct ctl_operation write_attributes = {
	.kind = CTL_WRITE_ATTRIBUTES,
	.paths_count = 1,
	.accept = CTL_FORMAT_ANY,
	.format = CTL_FORMAT_ANY,
	.query = "pmin=1&pmax=3",
	.query_len = 13,
	.paths = {{{3, 0, 9}, 3}},
};

static const struct ctl_operation composite = {
	.kind = CTL_OBSERVE_COMPOSITE,
	.paths_count = 3,
	.accept = 112,
	.format = 110,
	.token = 0x1234567890abcdefull,
	.payload = (const uint8_t *)"[]",
	.payload_len = 2,
	.paths = {{{3, 0, 9}, 3}, {{0}, 0}, {{65534, 65534, 65534, 65534}, 4}},
};

static void assert_same(const struct ctl_operation *a, const struct ctl_operation *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->accept, b->accept);
	assert_int_equal(a->format, b->format);
	assert_true(a->token == b->token);
	assert_int_equal(a->paths_count, b->paths_count);
	for (uint8_t i = 0; i < a->paths_count; i++) {
		assert_int_equal(a->paths[i].depth, b->paths[i].depth);
		assert_memory_equal(a->paths[i].ids, b->paths[i].ids, sizeof(a->paths[i].ids));
	}
	assert_int_equal(a->payload_len, b->payload_len);
	if (a->payload_len > 0)
		assert_memory_equal(a->payload, b->payload, a->payload_len);
	assert_int_equal(a->query_len, b->query_len);
	if (a->query_len > 0)
		assert_memory_equal(a->query, b->query, a->query_len);
}

// Packed, at an odd address of just that size, so that a sanitizer sees every byte too far.
static uint8_t *packed(const struct ctl_operation *op, size_t *bytes)
{
	void *block = ctl_operation_pack(op, bytes);
	uint8_t *copy = malloc(*bytes + 1);

	assert_non_null(block);
	assert_non_null(copy);
	memcpy(copy + 1, block, *bytes);
	free(block);
	return copy;
}

static void an_operation_comes_back_as_it_was(void **state)
{
	static const struct ctl_operation *const ops[] = {&write_attributes, &composite};

	for (size_t i = 0; i < 2; i++) {
		struct ctl_operation op;
		size_t bytes;
		uint8_t *block = packed(ops[i], &bytes);

		assert_int_equal(ctl_operation_unpack(&op, block + 1, bytes), 0);
		assert_same(ops[i], &op);
		free(block);
	}
}

static void a_block_of_another_length_is_refused(void **state)
{
	struct ctl_operation op;
	size_t bytes;
	uint8_t *block = packed(&composite, &bytes);

	for (size_t len = 0; len < bytes; len++) {
		uint8_t *cut = malloc(len + 1); // to its last byte

		assert_non_null(cut);
		memcpy(cut, block + 1, len);
		assert_int_equal(ctl_operation_unpack(&op, cut, len), -EBADMSG);
		free(cut);
	}
	block = realloc(block, bytes + 2);
	assert_non_null(block);
	assert_int_equal(ctl_operation_unpack(&op, block + 1, bytes + 1), -EBADMSG);
	free(block);
}

// Bytes 0 to 2 are version, kind and number of paths; the first path begins at 24.
static void what_no_operation_has_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = {{0, 2}, {1, CTL_OPERATION_KINDS}, {1, CTL_READ}, {24 + 8, 5}};
	struct ctl_operation op;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t bytes;
		uint8_t *block = packed(&composite, &bytes);

		block[1 + cases[i].at] = cases[i].value;
		assert_int_equal(ctl_operation_unpack(&op, block + 1, bytes), -EBADMSG);
		free(block);
	}
}

static void too_many_paths_are_refused(void **state)
{
	uint8_t block[24 + 33 * 10] = {1, CTL_READ_COMPOSITE, 33};
	struct ctl_operation op;

	assert_int_equal(ctl_operation_unpack(&op, block, sizeof(block)), -EBADMSG);
}

static void a_reserved_id_is_refused(void **state)
{
	struct ctl_operation op = {
		.kind = CTL_READ, .paths_count = 1, .paths = {{{LWM2M_ID_RESERVED}, 1}}};
	size_t bytes;
	void *block = ctl_operation_pack(&op, &bytes);

	assert_int_equal(ctl_operation_unpack(&op, block, bytes), -EBADMSG);
	free(block);
}

static void damage_is_refused_or_gives_a_sound_operation(void **state)
{
	struct prng random = {4};

	for (int round = 0; round < 20000; round++) {
		struct ctl_operation op;
		size_t bytes;
		uint8_t *block = packed(&composite, &bytes);

		for (int i = 0; i < 3; i++)
			block[1 + prng_next(&random) % bytes] = (uint8_t)prng_next(&random);
		if (ctl_operation_unpack(&op, block + 1, bytes) == 0) {
			assert_true(op.kind < CTL_OPERATION_KINDS);
			assert_true(op.paths_count <= CTL_PATHS_MAX);
			for (uint8_t i = 0; i < op.paths_count; i++)
				assert_true(op.paths[i].depth <= 4);
			assert_true(op.payload + op.payload_len + op.query_len ==
				    block + 1 + bytes);
		}
		free(block);
	}
}

static void every_kind_has_its_codes_success_first(void **state)
{
	for (int kind = 0; kind < CTL_OPERATION_KINDS; kind++) {
		size_t count;
		const uint8_t *codes = ctl_operation_codes((enum ctl_operation_kind)kind, &count);

		assert_true(count >= 6);
		assert_int_equal(COAP_CODE_CLASS(codes[0]), 2);
		for (size_t i = 1; i < count; i++)
			assert_true(COAP_CODE_CLASS(codes[i]) >= 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operation_comes_back_as_it_was),
		cmocka_unit_test(a_block_of_another_length_is_refused),
		cmocka_unit_test(what_no_operation_has_is_refused),
		cmocka_unit_test(too_many_paths_are_refused),
		cmocka_unit_test(a_reserved_id_is_refused),
		cmocka_unit_test(damage_is_refused_or_gives_a_sound_operation),
		cmocka_unit_test(every_kind_has_its_codes_success_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
