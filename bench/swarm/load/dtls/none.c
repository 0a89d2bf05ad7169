// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// In a build without wolfSSL.
#include "bench/swarm/load/dtls/port_dtls.h"

#include <stdio.h>

struct port *port_dtls_open(struct port *under, const struct scenario *sc)
{
	fprintf(stderr, "sluice-swarm: built without DTLS\n");
	under->ops->close(under);
	return NULL;
}

void port_dtls_count(const struct port *port, struct port_dtls_counters *counters)
{
	*counters = (struct port_dtls_counters){0};
}

void port_dtls_forget(struct port *port, uint32_t device)
{
}
