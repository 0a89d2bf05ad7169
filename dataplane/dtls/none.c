// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// In place of all else in here when the build has no wolfSSL.
#include "dataplane/dtls/dtls.h"

#include <errno.h>
#include <stdio.h>

#include "dataplane/stages/stages.h"

int dp_dtls_new(struct dp_worker *w, const struct dp_dtls_params *params, char why[static 160])
{
	snprintf(why, 160, "this sluice was built without DTLS (meson setup -Ddtls=enabled)");
	return -ENOTSUP;
}

int dp_dtls_renew(struct dp_worker *w, const struct dp_dtls_params *params, char why[static 160])
{
	return 0;
}

void dp_dtls_free(struct dp_worker *w)
{
}

// The rest is never called: w->dtls stays NULL and no port is opened with DTLS.
uint32_t dp_dtls_poll(struct dp_worker *w)
{
	return 0;
}

void dp_dtls_housekeeping(struct dp_worker *w)
{
}

uint64_t dp_dtls_idle_us(const struct dp_worker *w, uint64_t max_us)
{
	return max_us;
}

bool dp_dtls_answer(struct dp_worker *w, const struct bridge_credential *cmd, uint32_t len)
{
	return true;
}

void dp_dtls_ticket_keys(struct dp_worker *w, const struct bridge_ticket_keys *cmd)
{
}

void dp_dtls_credential_gone(struct dp_worker *w, uint64_t credential)
{
}

void dp_dtls_saved(struct dp_worker *w, uint64_t cid, uint64_t number)
{
}

void dp_dtls_unsaved(struct dp_worker *w, uint64_t cid)
{
}

// But for these: control may have sessions of a time when there was DTLS.
bool dp_dtls_restore(struct dp_worker *w, const struct bridge_dtls_restore *cmd, uint32_t len)
{
	return true;
}

bool dp_dtls_known(struct dp_worker *w, const struct bridge_dtls_session *cmd)
{
	return true;
}

uint32_t dp_dtls_leave(struct dp_worker *w)
{
	return 0;
}

uint64_t dp_dtls_endpoint_of(const struct dp_worker *w, const struct dp_peer *peer)
{
	return 0;
}

uint64_t dp_dtls_endpoint_tag(const struct dp_worker *w, const void *name, size_t len)
{
	return 0;
}

uint16_t stage_dtls_in(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	return n;
}

uint16_t stage_dtls_out(struct dp_worker *w, struct pktio_port *port, struct rte_mbuf **pkts,
			uint16_t n)
{
	return n;
}
