// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What ctl_node_json makes, written straight into a buffer. Any thread.
#pragma once

#include "control/json/json_out.h"
#include "lwm2m/codec/node.h"

void node_out(struct json_out *out, const struct lwm2m_node *node);
// "/3/0/9", in quotes.
void node_out_path(struct json_out *out, const struct lwm2m_path *path);
