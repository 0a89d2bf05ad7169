// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials that were removed: their sessions end. There is no index of sessions by credential,
// so the table is looked through, some slots at a time, for a batch of them. Worker's thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define DTLS_GONE_MAX 256u // looked for at a time, or waiting until the next time
#define DTLS_GONE_SET 1024u

struct dp_worker;

struct dtls_gone {
	uint64_t set[DTLS_GONE_SET]; // open addressing; 0: empty
	uint64_t next[DTLS_GONE_MAX];
	uint32_t count, next_count;
	uint32_t at; // slot to go on with
};

void dtls_gone_add(struct dp_worker *w, uint64_t credential);
// Some slots; 0 when there is nothing to look for.
uint32_t dtls_gone_run(struct dp_worker *w);
