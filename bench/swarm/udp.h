// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The fleet's kernel sockets. Every device has one of its own, so that it has its own port and the
// gateway can ask it something, as long as there are descriptors and ports; beyond that devices
// share sockets, and what the gateway asks is answered by the first device of a socket.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bench/swarm/options.h"

struct udp;

typedef void (*udp_receive_cb_t)(void *arg, uint32_t socket, const uint8_t *buf, size_t len);

// NULL after saying on standard error what is wrong.
struct udp *udp_open(const struct options *opt);
void udp_close(struct udp *udp);
uint32_t udp_sockets(const struct udp *udp);

// 0 or -errno. An ICMP error that an earlier datagram met is reported here too.
int udp_send(struct udp *udp, uint32_t socket, const void *buf, size_t len);
// Waits up to timeout_ms and hands over what has come. Returns how many errors the sockets
// reported.
unsigned udp_poll(struct udp *udp, int timeout_ms, udp_receive_cb_t receive, void *arg);
