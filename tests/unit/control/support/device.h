// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What devices say, as the dataplane hands it up.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "control/store/record.h"

#define EVENT_MAX 2048

union device_event {
	struct bridge_uplink ev;
	struct bridge_touch touch;
	struct bridge_response response;
	struct bridge_record record;
	uint8_t bytes[EVENT_MAX];
};

// The location tests give the n-th device: its virtual shard is n mod 256.
#define DEVICE_LOCATION(n) BRIDGE_LOCATION((n)&0xff, (uint32_t)(n) >> 8, 7)
#define DEVICE_WALL_MS     1795000000000u

// Queries are separated by '&'. Returns the event's length; links NULL: no payload.
uint32_t device_register(union device_event *to, uint64_t location, const char *query,
			 const char *links);
uint32_t device_update(union device_event *to, uint64_t location, const char *query,
		       const char *links);
uint32_t device_deregister(union device_event *to, uint64_t location);
uint32_t device_event_hex(union device_event *to, uint64_t location, const char *coap_hex);

// A response of the device's accord under that token. sequence and format: -1 leaves the option
// out.
uint32_t device_notify(union device_event *to, uint64_t location, uint64_t token, uint8_t code,
		       int32_t sequence, int32_t format, const void *payload, size_t len);
// POST /dp from the address that device_register uses.
uint32_t device_send(union device_event *to, int32_t format, const void *payload, size_t len);

// A record as of a Register of that endpoint; to be freed.
struct ctl_record *device_record(const char *endpoint, uint64_t location);
