// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What the tests of the REST side stand on: a control without store, dataplane and devices, whose
// link and downlink are fakes, and registrations made from Register datagrams.
#pragma once

#include "control/backend/backend.h"
#include "control/ctl.h"
#include "control/downlink.h"
#include "control/hub.h"
#include "control/link/link.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/rest/http.h"

struct capture;

struct fixture {
	struct ctl ctl;
	struct config cfg;
	struct config_port ports[3];
	uint64_t last_key; // they only grow, as in the store
	bool asleep;       // all devices
	// The fake back ends; the first is the configuration file's.
	struct ctl_backend_status backends[2];
	unsigned backends_count;
	struct ctl_outbox_status outbox;
	int backends_rc;                   // what the next change returns
	const char *backends_why;          // with -EINVAL
	char backend_json[256];            // what was put
	ctl_backend_tested_cb_t tested_cb; // NULL: no test is under way
	void *tested_arg;
	// The fake link.
	enum ctl_link_state state;
	struct bridge_segment segment;
	struct bridge_header header;
	struct bridge_worker_stats stats[2];
	bool attached;
	unsigned watched; // devices whose messages are asked for
	// The fake downlink: the request it holds.
	uint8_t sent[2048];
	size_t sent_len;
	uint64_t token;
	uint32_t requests; // so far
	uint32_t timeout_ms;
	ctl_op_cb_t cb; // NULL: none, or ended
	ctl_op_cb_t ending;
	void *arg;
	bool out_of_memory;
	uint32_t cancelled;
	// The fake queue.
	struct ctl_operation queued;
	uint8_t queued_payload[256];
	uint64_t queued_ttl_ms;
	int queue_full;
	ctl_queue_cb_t queued_cb; // NULL: nothing is on its way to the disk
	void *queued_arg;
};

// There is one at a time; the fakes find it.
void fixture_init(struct fixture *f);
void fixture_fini(struct fixture *f);

struct ctl_record *fixture_capture(const struct capture *capture);
// lwm2m=1.1, lifetime 60, from 10.0.0.1:5683; query: more parameters ("b=U&Q"), may be "".
struct ctl_record *fixture_record(const char *endpoint, const char *query, const char *links,
				  uint64_t location);
struct ctl_reg *fixture_register(struct fixture *f, const char *endpoint, const char *links);

// Ends the request that the fake downlink holds.
void fixture_end(struct fixture *f, enum ctl_op_result result);
void fixture_answer(struct fixture *f, const char *response_hex);
void fixture_answer_bytes(struct fixture *f, const void *response, size_t len);

// The operation that is being queued is on disk under that id, or is not for that reason.
void fixture_queued(struct fixture *f, uint64_t id, int err);

size_t fixture_hex(const char *hex, uint8_t *bytes, size_t cap);
