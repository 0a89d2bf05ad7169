// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What becomes of a request that was put together from blocks (stages/block.c) once it has been
// handed on. Its body is kept until it has been answered: when it is forgotten instead, because
// control was away, the device repeats the last block only. Worker's thread only.
#pragma once

#include "dataplane/pkt.h"
#include "dataplane/worker.h"

// The request is answered, whatever the answer.
void dp_blockwise_answered(struct dp_worker *w, const struct dp_pkt *pkt);
// It is forgotten instead: its last block may come again.
void dp_blockwise_forgotten(const struct dp_pkt *pkt);
void dp_blockwise_end(struct dp_worker *w, struct dp_transfer *transfer);
// Wheel callback: the device has said nothing for EXCHANGE_LIFETIME.
void dp_blockwise_on_time(struct wheel_timer *timer, void *worker);
