// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Observations of a simulated device (RFC 7641; LwM2M core 1.1.1 section 6.4): which changes are
// worth a notification, and when it goes out.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lwm2m/codec/node.h"
#include "lwm2m/core/path.h"

#define OBSERVATIONS_MAX  16
#define OBSERVE_PATHS_MAX 16 // of one Observe-Composite

struct device;
struct device_env;
struct request;

struct observation {
	struct lwm2m_path paths[OBSERVE_PATHS_MAX];
	uint64_t sent_us; // the last notification, or the answer that began it
	uint64_t key;     // request_key() of it, under which further blocks are asked for
	double last;      // value last reported, of a single numeric resource
	uint32_t paths_count;
	uint16_t format;
	uint16_t mid; // of the last Non-confirmable notification, for its RST
	bool used;
	bool has_format; // the request had an Accept
	bool composite;
	bool pending;     // something is worth reporting
	bool unconfirmed; // a CON notification waits for its ACK
	uint8_t token[8];
	uint8_t token_len;
};

// After a successful Read: begins the observation, or replaces one with the same token. False when
// there is no room; then the answer goes out without Observe.
bool observe_begin(struct device *dev, struct device_env *env, struct request *req,
		   const struct lwm2m_path *paths, uint32_t count);
// Observe 1: the one with this token.
void observe_end(struct device *dev, struct device_env *env, const struct request *req);
void observe_cancel(struct device *dev, struct device_env *env, struct observation *o);
void observe_cancel_all(struct device *dev, struct device_env *env);
// RST to a Non-confirmable notification.
bool observe_on_reset(struct device *dev, struct device_env *env, uint16_t mid);

// What an observation reports: count paths of a composite one, or with count 0 what req->path
// names.
uint8_t observe_read(struct device *dev, struct device_env *env, struct request *req,
		     const struct lwm2m_path *paths, uint32_t count);

// A value has changed; NULL where there was or is none.
void observe_changed(struct device *dev, const struct lwm2m_path *path,
		     const struct lwm2m_value *before, const struct lwm2m_value *after);
// Sends what is due.
void observe_on_time(struct device *dev, struct device_env *env);
uint64_t observe_deadline(const struct device *dev);
