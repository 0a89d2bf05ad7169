// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The CoAP request that an operation is, LwM2M transport 1.1.1 tables 6.4.4-1 and 6.4.5-1.
#pragma once

#include "control/operation.h"

#define OPERATION_OPTIONS_MAX 1024u
#define OPERATION_PATHS_MAX   2048u // bytes of CTL_PATHS_MAX encoded paths, each below 40

struct operation_request {
	struct ctl_transfer_request transfer; // options point to the message below
	uint8_t message[OPERATION_OPTIONS_MAX];
	uint8_t paths[OPERATION_PATHS_MAX]; // the body of a composite
};

// Borrows the operation; its paths become the body where a composite has none. The transfer knows
// (too_long) when the path, the device's alternate path or the query does not fit.
void operation_request(struct operation_request *request, const struct ctl_operation *op,
		       const struct ctl_reg *reg);
