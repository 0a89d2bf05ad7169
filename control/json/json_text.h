// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Text from devices as JSON. CoAP promises UTF-8 (RFC 7252 section 5.10) but a device may send any
// bytes; what is not UTF-8 shows as U+FFFD instead of making a whole answer fail. Pure; any thread.
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

// NULL only when memory is out.
json_t *json_text(const char *text, size_t len);
// Takes value, as json_object_set_new does. 0 or -1 (memory).
int json_text_set(json_t *object, const char *key, size_t key_len, json_t *value);

// Length of the well-formed UTF-8 sequence at p, 0 when there is none. left > 0.
size_t json_utf8_sequence(const uint8_t *p, size_t left);
