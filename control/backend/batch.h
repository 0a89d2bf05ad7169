// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The body of one POST: a JSON array of events. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/json/json_out.h"
#include "control/store/outbox.h"

#define BATCH_EVENTS_MAX 256u
#define BATCH_BYTES_MAX  ((size_t)1 << 20) // reached by the event that passes it

struct batch {
	struct json_out out;
	uint32_t events; // 0: nothing to send
	uint64_t last_key;
};

// What follows after that key in the outbox; raw: with what the devices sent. 0 or -errno; events
// that cannot be told are left out.
int batch_fill(struct batch *batch, struct ctl_store *store, uint64_t after, bool raw);
void batch_clear(struct batch *batch);
