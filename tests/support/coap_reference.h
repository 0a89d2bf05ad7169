// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// RFC 7252 section 3 read aloud: what coap_msg_parse must make of any bytes, one rule after the
// other and slowly.
#pragma once

#include "lwm2m/coap/msg.h"

// The same contract as coap_msg_parse.
enum coap_err coap_reference_parse(struct coap_msg *msg, const uint8_t *buf, size_t len);

// NULL when coap_msg_parse makes the same of the bytes as the reference, else what differs.
const char *coap_reference_differs(const uint8_t *buf, size_t len);
