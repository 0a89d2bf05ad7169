// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What every resource that asks a device has in common: which device, how long it may take, and
// what becomes of the request: it is sent, or waits on disk when the device sleeps (queue mode).
// Loop thread only.
#pragma once

#include "control/operation.h"
#include "control/rest/http.h"

// Leshan names the class of its exception in these texts, and clients compare them.
#define CTL_INVALID_PATH "Invalid request: org.eclipse.leshan.core.node.InvalidLwM2mPathException: "

struct ctl_device_request {
	struct ctl_req *req;
	struct ctl_resp *resp;
	struct ctl_reg *reg;
	uint32_t timeout_ms;
	uint64_t ttl_ms; // of an operation that must wait for the device
	uint16_t format; // of the query; CTL_FORMAT_ANY when it has none
};

// Reads the endpoint (the first argument) and the query parameters timeout, ttl and format. False
// when one of them is wrong: *err is then what the handler returns.
bool ctl_device_request_begin(struct ctl_device_request *device, struct ctl_req *req,
			      struct ctl_resp *resp, int *err);

// The path that the arguments after the endpoint make. depth_min and depth_max: what the operation
// can be done to, otherwise the answer says that it cannot be done (verb: "read", "written") there.
bool ctl_device_request_path(const struct ctl_device_request *device, struct lwm2m_path *path,
			     uint8_t depth_min, uint8_t depth_max, const char *verb, int *err);

// ctl_operation_run, or what stands in for it (ctl_observe).
typedef struct ctl_running *(*ctl_device_start_t)(struct ctl *ctl, struct ctl_reg *reg,
						  const struct ctl_operation *op,
						  uint32_t timeout_ms, ctl_operation_cb_t cb,
						  void *arg);

// Starts the operation and answers when it ends; or queues it when the device sleeps, and answers
// once that is on disk. What the handler returns.
int ctl_device_request_run(const struct ctl_device_request *device, const struct ctl_operation *op,
			   ctl_device_start_t start);
