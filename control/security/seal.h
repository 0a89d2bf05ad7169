// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Secrets at rest: AES-256-GCM under a key that lies in a file of its own. Each sealed text has a
// random nonce; what it belongs to is its associated data, so that one cannot be put in the place
// of another. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTL_SEAL_OVERHEAD 28u // the nonce in front, the tag behind

struct ctl_seal;

// Reads the key (64 hexadecimal digits). A file that is missing is made, mode 0600, if make says
// so; one that others may read is refused. NULL with the reason in why.
struct ctl_seal *ctl_seal_new(const char *path, bool make, char why[static 160]);
void ctl_seal_free(struct ctl_seal *seal);

// Another secret that follows from the key, for that use and number; from it neither the key nor
// others can be told. False: out of memory.
#define CTL_SEAL_DERIVED 32u
bool ctl_seal_derive(const struct ctl_seal *seal, const char *use, uint64_t number,
		     uint8_t out[static CTL_SEAL_DERIVED]);

// Writes len + CTL_SEAL_OVERHEAD bytes to out. False: no randomness.
bool ctl_seal(struct ctl_seal *seal, const void *data, size_t data_len, const void *plain,
	      size_t len, uint8_t *out);
// Writes len - CTL_SEAL_OVERHEAD bytes to out. False: not sealed under this key with this data.
bool ctl_unseal(struct ctl_seal *seal, const void *data, size_t data_len, const void *sealed,
		size_t len, uint8_t *out);
