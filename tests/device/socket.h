// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The test device's one UDP socket, connected to the gateway.
#pragma once

#include <stdint.h>

// The descriptor (non-blocking), or -1 after saying what is wrong.
int device_socket_open(const char *server, const char *bind_address);
uint16_t device_socket_port(int fd);
