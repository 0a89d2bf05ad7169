// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A simulated LwM2M 1.0 or 1.1 client, complete: registration, all operations, observations,
// block-wise transfers, queue mode. A state machine without I/O and without a clock: datagrams go
// in with the time, datagrams come out through a callback, and the device says when it wants to be
// called next. What a device needs to answer requests is allocated with the first one, so that a
// fleet nobody talks to stays small.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/device/config.h"
#include "bench/swarm/device/counters.h"
#include "bench/swarm/device/store.h"
#include "bench/swarm/device/uplink.h"
#include "bench/swarm/histogram.h"

#define DEVICE_DATAGRAM_MAX 1280
#define DEVICE_ENDPOINT_MAX 256
#define DEVICE_NEVER        UINT64_MAX

enum device_state {
	DEVICE_GONE,       // not registered and not going to be
	DEVICE_IDLE,       // registers at due_us
	DEVICE_REGISTERED, // sends an Update at due_us
};

// What devices share, and what a call needs. next_mid belongs to the socket the device sends from.
struct device_env {
	const struct device_config *config;
	struct swarm_counters *counters;
	struct histogram *latency;
	uint16_t *next_mid;
	uint32_t random; // a fresh one for every call
	uint64_t now_us;
	int64_t clock_s; // seconds since 1970
	void (*send)(void *arg, const void *datagram, size_t len);
	// One line for each thing that happens; NULL when nobody wants to know.
	void (*event)(void *arg, const char *line);
	void *arg;
};

struct served;

struct device {
	uint64_t deadline_us; // call device_on_time then
	uint64_t due_us;      // of the next Register or Update
	uint64_t restart_us;  // of a reboot that was ordered, DEVICE_NEVER without
	uint64_t last_us;     // of the last message, for queue mode
	struct uplink uplink;
	struct store store;
	struct served *served; // NULL until the first request comes
	uint32_t index;
	uint32_t next, prev; // fleet: neighbours in its timer slot
	uint32_t slot;       // fleet: of the timer
	uint32_t requests;   // answered so far; a moving temperature follows it
	uint32_t lifetime_s;
	uint8_t state;         // enum device_state
	bool leaving;          // De-register as soon as nothing is under way
	bool silent;           // sends no Updates
	bool asleep;           // as last reported
	bool tell_lt;          // the next Update carries the lifetime
	bool tell_links;       // and the object list
	bool firmware_restart; // restart_us ends a firmware update
	uint8_t location_len;
	char location[23]; // Location-Path segments, each followed by a zero byte
};

void device_init(struct device *dev, const struct device_config *config, uint32_t index,
		 uint64_t first_us);
void device_fini(struct device *dev);
void device_endpoint(const struct device *dev, const struct device_config *config,
		     char name[static DEVICE_ENDPOINT_MAX]);

// Call at deadline_us, and after any change from outside (device_set and the like).
void device_on_time(struct device *dev, struct device_env *env);
// A datagram for this device.
void device_on_datagram(struct device *dev, struct device_env *env, const void *datagram,
			size_t len);

// The device is to end its registration, once the answer it waits for is there.
void device_leave(struct device *dev, struct device_env *env);
void device_register(struct device *dev, struct device_env *env);
void device_update(struct device *dev, struct device_env *env);

// The sensor itself changes a value (text as in a plain-text write), or instances come and go.
bool device_set(struct device *dev, struct device_env *env, const struct lwm2m_path *path,
		const char *text);
bool device_create(struct device *dev, struct device_env *env, uint16_t object, uint16_t instance);
bool device_delete(struct device *dev, struct device_env *env, uint16_t object, uint16_t instance);

// Send of the values below the paths. False when a path names nothing, Sends are muted, or there
// is no memory.
bool device_send(struct device *dev, struct device_env *env, const struct lwm2m_path *paths,
		 uint32_t count);
// GET of a resource of the server, block by block.
bool device_get(struct device *dev, const char *path);

// True when an empty message of that id is for this device.
bool device_awaits(const struct device *dev, uint16_t mid);

static inline bool device_has_registration(const struct device *dev)
{
	return dev->state == DEVICE_REGISTERED;
}

// --- for the parts of a device ---

void device_note(const struct device_env *env, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void device_transmit(struct device *dev, struct device_env *env, const void *datagram, size_t len);
void device_empty(struct device *dev, struct device_env *env, uint8_t type, uint16_t mid);
struct store_context device_context(const struct device *dev, const struct device_env *env,
				    char endpoint[static DEVICE_ENDPOINT_MAX]);
// In queue mode, awake_s after the last message.
bool device_sleeps(const struct device *dev, const struct device_env *env);
