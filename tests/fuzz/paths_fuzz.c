// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A list of paths that decodes can be written in both formats and reads back as the same list.
#include "lwm2m/codec/encode.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

#define PATHS 64u

static void round_trip(uint16_t format, const struct lwm2m_path *paths, uint32_t count)
{
	static uint8_t encoded[PATHS * 64];
	struct lwm2m_path again[PATHS];
	struct lwm2m_decode_error err;
	uint32_t again_count;
	size_t len;

	fuzz_check(lwm2m_encode_paths(format, paths, count, encoded, sizeof(encoded), &len),
		   "a list can be written");
	fuzz_check(lwm2m_decode_paths(format, encoded, len, again, PATHS, &again_count, &err),
		   "what was written can be read");
	fuzz_check(count == again_count, "as many paths");
	for (uint32_t i = 0; i < count; i++)
		fuzz_check(paths[i].depth == again[i].depth &&
				   lwm2m_path_within(&paths[i], &again[i]),
			   "the same path");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lwm2m_path paths[PATHS];
	struct lwm2m_decode_error err;
	uint32_t count;

	if (size == 0)
		return 0;
	uint16_t format = data[0] % 2 ? LWM2M_FORMAT_SENML_CBOR : LWM2M_FORMAT_SENML_JSON;
	if (!lwm2m_decode_paths(format, data + 1, size - 1, paths, PATHS, &count, &err)) {
		fuzz_check(err.what && err.offset <= size - 1 && count == 0,
			   "an error says what and where");
		return 0;
	}
	round_trip(LWM2M_FORMAT_SENML_JSON, paths, count);
	round_trip(LWM2M_FORMAT_SENML_CBOR, paths, count);
	return 0;
}
