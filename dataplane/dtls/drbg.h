// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Random numbers for wolfSSL's objects: one generator for all of a worker's (Hash_DRBG of NIST SP
// 800-90A, seeded by the kernel, and again after each million requests). Left to itself each object
// makes one of its own, which is tested with known answers and seeded first: a third of a
// handshake's time for a few random numbers.
//
// wolfSSL has banks of generators (rng_bank.h), but an object cannot be told to use one. So the
// linker sends wolfSSL's own calls of wc_InitRng_ex to us (--wrap, dataplane/meson.build). A
// wolfSSL without banks, or as a shared library, goes on making a generator for each object.
//
// Made and given up by the main thread, used by the worker's only.
#pragma once

struct wc_rng_bank;

struct dtls_drbg {
	struct wc_rng_bank *bank; // NULL: wolfSSL has none
};

// 0 or -EIO.
int dtls_drbg_init(struct dtls_drbg *drbg);
// After the last object that uses it. Fine if init failed.
void dtls_drbg_fini(struct dtls_drbg *drbg);
// Objects that the calling thread makes from now on use it; NULL: each one its own. Returns which
// it was.
struct dtls_drbg *dtls_drbg_use(struct dtls_drbg *drbg);
