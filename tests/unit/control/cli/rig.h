// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluicectl with a gateway played by the test: answers in order, and what was asked.
#pragma once

#include "control/cli/http.h"

#define RIG_ANSWERS_MAX 4

struct rig {
	struct {
		long status; // 0: nobody answers
		const char *body;
	} answers[RIG_ANSWERS_MAX];
	unsigned int asked;
	char method[16], target[512], type[64], body[512]; // of the last request
	char *out, *err;
};

extern struct rig rig;

int rig_setup(void **state);
int rig_teardown(void **state);
// Runs "sluicectl" with these words, the last one NULL; out and err are what it printed.
int rig_run(const char *word, ...) __attribute__((sentinel));
