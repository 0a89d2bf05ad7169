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

#define BRIDGE_VERSION 11u // raise on any change in dataplane/bridge/

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

// A token of ours, 8 bytes in network order: virtual shard 8 bits, slot 20, kind 1. Of a request:
// random 35. Of an observation: its number among the session's 11, and 24 bits of the location's
// generation, which nobody but the device was told: so the worker knows a live observation's token
// from a made-up one without a table, whatever address it comes from.
#define BRIDGE_OBSERVATIONS_MAX      2048u // numbers per session
#define BRIDGE_TOKEN_VSHARD(token)   ((uint32_t)((token) >> 56))
#define BRIDGE_TOKEN_SLOT(token)     ((uint32_t)(((token) >> 36) & 0xfffff))
#define BRIDGE_TOKEN_OBSERVES(token) ((((token) >> 35) & 1) != 0)
#define BRIDGE_TOKEN_CHECK(token)    ((uint32_t)((token)&0xffffff))
#define BRIDGE_REQUEST_TOKEN(vshard, slot, random) \
	((uint64_t)(vshard) << 56 | (uint64_t)(slot) << 36 | ((uint64_t)(random)&0x7ffffffffull))
#define BRIDGE_OBSERVE_TOKEN(location, number)                         \
	((uint64_t)BRIDGE_LOCATION_VSHARD(location) << 56 |            \
	 (uint64_t)BRIDGE_LOCATION_SLOT(location) << 36 | 1ull << 35 | \
	 ((uint64_t)(number)&0x7ff) << 24 | (BRIDGE_LOCATION_GEN(location) & 0xffffff))

enum bridge_event {
	BRIDGE_EV_REGISTER = 1, // struct bridge_uplink; promise. flags 1: it does not say the
				// endpoint; BRIDGE_NAMED is to come before the COMMIT
	BRIDGE_EV_UPDATE =
		2, // struct bridge_uplink; promise: lifetime, binding, sms or objects changed
	BRIDGE_EV_DEREGISTER =
		3, // struct bridge_uplink, the DELETE in coap[]; promise. flags 1: there is no such
		   // session, but it may be a repetition from before a restart; rejected if not
	BRIDGE_EV_EXPIRE = 4, // struct bridge_uplink without coap[]; promise
	BRIDGE_EV_TOUCH =
		5, // struct bridge_touch: an Update that changed nothing but time or address, or
		   // another address alone (then wall_ms is still that of the last Update)
	BRIDGE_EV_RESPONSE = 6, // struct bridge_response: how a BRIDGE_REQUEST ended
	BRIDGE_EV_NOTIFY =
		7,           // struct bridge_uplink, the notification in coap[]; promise. Its token
			     // names the observation; rejected with code 0 the device gets RST
	BRIDGE_EV_SEND = 8,  // struct bridge_uplink, POST /dp in coap[]; promise. location 0: who
			     // sent it is for control to say, by the peer
	BRIDGE_EV_TRACE = 9, // struct bridge_trace: a message of a session that is traced
	BRIDGE_EV_CREDENTIAL_QUERY = 10, // struct bridge_credential_query: a DTLS handshake waits
					 // for the answer, for some seconds
	BRIDGE_EV_DTLS_SAVE = 11,        // struct bridge_dtls_save; promise
	BRIDGE_EV_DTLS_END = 12, // struct bridge_dtls_session: it is over, its snapshot can go
};

enum bridge_command {
	BRIDGE_COMMIT = 32, // struct bridge_commit
	BRIDGE_REJECT =
		33, // struct bridge_commit with code; sent before the COMMIT that covers its seq
	BRIDGE_RESTORE = 34,     // struct bridge_restore
	BRIDGE_RESTORE_END = 35, // struct bridge_record alone
	BRIDGE_REQUEST = 36,     // struct bridge_request
	BRIDGE_CANCEL = 37,      // struct bridge_request without coap[]; no response follows
	BRIDGE_TRACE = 38,       // struct bridge_touch: flags 1 starts telling of a session's
				 // messages, 0 ends it. Forgotten when control goes
	BRIDGE_HOLD = 39,        // struct bridge_record alone: flags 1, nothing new may be
				 // promised until one with flags 0. An attach begins without
	BRIDGE_CREDENTIAL = 40,  // struct bridge_credential: the answer to a query
	// struct bridge_credential_gone, to every worker: DTLS sessions made with it end.
	BRIDGE_CREDENTIAL_GONE = 41,
	// struct bridge_record alone: the server's certificate and key files are to be read again.
	BRIDGE_CREDENTIALS_RELOAD = 42,
	BRIDGE_REPEATED =
		43, // struct bridge_repeated: the event was committed once before, and is to be
		    // answered as it was then; sent before the COMMIT that covers its seq
	BRIDGE_UNKNOWN = 44, // struct bridge_touch, only location counts: control has no such
			     // registration; the session goes
	// struct bridge_commit: the device hears now, without waiting for the COMMIT that covers
	// the seq, which follows all the same.
	BRIDGE_SETTLE = 45,
	BRIDGE_DTLS_RESTORE = 46, // struct bridge_dtls_restore; before RESTORE_END
	// struct bridge_dtls_session: one that this dataplane has told of; likewise. If it is over
	// an EV_DTLS_END follows.
	BRIDGE_DTLS_KNOWN = 47,
	BRIDGE_NAMED = 48, // struct bridge_named: the endpoint of a Register with flags 1
	// struct bridge_ticket_keys, to every worker: when it has come, before all else, and
	// whenever there is another one. Without it there are no session tickets.
	BRIDGE_TICKET_KEYS = 49,
};

// Why an event was rejected, as text to the device.
#define BRIDGE_REASONS(X)                                              \
	X(NONE, NULL)                                                  \
	X(NOT_REGISTERED, "no device is registered from this address") \
	X(PAYLOAD, "malformed payload")                                \
	X(FORMAT, "content format not supported")                      \
	X(OBJECT, "object not registered")

enum bridge_reason {
#define X(name, text) BRIDGE_REASON_##name,
	BRIDGE_REASONS(X)
#undef X
		BRIDGE_REASON_COUNT
};

struct bridge_uplink {
	struct bridge_record record;
	uint64_t location;
	uint64_t wall_ms; // since 1970, when the datagram was received
	struct dp_peer peer;
	uint64_t credential; // of the DTLS session it came by; 0: none, it came in the clear
	uint32_t coap_len;
	uint32_t reserved;
	uint8_t coap[]; // the message as received; block-wise ones put together
};
static_assert(sizeof(struct bridge_uplink) == 80, "shared layout");

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
	uint32_t code;               // BRIDGE_REJECT: CoAP code to answer with; 0: RST
	uint32_t reason;             // enum bridge_reason
};
static_assert(sizeof(struct bridge_commit) == 32, "shared layout");

struct bridge_repeated {
	struct bridge_record record; // seq 0
	uint64_t seq;                // of the event
	uint64_t location;           // of a Register: that it led to then
};
static_assert(sizeof(struct bridge_repeated) == 32, "shared layout");

struct bridge_named {
	struct bridge_record record; // seq 0
	uint64_t seq;                // of the event
	uint32_t endpoint_len;
	uint32_t reserved;
	uint8_t endpoint[];
};
static_assert(sizeof(struct bridge_named) == 32, "shared layout");

struct bridge_restore {
	struct bridge_record record;
	uint64_t location;
	struct dp_peer peer;
	uint64_t credential; // that it was registered with, or 0
	uint32_t lifetime_s;
	uint32_t remaining_s; // until expiry, if the dataplane knows no better
	uint8_t version;      // 10 or 11
	uint8_t binding;      // enum lwm2m_binding
	uint8_t queue_mode;
	uint8_t endpoint_len;
	uint8_t endpoint[];
};
static_assert(sizeof(struct bridge_restore) == 80, "shared layout; endpoint starts at 76");

struct bridge_request {
	struct bridge_record record;
	uint64_t location;
	uint64_t request_id; // control's; comes back in the response
	uint64_t token;      // BRIDGE_OBSERVE_TOKEN for Observe and its cancellation; 0: the
			     // worker chooses
	uint32_t timeout_ms; // for the separate response once acknowledged
	uint32_t coap_len;
	uint8_t coap[]; // a CoAP message with empty token and mid 0; the worker fills both in
};
static_assert(sizeof(struct bridge_request) == 48, "shared layout");

struct bridge_trace {
	struct bridge_record record; // flags 1: from the gateway to the device
	uint64_t location;
	uint64_t wall_ms;
	uint32_t coap_len;
	uint32_t reserved;
	uint8_t coap[];
};
static_assert(sizeof(struct bridge_trace) == 40, "shared layout");

// What a DTLS peer says it is.
enum bridge_credential_kind {
	BRIDGE_CREDENTIAL_PSK = 1,   // id[]: the identity; the key comes with the answer
	BRIDGE_CREDENTIAL_RPK = 2,   // id[]: SubjectPublicKeyInfo, DER; its private key is proved
	BRIDGE_CREDENTIAL_X509 = 3,  // id[]: the certificate, DER; proved, and its chain is good
	BRIDGE_CREDENTIAL_AGAIN = 4, // id[]: 8 bytes, bridge_credential.credential of an earlier
				     // answer; shown by a session ticket
};

#define BRIDGE_CREDENTIAL_ID_MAX  8192u // bytes of id[]
#define BRIDGE_CREDENTIAL_KEY_MAX 64u   // bytes of a pre-shared key

struct bridge_credential_query {
	struct bridge_record record; // seq 0
	uint64_t query;              // the worker's; comes back in the answer
	uint32_t kind;               // enum bridge_credential_kind
	uint32_t id_len;
	uint8_t id[];
};
static_assert(sizeof(struct bridge_credential_query) == 32, "shared layout");

struct bridge_credential {
	struct bridge_record record; // seq 0
	uint64_t query;
	uint32_t verdict;    // 0 known, 1 unknown
	uint32_t kind;       // as asked
	uint64_t credential; // names it for ever; not 0
	uint16_t key_len;    // BRIDGE_CREDENTIAL_PSK
	uint16_t endpoint_len;
	uint32_t until_s; // BRIDGE_CREDENTIAL_X509: its certificate's end, since 1970; else 0
	uint8_t bytes[];  // the key, then the endpoint that it is for
};
static_assert(sizeof(struct bridge_credential) == 48, "shared layout");

// What session tickets are sealed under from now on, and what those of the period before were.
// Follows from control's key file, so that it outlives both processes, but not the other way round.
#define BRIDGE_TICKET_KEY_LEN 32u

struct bridge_ticket_keys {
	struct bridge_record record; // seq 0
	uint64_t period;             // since 1970; each is as long as a ticket lives
	uint8_t now[BRIDGE_TICKET_KEY_LEN];
	uint8_t before[BRIDGE_TICKET_KEY_LEN]; // of period - 1
};
static_assert(sizeof(struct bridge_ticket_keys) == 88, "shared layout");

struct bridge_credential_gone {
	struct bridge_record record; // seq 0
	uint64_t credential;
};
static_assert(sizeof(struct bridge_credential_gone) == 24, "shared layout");

// A DTLS session as its worker wants it kept: dataplane/dtls/export.h, keys and all.
#define BRIDGE_DTLS_SESSION_BYTES 256u

struct bridge_dtls_save {
	struct bridge_record record;
	uint64_t cid; // our Connection ID: worker 8 bits, slot 32, generation 24
	uint64_t credential;
	uint8_t session[BRIDGE_DTLS_SESSION_BYTES];
};
static_assert(sizeof(struct bridge_dtls_save) == 288, "shared layout");

struct bridge_dtls_session {
	struct bridge_record record; // seq 0
	uint64_t cid;
};
static_assert(sizeof(struct bridge_dtls_session) == 24, "shared layout");

struct bridge_dtls_restore {
	struct bridge_record record; // seq 0
	uint64_t cid;
	uint64_t credential;
	uint32_t skipped; // dataplanes that may have had it since it was written, but for one
	uint32_t endpoint_len;
	uint8_t session[BRIDGE_DTLS_SESSION_BYTES];
	uint8_t endpoint[]; // that the credential is for
};
static_assert(sizeof(struct bridge_dtls_restore) == 296, "shared layout");
