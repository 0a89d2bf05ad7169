// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials as Leshan's REST API shows and takes them. Pure.
#pragma once

#include <jansson.h>

#include "control/security/credential.h"

// What stands for a key that is not shown.
#define CTL_KEY_MASK "******"

// {"endpoint","tls":{"mode","details":{..}}}, the secret masked; NULL when memory is out.
json_t *ctl_credential_json(const struct ctl_credential *credential);
// NULL with the reason, a literal, in *why.
struct ctl_credential *ctl_credential_parse(const json_t *json, const char **why);
// A key of either kind as hexadecimal text, into bytes; NULL, or what is wrong.
const char *ctl_key_parse(const char *text, size_t len, uint8_t *bytes, size_t cap,
			  size_t *bytes_len);
