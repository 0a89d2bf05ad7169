// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Queue mode (LwM2M core 1.1.1 section 6.5): a device that registered with it can be reached for
// lwm2m.awake_s after its last message; what is asked of it later waits, on disk, each operation
// with a time to live, and is carried out in order when the device is heard again. The queue
// belongs to the endpoint: it outlives re-registration and restarts of either process, and ends
// with a De-register.
//
// The hub is told of AWAKE and SLEEPING, and of every queued operation's end (RESPONSE) after it
// was taken off the disk. So an operation is carried out at least once: when control dies between
// the device's answer and that commit, it is carried out again.
//
// Made last of the parts of control, so that every subscriber of the hub hears of what happened
// before it hears of what the queue makes of it. A queue of NULL means no queue mode: every device
// is awake, nothing waits. Loop thread only.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control/ctl.h"
#include "control/operation.h"
#include "control/registry.h"

struct ctl_queue;

int ctl_queue_new(struct ctl *ctl, struct ctl_queue **queue);
// Calls back for what was added, while the other parts still are.
void ctl_queue_free(struct ctl_queue *queue);

// True for a device in queue mode whose awake window is over, or that did not answer a request in
// it.
bool ctl_queue_asleep(const struct ctl_queue *queue, const struct ctl_reg *reg);
// True when a new operation must be added to the queue instead of being sent: the device is asleep,
// or others wait before it.
bool ctl_queue_must_wait(const struct ctl_queue *queue, const struct ctl_reg *reg);

// From the downlink. The device answered just now (of other messages the hub tells); it did not
// answer a request in time: in queue mode, it counts as asleep.
void ctl_queue_heard(struct ctl_queue *queue, struct ctl_reg *reg);
void ctl_queue_silent(struct ctl_queue *queue, struct ctl_reg *reg);

// Called once the operation is on disk: id of the request, or 0 and -errno.
typedef void (*ctl_queue_cb_t)(uint64_t id, int err, void *arg);

// Adds to the end. -EDQUOT when lwm2m.queue_max operations wait already, -EROFS while
// the store cannot be written, -ENOMEM, or 0 and the
// callback follows, never before this returns. An operation of which nothing was ever said (err)
// is not queued. arg must live until then.
int ctl_queue_add(struct ctl_queue *queue, struct ctl_reg *reg, const struct ctl_operation *op,
		  uint64_t ttl_ms, ctl_queue_cb_t cb, void *arg);

// What a client is told of an operation that was queued, and the beginning of its RESPONSE event:
// {"ep","path","requestId","delayed":true}; the paths of a composite are joined by commas. NULL
// when memory is out.
json_t *ctl_queue_told_json(const char *endpoint, size_t len, const struct ctl_operation *op,
			    uint64_t id);

// What waits for an endpoint, oldest first: [{"requestId","path","operation","queued":ms,
// "expires":ms}]. NULL when memory is out.
json_t *ctl_queue_json(const struct ctl_queue *queue, const char *endpoint, size_t len);
// Takes one back, unless it is under way. False when there is none of that id.
bool ctl_queue_remove(struct ctl_queue *queue, const char *endpoint, size_t len, uint64_t id);
// Operations that wait, of all devices.
size_t ctl_queue_count(const struct ctl_queue *queue);

// From the link: requests reach devices now.
void ctl_queue_on_ready(struct ctl_queue *queue);
