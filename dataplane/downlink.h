// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The gateway's own requests to devices, from control's command to the event that tells its end.
// Worker's thread only.
#pragma once

#include "dataplane/worker.h"

// A BRIDGE_REQUEST as it lies in the ring; len as checked by bridge_ring_peek.
void dp_downlink_request(struct dp_worker *w, const struct bridge_request *cmd, uint32_t len);
// The device has answered the ping that went out instead of the request: now it goes. False when
// none did.
bool dp_downlink_go_on(struct dp_worker *w, struct dp_exchange *x);
void dp_downlink_cancel(struct dp_worker *w, const struct bridge_request *cmd);
// Reports an end to control and frees the exchange. coap: the response, or NULL. False when there
// is no room in the event ring; the exchange then goes on.
bool dp_downlink_end(struct dp_worker *w, struct dp_exchange *x, enum bridge_result result,
		     const struct dp_peer *peer, const void *coap, uint32_t coap_len);
// Frees the exchange without a word.
void dp_downlink_drop(struct dp_worker *w, struct dp_exchange *x);
// Control is gone, and with it whoever waited.
void dp_downlink_abandon(struct dp_worker *w);
// Wheel callback.
void dp_downlink_on_time(struct wheel_timer *timer, void *worker);
