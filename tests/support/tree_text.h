// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A node tree as one line, so that tests and fuzzers can compare trees:
//
//   root       {...}               object    //3{...}        instance  /0{...}
//   single     9=INTEGER 100       multi     7=INTEGER[...]  instance of a resource  #1=INTEGER
//   5000
//
// Times are seconds, opaque bytes hexadecimal, strings as they are.
#pragma once

#include "lwm2m/codec/node.h"

#include <stddef.h>

// Writes at most cap bytes with the NUL; returns buf.
char *tree_text(const struct lwm2m_node *node, char *buf, size_t cap);

// Bytes of "0a0b.."; returns their number. Stops at cap or at what is not hexadecimal.
size_t hex_bytes(const char *hex, uint8_t *buf, size_t cap);
