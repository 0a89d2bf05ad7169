// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sockets that were bound before this process started and outlive it: systemd's socket activation
// (sd_listen_fds(3)), which --supervise speaks too. While no dataplane runs, the kernel keeps
// datagrams in them instead of answering with ICMP errors, which make devices bootstrap.
//
// Main thread only, before workers start.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PKTIO_INHERITED_FIRST 3    // SD_LISTEN_FDS_START
#define PKTIO_INHERITED_MAX   1024 // 64 workers on 16 ports

struct pktio_inherited {
	struct {
		int fd; // -1: taken
		char name[32];
	} sockets[PKTIO_INHERITED_MAX];
	uint32_t count;
};

// What LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES announce to this very process; they are removed
// from the environment. None is no error. 0, or -errno with the reason in why.
int pktio_inherited_init(struct pktio_inherited *inherited, char why[static 160]);

// The sockets bound to that address and port (0: any port), which become the caller's: count of
// them, non-blocking. 0 when there is none; -EINVAL with the reason in why when there are more or
// fewer, or when they are of no use.
int pktio_inherited_take(struct pktio_inherited *inherited, const uint8_t addr[static 16],
			 uint16_t port_be16, int *fds, uint16_t count, char why[static 160]);

// False when one is left that nobody took; why names it.
bool pktio_inherited_all_taken(const struct pktio_inherited *inherited, char why[static 160]);
