// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/codec/decode.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reencode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	reencode_check(LWM2M_FORMAT_CBOR, data, size);
	return 0;
}
