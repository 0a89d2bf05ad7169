// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device answered, as JSON in Leshan's shape. Pure; any thread.
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "lwm2m/coap/msg.h"

// {"status":"NOT_FOUND(404)","valid":true,"success":false,"failure":true[,"errormessage":".."]}.
// valid: the code is one that the enabler allows for this operation (codes, count: that list,
// success first).
json_t *ctl_response_json(const struct coap_msg *response, const uint8_t *codes, size_t count);

// "CONTENT(205)".
#define CTL_STATUS_MAX 48
void ctl_status_text(uint8_t code, char text[static CTL_STATUS_MAX]);
