// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// SipHash-2-4 (Aumasson, Bernstein, 2012): a hash of 64 bits under a secret key, for what comes
// from outside and must not be made to collide. Pure functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t ctl_siphash(const uint64_t key[static 2], const void *data, size_t len);
