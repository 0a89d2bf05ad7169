// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS as the rest of the dataplane sees it. A worker has a struct dp_dtls when one of its ports
// speaks DTLS; what is in it is state.h's. The stages (stages/dtls_in.c, dtls_out.c) open and seal
// records; handshakes go on behind them and ask control who a peer is.
//
// Worker's thread only, but for what is said to be main's. In a build without wolfSSL (none.c)
// dp_dtls_new fails and nothing else is ever called.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/bridge/config.h"
#include "dataplane/bridge/proto.h"

struct dp_dtls;
struct dp_worker;

#define DTLS_COOKIE_SECRET_LEN 32

struct dp_dtls_params {
	uint32_t max_sessions;
	uint32_t max_handshakes; // at a time
	int keylog_fd;           // -1: none; stays the caller's
	bool prove_moves;        // a new address counts once the device has answered there
	const char *certificate; // PEM files; each may be NULL
	const char *key;
	const char *ca;                         // of the devices' certificates
	const struct config_certificate *named; // by the name that a device asks for (SNI)
	uint32_t named_count;
	uint32_t ticket_lifetime_s;                    // 0: no session tickets
	uint8_t cookie_secret[DTLS_COOKIE_SECRET_LEN]; // random, the same in all workers
};

// Main, before the worker runs: sets w->dtls. 0 or -errno with the reason in why.
int dp_dtls_new(struct dp_worker *w, const struct dp_dtls_params *params, char why[static 160]);
// Main, after it has stopped. Fine without one.
void dp_dtls_free(struct dp_worker *w);

// Main, while it runs: the certificate files are read again, and the worker's next handshakes go by
// them. 0 or -errno with the reason in why; nothing has changed then.
int dp_dtls_renew(struct dp_worker *w, const struct dp_dtls_params *params, char why[static 160]);

// Every round: handshakes' timers. Returns how many fired.
uint32_t dp_dtls_poll(struct dp_worker *w);
// In housekeeping: new allowances, sessions that have been idle for long, gauges.
void dp_dtls_housekeeping(struct dp_worker *w);
// Until when there is nothing to do for poll, at most max_us.
uint64_t dp_dtls_idle_us(const struct dp_worker *w, uint64_t max_us);

// BRIDGE_CREDENTIAL; false when it is not what its type says.
bool dp_dtls_answer(struct dp_worker *w, const struct bridge_credential *cmd, uint32_t len);
// BRIDGE_TICKET_KEYS.
void dp_dtls_ticket_keys(struct dp_worker *w, const struct bridge_ticket_keys *cmd);
// BRIDGE_CREDENTIAL_GONE: sessions made with it end, within some rounds.
void dp_dtls_credential_gone(struct dp_worker *w, uint64_t credential);

// Sessions that outlive the process (save.h). Control has a snapshot on disk, or will never have
// it. number: that the export goes on with.
void dp_dtls_saved(struct dp_worker *w, uint64_t cid, uint64_t number);
void dp_dtls_unsaved(struct dp_worker *w, uint64_t cid);
// BRIDGE_DTLS_RESTORE, BRIDGE_DTLS_KNOWN; false when it is not what its type says.
bool dp_dtls_restore(struct dp_worker *w, const struct bridge_dtls_restore *cmd, uint32_t len);
bool dp_dtls_known(struct dp_worker *w, const struct bridge_dtls_session *cmd);
// The worker stops, nothing else is under way: sessions are written for the last time, as many as
// control takes now, and say no more. How many; 0: all are, or control takes none.
uint32_t dp_dtls_leave(struct dp_worker *w);

// The endpoint that the credential of a peer's session is for, as dp_dtls_endpoint_tag gives it of
// the name; 0: there is no such session.
uint64_t dp_dtls_endpoint_of(const struct dp_worker *w, const struct dp_peer *peer);
uint64_t dp_dtls_endpoint_tag(const struct dp_worker *w, const void *name, size_t len);
// The virtual shard of that endpoint.
static inline uint8_t dp_dtls_endpoint_vshard(uint64_t tag)
{
	return (uint8_t)(tag >> 40);
}
