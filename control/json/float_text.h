// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A float as Leshan writes it into JSON strings, which is how Java prints a double: the shortest
// digits that read back as the same number, always with a fraction, scientific outside 10^-3 ..
// 10^7. Pure.
#pragma once

#define CTL_FLOAT_MAX 32

void ctl_float_text(double value, char text[static CTL_FLOAT_MAX]);
