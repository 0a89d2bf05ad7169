// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A registration as JSON, in the shape and key order of Eclipse Leshan's REST API: what
// /api/clients, the event stream and the back ends show of a device. Pure; any thread.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "control/store/record.h"

// "10.0.0.1:5683" or "[2001:db8::1]:5683".
#define CTL_ADDRESS_MAX 64
void ctl_peer_text(const struct dp_peer *peer, char text[static CTL_ADDRESS_MAX]);

// last_update_ms: when the device was last heard, which the record trails. sleeping: told of
// devices in queue mode only. NULL when memory is out.
json_t *ctl_registration_json(const struct ctl_record *record, uint64_t last_update_ms,
			      bool sleeping);

// The "update" member of an UPDATED event: what of the registration the Update changed. params:
// enum lwm2m_param of the request; links: it carried an object list.
json_t *ctl_update_json(const struct ctl_record *record, uint16_t params, bool links);
