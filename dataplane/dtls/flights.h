// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// NewSessionTicket messages of DTLS 1.2, which belong to the gateway's last flight (RFC 5077
// section 3.3): should that be lost, a device cannot do without the very bytes, and a session has
// no room for them. Kept are those of the last handshakes that gave a ticket, over any session's
// head: a device whose message is gone begins its handshake anew. Single-threaded.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTLS_FLIGHT_MAX 288u // of one record with such a message

struct dtls_flight_kept {
	uint64_t cid; // of the session, 0: nothing is kept here
	uint16_t len;
	uint8_t record[DTLS_FLIGHT_MAX];
};

struct dtls_flights {
	struct dtls_flight_kept *kept;
	uint32_t max;
	uint32_t next;
};

// 0 or -ENOMEM.
int dtls_flights_init(struct dtls_flights *flights, uint32_t max);
void dtls_flights_fini(struct dtls_flights *flights);

// Keeps the record that a datagram of ours has such a message in. Where it is to be found, never 0;
// 0: there is none.
uint32_t dtls_flights_keep(struct dtls_flights *flights, uint64_t cid, const uint8_t *datagram,
			   size_t len);
// Writes the session's record, under that number of epoch 0. Its length, 0: it is gone.
size_t dtls_flights_again(const struct dtls_flights *flights, uint32_t place, uint64_t cid,
			  uint64_t number, uint8_t out[static DTLS_FLIGHT_MAX]);
