// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Content-Encoding: gzip (RFC 1952) of a body. The same body gives the same bytes.
#pragma once

#include <stddef.h>

struct pack {
	void *bytes; // kept for the next one
	size_t len, cap;
};

// 0 or -ENOMEM.
int pack_gzip(struct pack *pack, const void *body, size_t len);
void pack_free(struct pack *pack);
