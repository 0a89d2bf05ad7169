// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// An HTTP receiver of CloudEvents batches, on a thread of its own: answers as it is told and keeps
// what it accepted. Its fields are read and written under the lock.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define RECEIVER_EVENTS_MAX 20000u

struct receiver {
	pthread_mutex_t lock;
	struct MHD_Daemon *daemon;
	uint16_t port;
	char url[64];
	unsigned status; // to answer with
	bool hold;       // do not answer
	struct MHD_Connection *held;
	unsigned requests;
	unsigned batches;                // accepted
	unsigned malformed;              // requests that were not as cloudevents.h says
	char *ids[RECEIVER_EVENTS_MAX];  // of accepted events, in order
	char *told[RECEIVER_EVENTS_MAX]; // "type subject" or "type subject reason"
	unsigned count;
};

// port 0: any free one.
void receiver_start(struct receiver *receiver, uint16_t port);
void receiver_stop(struct receiver *receiver); // closes, keeps what was received
void receiver_free(struct receiver *receiver);

void receiver_set(struct receiver *receiver, unsigned status, bool hold);
unsigned receiver_count(struct receiver *receiver);
unsigned receiver_requests(struct receiver *receiver);
