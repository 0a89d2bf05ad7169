// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/float_text.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 17 // enough for any double

// The shortest digits, without point and trailing zeros, and the exponent of the first one.
static int shortest(double value, char digits[static DIGITS_MAX + 1], int *exponent)
{
	char text[CTL_FLOAT_MAX];
	int n = 0;
	// Any decimal of up to DBL_DIG digits survives the way through a double, so that fewer
	// digits than those need not be tried: their zeros are stripped below. Not so for
	// subnormals.
	int precision = value < DBL_MIN ? 0 : DBL_DIG - 1;

	for (; precision < DIGITS_MAX; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	*exponent = atoi(strchr(text, 'e') + 1);
	return n;
}

// What most sensors measure takes no more than 64-bit numbers: the digits behind the point one by
// one, in units of 2^-(shift + 1), until what is left is less than half of what a double tells
// apart there (Steele and White, "How to print floating-point numbers accurately", 1990). False
// when the value is not of that kind: too large, too small, or with a nearer neighbour below than
// above.
static bool plain_quick(double value, char *out)
{
	const uint64_t hidden = (uint64_t)1 << 52;
	uint64_t bits, mantissa, one, left;
	unsigned shift;

	if (!(value >= 1e-3 && value < 1e7))
		return false;
	memcpy(&bits, &value, sizeof(bits));
	mantissa = (bits & (hidden - 1)) | hidden;
	shift = 52 + 1023 - (unsigned)(bits >> 52); // 29 to 62
	if (mantissa == hidden && value < 1)
		return false;
	out += sprintf(out, "%u.", (unsigned)(mantissa >> shift));
	one = (uint64_t)2 << shift;
	left = mantissa * 2 & (one - 1);
	for (uint64_t half = 1, even = ~mantissa & 1;;) {
		__uint128_t tenfold = (__uint128_t)left * 10;
		unsigned digit = (unsigned)(tenfold >> (shift + 1));
		bool low, high;

		left = (uint64_t)tenfold & (one - 1);
		half *= 10;
		low = left < half + even;
		high = one - left < half + even;
		if (!low && !high) {
			*out++ = (char)('0' + digit);
			continue;
		}
		if (high && (!low || left > one / 2 || (left == one / 2 && digit % 2 == 1)))
			digit++;
		*out++ = (char)('0' + digit);
		*out = '\0';
		return digit < 10;
	}
}

static void plain(char *out, const char *digits, int n, int exponent)
{
	if (exponent < 0) {
		out += sprintf(out, "0.");
		for (int i = -1; i > exponent; i--)
			*out++ = '0';
		strcpy(out, digits);
		return;
	}
	for (int i = 0; i <= exponent; i++)
		*out++ = i < n ? digits[i] : '0';
	*out++ = '.';
	strcpy(out, n > exponent + 1 ? digits + exponent + 1 : "0");
}

void ctl_float_text(double value, char text[static CTL_FLOAT_MAX])
{
	char digits[DIGITS_MAX + 1];
	int exponent, n;

	if (isnan(value)) {
		strcpy(text, "NaN");
		return;
	}
	if (signbit(value)) {
		*text++ = '-';
		value = -value;
	}
	if (isinf(value)) {
		strcpy(text, "Infinity");
		return;
	}
	if (plain_quick(value, text))
		return;
	n = shortest(value, digits, &exponent);
	if (value == 0 || (value >= 1e-3 && value < 1e7))
		plain(text, digits, n, exponent);
	else
		sprintf(text, "%c.%sE%d", digits[0], n > 1 ? digits + 1 : "0", exponent);
}
