// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a simulated device has inside when it leaves the factory: objects 1, 3, 4, 5, 6, 3303, and
// for tests 3442, the LwM2M 1.1 test object.
#pragma once

#include "bench/swarm/device/store.h"

// The entries, and how many; without object 3442 unless test_object is set.
const struct store_entry *objects_factory(bool test_object, uint32_t *count);

// The objects a device knows, with or without instances, in ascending order.
struct object_class {
	uint16_t id;
	bool creatable;      // a server may create and delete instances
	const char *version; // NULL where that of the enabler holds
};
const struct object_class *objects_classes(bool test_object, uint32_t *count);
const struct object_class *objects_class(bool test_object, uint16_t id);
