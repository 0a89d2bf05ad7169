// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One direction of the bridge: a single-producer single-consumer ring of variable-size records in
// shared memory. Records occupy whole 64-byte slots and never wrap, so each can be read in place.
//
// Not rte_ring: that keeps its mask and capacity in the ring itself, which here the other process
// could overwrite. This one keeps size and position privately, reads from shared memory only the
// other side's index and the record headers, and checks both; a value out of range breaks the ring
// for good (broken; nothing is read or reserved any more) and the owner detaches.
//
// Threads: one producer, one consumer, in different processes. No function blocks or allocates.
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BRIDGE_SLOT       64u
#define BRIDGE_RECORD_MAX 65536u // bytes, header included

// What lies in shared memory before the slots. Both indices count slots and only grow.
struct bridge_ring_shm {
	// producer: rw, consumer: ro. First slot not yet published
	alignas(64) _Atomic uint64_t head;
	// consumer: rw, producer: ro. First slot not yet consumed
	alignas(64) _Atomic uint64_t tail;
	// consumer: sets before it sleeps, producer: clears when it rings
	alignas(64) _Atomic uint32_t asleep;
	uint8_t pad[60];
};
static_assert(sizeof(struct bridge_ring_shm) == 192, "shared layout");

// Every record starts with this.
struct bridge_record {
	uint32_t len;  // bytes, this header included; the slots used are len rounded up
	uint16_t type; // enum bridge_event or bridge_command; 0 is padding up to the ring's end
	uint16_t flags;
	uint64_t seq; // events that promise something count from 1 per worker; else 0
};
static_assert(sizeof(struct bridge_record) == 16, "shared layout");

struct bridge_ring { // private to one side
	struct bridge_ring_shm *shm;
	uint8_t *slots;
	uint64_t pos;     // own index: head for the producer, tail for the consumer
	uint64_t other;   // the other side's index as last read
	uint64_t pending; // reserved but not yet published, or peeked but not yet released
	uint32_t size;    // in slots, a power of two
	bool broken;      // the other side wrote nonsense
	uint8_t pad[64];  // rings of two threads lie side by side: not on one cache line
};

// Bytes of shared memory for a ring of that many slots.
static inline size_t bridge_ring_bytes(uint32_t slots)
{
	return sizeof(struct bridge_ring_shm) + (size_t)slots * BRIDGE_SLOT;
}

// mem: zeroed, 64-byte aligned, bridge_ring_bytes(slots) long; slots a power of two, at least 2048
// (so that the largest record fits twice).
void bridge_ring_init(struct bridge_ring *ring, void *mem, uint32_t slots);

// Producer. Reserves a record of len bytes and returns it with its header set (len, type, flags 0,
// seq 0), or NULL when there is no room, len is no record's, or the ring is broken. Several may be
// reserved before one bridge_ring_publish.
struct bridge_record *bridge_ring_reserve(struct bridge_ring *ring, uint16_t type, uint32_t len);
// Makes all reserved records visible. True when the consumer sleeps: ring its doorbell afterwards
// (the sleep announcement has been taken back, so nobody else will).
bool bridge_ring_publish(struct bridge_ring *ring);
// Free room in slots, at least; 0 when broken. A record may need up to twice its own (padding).
uint32_t bridge_ring_room(struct bridge_ring *ring);
// True when so many slots are free, for who wants much of the ring to be so: bridge_ring_room may
// tell of less than there is as long as any record fits.
bool bridge_ring_has(struct bridge_ring *ring, uint32_t slots);

// Consumer. The next record, in place, or NULL when there is none (or the ring is broken). rec->len
// has been checked against the ring, but its memory stays writable by the other side: copy a field
// before checking it. Records stay valid until bridge_ring_release.
const struct bridge_record *bridge_ring_peek(struct bridge_ring *ring, uint32_t *len);
// Gives all peeked records back to the producer.
void bridge_ring_release(struct bridge_ring *ring);
// Announces sleep; true if the ring is still empty and the consumer may really sleep on its
// doorbell. False when there is something to read or the ring is broken.
bool bridge_ring_sleep(struct bridge_ring *ring);
// Takes the announcement back.
void bridge_ring_wake(struct bridge_ring *ring);
