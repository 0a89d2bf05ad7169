// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a simulated device has inside: objects 1, 3 and 3303, and its own encoders for them. They
// are not the gateway's, so that a decoder there is not checked against its mirror image.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum object_format {
	OBJECT_TEXT = 0,
	OBJECT_SENML_CBOR = 112,
	OBJECT_TLV = 11542,
};

// What the resources' values depend on.
struct object_values {
	const char *endpoint;
	uint32_t lifetime_s;
	double temperature;
};

// The object list of Register.
extern const char object_links[];

// Encodes what path names ({object[, instance[, resource]]}). Returns the response code: 2.05, 4.04
// for a path that is not there, 4.06 for a format this path cannot have. *format is what was asked
// for, -1 for no wish, and what it became.
uint8_t object_read(const struct object_values *values, const uint16_t *path, unsigned depth,
		    int *format, uint8_t *buf, size_t cap, size_t *len);
