// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/float_text.h"

#include <float.h>
#include <math.h>
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
	n = shortest(value, digits, &exponent);
	if (value == 0 || (value >= 1e-3 && value < 1e7))
		plain(text, digits, n, exponent);
	else
		sprintf(text, "%c.%sE%d", digits[0], n > 1 ? digits + 1 : "0", exponent);
}
