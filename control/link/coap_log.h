// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A CoAP message for people: the COAPLOG event of the stream, in Leshan's shape. Pure.
#pragma once

#include "control/json/json_out.h"
#include "control/store/record.h"
#include "lwm2m/coap/msg.h"

struct coap_log {
	const struct ctl_record *record;
	struct coap_msg msg;
	uint64_t wall_ms;
	bool incoming; // from the device
};

// {"ep","timestamp","incoming","type","code","mId","token","options","payload"}; what the message
// does not have is left out. scratch: used, and may be used again.
void coap_log_out(struct json_out *out, const struct coap_log *log, struct json_out *scratch);
