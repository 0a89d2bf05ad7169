// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Group commit: events of one round are applied to the registry in memory and put into the store's
// open change set. Sealed, they are a batch, which is told to the rest of control once that change
// set is on disk; meanwhile the next round is collected. Several batches may wait, and are told in
// order. What was replaced or removed stays alive until it was told. Loop thread only.
#pragma once

#include "control/ctl.h"
#include "control/hub.h"
#include "control/json/json_out.h"

struct ctl_group;
struct link_exchanges;
struct ctl_group_batch;

struct ctl_group *ctl_group_new(struct ctl *ctl);
void ctl_group_free(struct ctl_group *group); // no batch waits any more

// Each applies one event: 0, or -ENOMEM, after which memory and disk are apart: see
// control/memory.h. Register and update take the record (freed on failure, too).
int ctl_group_register(struct ctl_group *group, struct ctl_record *record);
int ctl_group_update(struct ctl_group *group, struct ctl_reg *reg, struct ctl_record *record,
		     uint16_t params, bool links);
int ctl_group_deregister(struct ctl_group *group, struct ctl_reg *reg, uint64_t wall_ms,
			 enum ctl_dereg_reason reason);
// An Update that changed nothing: not staged, only told. Or another address alone, of a device that
// spoke: wall_ms is that of its last Update then, and nothing is told.
int ctl_group_touch(struct ctl_group *group, struct ctl_reg *reg, const struct dp_peer *peer,
		    uint64_t wall_ms);

// What a device notified or sent. Its JSON is written to ctl_group_text first: from start to middle
// the event as the stream tells it, an object; behind that what back ends get besides, further
// members and the closing brace.
struct ctl_group_values {
	enum ctl_event_type type; // NOTIFICATION, SEND, or COAPLOG: which is not for back ends
	struct ctl_reg *reg;
	uint64_t wall_ms;
	size_t start, middle;
	const uint8_t *raw; // as the device sent it
	uint32_t raw_len;
	uint32_t format;                // of that, or CTL_OUTBOX_NO_FORMAT
	bool late;                      // as of struct ctl_event
	const struct lwm2m_path *paths; // what it tells of
	uint32_t paths_count;           // 0: cannot be said; at most CTL_OUTBOX_PATHS_MAX
};
struct json_out *ctl_group_text(struct ctl_group *group);
int ctl_group_values(struct ctl_group *group, const struct ctl_group_values *values);

// What was committed already, and what is to be known as such with the open change set.
struct link_exchanges *ctl_group_exchanges(struct ctl_group *group);

bool ctl_group_empty(const struct ctl_group *group); // there is nothing to tell
// Takes what was collected since the last one; to be submitted with the store's open change set.
// NULL when memory is out.
struct ctl_group_batch *ctl_group_seal(struct ctl_group *group);
// Once it is on disk: the hub hears of every event in order, the back ends are woken. Or (drop) it
// never will be. Either takes the batch.
void ctl_group_publish(struct ctl_group *group, struct ctl_group_batch *batch);
void ctl_group_drop(struct ctl_group *group, struct ctl_group_batch *batch);
