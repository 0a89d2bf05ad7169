// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The registration interface's requests (LwM2M core 1.1.1 section 6.2, transport table 6.4.3-1):
// what a Register, Update or De-register asks, and the code it deserves when it is wrong.
//
// Both processes use these functions on the same bytes, so that they cannot disagree. Pure; every
// pointer borrows the message.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lwm2m/coap/msg.h"

#define LWM2M_LIFETIME_DEFAULT_S 86400u
#define LWM2M_ENDPOINT_MAX       255u // bytes; longer is answered 4.00

enum lwm2m_binding {
	LWM2M_BINDING_U = 1 << 0, // UDP
	LWM2M_BINDING_T = 1 << 1, // TCP
	LWM2M_BINDING_S = 1 << 2, // SMS
	LWM2M_BINDING_N = 1 << 3, // non-IP
	LWM2M_BINDING_H = 1 << 4, // HTTP (1.2)
	LWM2M_BINDING_M = 1 << 5, // MQTT (1.2)
};

// Which parameters a request carried.
enum lwm2m_param {
	LWM2M_PARAM_EP = 1 << 0,
	LWM2M_PARAM_LT = 1 << 1,
	LWM2M_PARAM_VERSION = 1 << 2,
	LWM2M_PARAM_BINDING = 1 << 3,
	LWM2M_PARAM_QUEUE = 1 << 4,
	LWM2M_PARAM_SMS = 1 << 5,
	LWM2M_PARAM_OTHER =
		1 << 6, // at least one the enabler does not define; kept, see register_query_next
};

struct lwm2m_register {
	const char *ep;
	const char *sms;
	uint32_t lifetime_s; // the default when lt is missing
	uint16_t params;     // enum lwm2m_param
	uint8_t ep_len;
	uint8_t sms_len;
	uint8_t version; // 10 or 11 for 1.0 and 1.1
	uint8_t binding; // enum lwm2m_binding; U when b is missing
	bool queue_mode; // Q parameter (1.1) or Q inside b (1.0)
};

// Checks a Register (POST /rd). Returns 0 or the response code to answer with (4.00, 4.12, 4.15 for
// a payload that is not CF 40); *why then points to a static diagnostic. The endpoint name may be
// missing (ep NULL, 1.1): the caller knows whether credentials supply it. The payload must be a
// well-formed object list with at least one link to an object or instance.
uint8_t lwm2m_register_parse(struct lwm2m_register *reg, const struct coap_msg *msg,
			     const char **why);

// Checks an Update (POST /rd/{id}). Parameters that may not change (ep, lwm2m) are 4.00. The
// version and binding fields are meaningful only where params says so; version gives which rules
// hold for b.
uint8_t lwm2m_update_parse(struct lwm2m_register *reg, const struct coap_msg *msg, uint8_t version,
			   const char **why);

// Splits "name=value" of a Uri-Query option; value NULL when there is no '='.
struct lwm2m_query {
	const char *name;
	const char *value;
	uint16_t name_len;
	uint16_t value_len;
};
void lwm2m_query_split(struct lwm2m_query *query, const struct coap_opt *opt);
// True for a parameter that the enabler defines (ep, lt, lwm2m, b, Q, sms).
bool lwm2m_query_is_known(const struct lwm2m_query *query);
