// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/location.h"

#define D(c, digit, shift) [c] = BRIDGE_DIGIT | (uint32_t)(digit) << (shift),

// clang-format off
#define DIGITS(s) \
	D('A', 0, s) D('B', 1, s) D('C', 2, s) D('D', 3, s) D('E', 4, s) D('F', 5, s) D('G', 6, s) D('H', 7, s) \
	D('I', 8, s) D('J', 9, s) D('K', 10, s) D('L', 11, s) D('M', 12, s) D('N', 13, s) D('O', 14, s) D('P', 15, s) \
	D('Q', 16, s) D('R', 17, s) D('S', 18, s) D('T', 19, s) D('U', 20, s) D('V', 21, s) D('W', 22, s) D('X', 23, s) \
	D('Y', 24, s) D('Z', 25, s) D('a', 26, s) D('b', 27, s) D('c', 28, s) D('d', 29, s) D('e', 30, s) D('f', 31, s) \
	D('g', 32, s) D('h', 33, s) D('i', 34, s) D('j', 35, s) D('k', 36, s) D('l', 37, s) D('m', 38, s) D('n', 39, s) \
	D('o', 40, s) D('p', 41, s) D('q', 42, s) D('r', 43, s) D('s', 44, s) D('t', 45, s) D('u', 46, s) D('v', 47, s) \
	D('w', 48, s) D('x', 49, s) D('y', 50, s) D('z', 51, s) D('0', 52, s) D('1', 53, s) D('2', 54, s) D('3', 55, s) \
	D('4', 56, s) D('5', 57, s) D('6', 58, s) D('7', 59, s) D('8', 60, s) D('9', 61, s) D('-', 62, s) D('_', 63, s)
// clang-format on

const uint32_t bridge_location_digits[3][256] = {{DIGITS(12)}, {DIGITS(6)}, {DIGITS(0)}};
