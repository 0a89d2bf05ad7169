// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A dataplane played by the test: the real listening socket and rings, and workers that do as they
// are told. Single-threaded; nothing happens between calls.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"
#include "dataplane/bridge/segment.h"
#include "tests/unit/control/support/device.h"

#define FAKE_WORKERS     2u
#define FAKE_REJECTS_MAX 64u

struct fake_dataplane {
	char path[128];
	int listen_fd;
	int conn_fd; // -1: nobody attached
	int bells[FAKE_WORKERS];
	struct bridge_segment seg;
	bool deaf; // takes no commands
	uint32_t attaches;
	uint32_t restored;
	uint32_t misplaced; // restored to a wrong worker
	uint32_t restore_ends;
	uint64_t seq[FAKE_WORKERS];
	uint64_t committed[FAKE_WORKERS];
	uint32_t settles;
	uint64_t settled[FAKE_WORKERS]; // of the last
	struct {
		uint64_t seq;
		uint32_t worker, code, reason;
	} rejects[FAKE_REJECTS_MAX];
	uint32_t rejects_count;
	bool held[FAKE_WORKERS];
	uint32_t repeated;
	uint64_t repeated_location; // of the last
	uint32_t unknowns;
	uint64_t unknown_location; // of the last
	uint32_t named;
	uint64_t named_seq; // of the last
	char named_endpoint[64];
	uint32_t requests, cancels;
	int traces;                                                         // started less ended
	uint64_t traced_location;                                           // of the last
	uint64_t request_location, request_id, request_token, cancelled_id; // of the last
	uint64_t id; // of the process, as control sees it
	uint32_t dtls_restored, dtls_known;
	uint64_t dtls_cid;     // of the last of either
	uint64_t dtls_skipped; // of the last restored one
	uint8_t dtls_session[BRIDGE_DTLS_SESSION_BYTES];
	char dtls_endpoint[64];
	uint32_t answers, gone, reloads;       // of credentials, over all workers
	uint32_t tickets;                      // keys of theirs, over all workers
	bool tickets_late;                     // they came when something was restored already
	struct bridge_ticket_keys ticket_keys; // the last
	uint64_t gone_last;
	uint64_t restored_credential; // of the last registration that was restored
	uint64_t answer[(sizeof(struct bridge_credential) + 512) / 8]; // the last, see fake_answer
	uint8_t request_coap[256];
	uint32_t request_coap_len;
};

static inline const struct bridge_credential *fake_answer(const struct fake_dataplane *dp)
{
	return (const struct bridge_credential *)dp->answer;
}

void fake_start(struct fake_dataplane *dp, const char *state);
void fake_stop(struct fake_dataplane *dp);
void fake_hang_up(struct fake_dataplane *dp); // as if it had been killed

// Accepts control, takes commands.
void fake_step(struct fake_dataplane *dp);
bool fake_is_ready(const struct fake_dataplane *dp);

// Sends to the worker of the location. Promises get a seq, which is returned; false when the ring
// is full.
uint64_t fake_promise(struct fake_dataplane *dp, union device_event *event, uint32_t len);
bool fake_send(struct fake_dataplane *dp, uint32_t worker, union device_event *event, uint32_t len);
// Answers a request; coap of the response is "2.05" with that text.
void fake_respond(struct fake_dataplane *dp, uint64_t location, uint64_t request_id,
		  uint32_t result, const char *text);
