// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Public keys (SubjectPublicKeyInfo, RFC 5480) and certificates (RFC 5280), DER. Loop thread only.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTL_PUBLIC_KEY_MAX  512u // bytes
#define CTL_CERTIFICATE_MAX 16384u

// A key of an elliptic curve, whole, with a point that is on it.
bool ctl_public_key_ok(const void *der, size_t len);

// {"x","y","params","b64Der"} as Leshan shows it; NULL when memory is out or it is no such key.
json_t *ctl_public_key_json(const void *der, size_t len);

json_t *ctl_base64_json(const void *bytes, size_t len); // NULL when memory is out

// Calls with every name that a certificate gives its holder, those of the subject alternative name
// (DNS names and URIs) first, then the common name, until the callback returns true: then true.
// False when it never does, or when it is no certificate.
typedef bool (*ctl_name_cb_t)(const char *name, size_t len, void *arg);
bool ctl_certificate_names(const void *der, size_t len, ctl_name_cb_t cb, void *arg);

// When it expires, in seconds since 1970; 0 when it is no certificate.
uint32_t ctl_certificate_until(const void *der, size_t len);
