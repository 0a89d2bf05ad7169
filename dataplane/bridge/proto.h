// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What dataplane and control say to each other. Events go up, commands down, one pair of rings per
// worker, in order. CoAP messages travel whole (header, token, options, payload), so that both
// sides read them with the same parser.
//
// Promises: an event with a seq is answered by control once it is on disk (BRIDGE_COMMIT covers
// every seq up to its own) and only then does the device get its success answer. Events without a
// seq may be lost with the process that holds them.
//
// Attach: control connects to the socket, gets a fresh segment, and sends BRIDGE_RESTORE for every
// registration it has, then BRIDGE_RESTORE_END to every worker. Until that, a worker makes no
// promise and answers no unknown location (the device repeats itself).
#pragma once

#include "dataplane/bridge/peer.h"
#include "dataplane/bridge/ring.h"

#define BRIDGE_VERSION 1u // raise on any change in dataplane/bridge/

// A location, /rd/{id}: names the session slot and tells a stale one from a live one. 54 bits:
// generation 26, slot 20, virtual shard 8 (low). The virtual shard is a fixed function of the
// endpoint name, and worker = vshard % workers, so a location outlives a change of the worker
// count.
#define BRIDGE_VSHARDS                   256u
#define BRIDGE_LOCATION_BITS             54u
#define BRIDGE_LOCATION_VSHARD(location) ((uint32_t)((location)&0xff))
#define BRIDGE_LOCATION_SLOT(location)   ((uint32_t)(((location) >> 8) & 0xfffff))
#define BRIDGE_LOCATION_GEN(location)    ((uint32_t)(((location) >> 28) & 0x3ffffff))
#define BRIDGE_LOCATION(vshard, slot, gen) \
	((uint64_t)(vshard) | (uint64_t)(slot) << 8 | (uint64_t)(gen) << 28)

enum bridge_event {
	BRIDGE_EV_REGISTER = 1, // struct bridge_registration; promise
	BRIDGE_EV_UPDATE =
		2, // struct bridge_registration; promise: lifetime, binding, sms or objects changed
	BRIDGE_EV_DEREGISTER = 3, // struct bridge_registration, the DELETE in coap[]; promise
	BRIDGE_EV_EXPIRE = 4,     // struct bridge_registration without coap[]; promise
	BRIDGE_EV_TOUCH =
		5, // struct bridge_touch: an Update that changed nothing but time or address
	BRIDGE_EV_RESPONSE = 6, // struct bridge_response: how a BRIDGE_REQUEST ended
};

enum bridge_command {
	BRIDGE_COMMIT = 32, // struct bridge_commit
	BRIDGE_REJECT =
		33, // struct bridge_commit with code; sent before the COMMIT that covers its seq
	BRIDGE_RESTORE = 34,     // struct bridge_restore
	BRIDGE_RESTORE_END = 35, // struct bridge_record alone
	BRIDGE_REQUEST = 36,     // struct bridge_request
	BRIDGE_CANCEL = 37,      // struct bridge_request without coap[]; no response follows
};

struct bridge_registration {
	struct bridge_record record;
	uint64_t location;
	uint64_t wall_ms; // since 1970, when the datagram was received
	struct dp_peer peer;
	uint32_t coap_len;
	uint32_t reserved;
	uint8_t coap[]; // the request as received
};
static_assert(sizeof(struct bridge_registration) == 72, "shared layout");

struct bridge_touch {
	struct bridge_record record;
	uint64_t location;
	uint64_t wall_ms; // of the last Update
	struct dp_peer peer;
};
static_assert(sizeof(struct bridge_touch) == 64, "one slot");

enum bridge_result {
	BRIDGE_ANSWERED = 0, // coap[] holds the response
	BRIDGE_TIMEOUT = 1,  // no answer to any transmission
	BRIDGE_RESET = 2,    // the device answered RST
	BRIDGE_GONE = 3,     // no such session (any more)
	BRIDGE_BUSY =
		4, // the session has a request outstanding (NSTART = 1), or the pool is used up
	BRIDGE_INVALID = 5, // the command was malformed, or its message is too large for a datagram
};

struct bridge_response {
	struct bridge_record record;
	uint64_t location;
	uint64_t request_id;
	struct dp_peer peer;
	uint32_t result; // enum bridge_result
	uint32_t coap_len;
	uint8_t coap[]; // the response as received
};
static_assert(sizeof(struct bridge_response) == 72, "shared layout");

struct bridge_commit {
	struct bridge_record record; // seq 0
	uint64_t seq;                // of the event
	uint32_t code;               // BRIDGE_REJECT: CoAP code to answer with
	uint32_t reserved;
};
static_assert(sizeof(struct bridge_commit) == 32, "shared layout");

struct bridge_restore {
	struct bridge_record record;
	uint64_t location;
	struct dp_peer peer;
	uint32_t lifetime_s;
	uint32_t remaining_s; // until expiry, if the dataplane knows no better
	uint8_t version;      // 10 or 11
	uint8_t binding;      // enum lwm2m_binding
	uint8_t queue_mode;
	uint8_t endpoint_len;
	uint8_t endpoint[];
};
static_assert(sizeof(struct bridge_restore) == 72, "shared layout; endpoint starts at 68");

struct bridge_request {
	struct bridge_record record;
	uint64_t location;
	uint64_t request_id; // control's; comes back in the response
	uint32_t timeout_ms; // for the separate response once acknowledged
	uint32_t coap_len;
	uint8_t coap[]; // a CoAP message with empty token and mid 0; the worker fills both in
};
static_assert(sizeof(struct bridge_request) == 40, "shared layout");
