// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// How an operation ended, from what came back to what the REST API says of it.
#pragma once

#include "control/operation.h"
#include "lwm2m/core/model.h"

#define OPERATION_TEXT_MAX 320u

// The JSON of outcome is the caller's, its text is in text.
void operation_answer(struct ctl_outcome *outcome, const struct ctl_operation *op,
		      const struct lwm2m_model *model, const char *endpoint,
		      const struct ctl_transfer_outcome *from,
		      char text[static OPERATION_TEXT_MAX]);
