// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The body of a REST request that writes: JSON, made into the payload that the device gets.
#pragma once

#include "control/json/node_parse.h"
#include "control/rest/device/device_request.h"
#include "lwm2m/codec/encode.h"

struct ctl_write_body {
	json_t *json;
	void *arena; // of the nodes
	struct lwm2m_arena nodes;
	uint8_t *payload; // room for lwm2m.body_max bytes
	size_t cap;
};

// Reads the JSON, which must be an object, and takes the memory. False with *err what the handler
// returns. End it in either case.
bool ctl_write_body_begin(struct ctl_write_body *body, const struct ctl_device_request *device,
			  int *err);
void ctl_write_body_end(struct ctl_write_body *body);

// Answers 400 with what is wrong; what the handler returns.
int ctl_write_body_refuse(const struct ctl_device_request *device, const char *why);

// The same for what cannot be encoded.
int ctl_write_body_refuse_encode(const struct ctl_device_request *device,
				 const struct lwm2m_encode_error *error);

// Encodes the node that op->paths[0] names (or, for Create, that goes below it) into the operation,
// in the format of the query or what the device has. False with *err.
bool ctl_write_body_encode(struct ctl_write_body *body, const struct ctl_device_request *device,
			   const struct lwm2m_path *path, const struct lwm2m_node *node,
			   struct ctl_operation *op, int *err);
