// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/objects.h"

#define S(text)                                                                            \
	{                                                                                  \
		.bytes = {(const uint8_t *)(text), sizeof(text) - 1}, .type = LWM2M_STRING \
	}
#define I(n)                                          \
	{                                             \
		.integer = (n), .type = LWM2M_INTEGER \
	}
#define U(n)                                                   \
	{                                                      \
		.natural = (n), .type = LWM2M_UNSIGNED_INTEGER \
	}
#define F(n)                                       \
	{                                          \
		.number = (n), .type = LWM2M_FLOAT \
	}
#define B(n)                                          \
	{                                             \
		.boolean = (n), .type = LWM2M_BOOLEAN \
	}
#define T(n)                                       \
	{                                          \
		.integer = (n), .type = LWM2M_TIME \
	}
#define O(text)                                                                            \
	{                                                                                  \
		.bytes = {(const uint8_t *)(text), sizeof(text) - 1}, .type = LWM2M_OPAQUE \
	}
#define L(o, i)                                            \
	{                                                  \
		.objlnk = {(o), (i)}, .type = LWM2M_OBJLNK \
	}
#define C(text)                                                                              \
	{                                                                                    \
		.bytes = {(const uint8_t *)(text), sizeof(text) - 1}, .type = LWM2M_CORELINK \
	}

#define ONE(o, r, v)                                       \
	{                                                  \
		.object = (o), .resource = (r), .value = v \
	}
#define OPT(o, r, v)                                                         \
	{                                                                    \
		.object = (o), .resource = (r), .value = v, .optional = true \
	}
#define FROM(o, r, v, where)                                                \
	{                                                                   \
		.object = (o), .resource = (r), .value = v, .source = where \
	}
#define ACT(o, r)                              \
	{                                      \
		.object = (o), .resource = (r) \
	}
#define MUL(o, r, n, v)                                                                     \
	{                                                                                   \
		.object = (o), .resource = (r), .index = (n), .value = v, .multiple = true, \
		.optional = true                                                            \
	}
#define INSTANCE(o)                                       \
	{                                                 \
		.object = (o), .resource = STORE_INSTANCE \
	}

// Sorted by path.
// clang-format off
static const struct store_entry factory[] = {
	ONE(1, 0, I(123)), FROM(1, 1, I(0), STORE_LIFETIME), OPT(1, 2, I(0)), OPT(1, 3, I(0)),
	ACT(1, 4), OPT(1, 5, I(86400)), ONE(1, 6, B(true)), FROM(1, 7, S("U"), STORE_BINDING),
	ACT(1, 8), OPT(1, 23, B(false)), INSTANCE(1),

	ONE(3, 0, S("sluice")), ONE(3, 1, S("swarm")), FROM(3, 2, S(""), STORE_ENDPOINT),
	ONE(3, 3, S("1.0.0")), ACT(3, 4), ACT(3, 5), MUL(3, 6, 0, I(1)), MUL(3, 6, 1, I(5)),
	MUL(3, 7, 0, I(3800)), MUL(3, 7, 1, I(5000)), MUL(3, 8, 0, I(125)), MUL(3, 8, 1, I(900)),
	ONE(3, 9, I(95)), ONE(3, 10, I(15)), MUL(3, 11, 0, I(0)), ACT(3, 12),
	FROM(3, 13, T(0), STORE_CLOCK), OPT(3, 14, S("+01:00")), OPT(3, 15, S("Europe/Berlin")),
	FROM(3, 16, S("U"), STORE_BINDING), ONE(3, 17, S("simulated")), ONE(3, 18, S("1.0")),
	ONE(3, 19, S("1.0")), ONE(3, 20, I(0)), ONE(3, 21, I(64)), INSTANCE(3),

	ONE(4, 0, I(41)), MUL(4, 1, 0, I(41)), ONE(4, 2, I(-92)), ONE(4, 3, I(2)),
	MUL(4, 4, 0, S("192.0.2.7")), MUL(4, 5, 0, S("192.0.2.1")), ONE(4, 6, I(5)),
	MUL(4, 7, 0, S("internet")), ONE(4, 8, I(69696)), INSTANCE(4),

	ONE(5, 0, O("")), OPT(5, 1, S("")), ACT(5, 2), ONE(5, 3, I(0)), ONE(5, 5, I(0)),
	ONE(5, 6, S("sluice-device")), ONE(5, 7, S("1.0.0")), MUL(5, 8, 0, I(0)), ONE(5, 9, I(2)),
	ACT(5, 10), INSTANCE(5),

	ONE(6, 0, F(52.52)), ONE(6, 1, F(13.405)), ONE(6, 2, F(34.0)), ONE(6, 3, F(5.0)),
	ONE(6, 5, T(1700000000)), ONE(6, 6, F(0.0)), INSTANCE(6),

	ONE(3303, 5601, F(20.0)), ONE(3303, 5602, F(30.0)), ACT(3303, 5605),
	FROM(3303, 5700, F(0), STORE_TEMPERATURE), ONE(3303, 5701, S("Cel")),
	OPT(3303, 5750, S("bench")), INSTANCE(3303),

	ACT(3442, 0), ACT(3442, 2), ACT(3442, 3), OPT(3442, 110, S("initial value")),
	OPT(3442, 120, I(1024)), OPT(3442, 125, U(18446744073709551615u)), OPT(3442, 130, F(3.14159)),
	OPT(3442, 140, B(true)), OPT(3442, 150, O("\x01\x23\x45\x67\x89\xab\xcd\xef")),
	OPT(3442, 160, T(946684800)), OPT(3442, 170, L(3, 0)), OPT(3442, 180, C("</3442/0/110>")),
	MUL(3442, 1110, 0, S("initial value")), MUL(3442, 1120, 0, I(1024)),
	MUL(3442, 1120, 1, I(-7)), MUL(3442, 1125, 0, U(1)), MUL(3442, 1130, 0, F(3.14159)),
	MUL(3442, 1140, 0, B(true)), MUL(3442, 1140, 1, B(false)), MUL(3442, 1150, 0, O("\x01\x02")),
	MUL(3442, 1160, 0, T(946684800)), MUL(3442, 1170, 0, L(3, 0)),
	MUL(3442, 1170, 5, L(3303, 0)), INSTANCE(3442),
};
// clang-format on

static const struct object_class classes[] = {
	{1, false, NULL}, {3, false, NULL},    {4, false, NULL},   {5, false, NULL},
	{6, false, NULL}, {3303, true, "1.1"}, {3442, true, NULL},
};

const struct store_entry *objects_factory(bool test_object, uint32_t *count)
{
	*count = sizeof(factory) / sizeof(factory[0]);
	while (!test_object && factory[*count - 1].object == 3442)
		--*count;
	return factory;
}

const struct object_class *objects_classes(bool test_object, uint32_t *count)
{
	*count = sizeof(classes) / sizeof(classes[0]) - (test_object ? 0 : 1);
	return classes;
}

const struct object_class *objects_class(bool test_object, uint16_t id)
{
	uint32_t count;
	objects_classes(test_object, &count);
	for (uint32_t i = 0; i < count; i++) {
		if (classes[i].id == id)
			return &classes[i];
	}
	return NULL;
}
