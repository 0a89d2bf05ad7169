// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The signature of a body: HMAC-SHA256 (RFC 2104) over the time in seconds, a full stop and the
// body as it is sent (packed, when it is). The time is in it so that a receiver can refuse what
// somebody recorded and sends again. Pure.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SIGNATURE_HEADER_MAX 128

// "X-Sluice-Signature: t=1795000000,v1=<64 hex digits>". 0 or -EIO.
int signature_header(char header[static SIGNATURE_HEADER_MAX], const char *key, uint64_t time_s,
		     const void *body, size_t len);
