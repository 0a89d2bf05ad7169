// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/dtls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/state.h"
#include "dataplane/pkt.h"
#include "dataplane/tx.h"

// For each millisecond: so many ClientHellos are answered with a demand for a cookie, and so many
// senders told that they have no session. Both are for strangers, whose number nobody can bound;
// the rest of the core is for devices. A HelloVerifyRequest takes 650 cycles from the port to the
// port, so that 400 are about an eighth of the core; a HelloRetryRequest takes 500 more, 700 on top
// of that with a ticket, and there are fewer of those that are wolfSSL's work. Alerts are saved up
// for as long as housekeeping sleeps.
#define HELLOS_PER_MS  400u
#define RETRIES_PER_MS 200u
#define LISTENS_PER_MS 32u
#define ALERTS_PER_MS  4u
#define ALERTS_MAX     400u

#define IDLE_US     (36ull * 3600 * 1000000) // of a session that says nothing
#define FRESH_US    (60ull * 1000000)        // of one that never said anything
#define SWEEP_MAX   64u
#define TIMERS_MAX  256u
#define RELEASE_MAX 64u

// Last flights that can be repeated with their ticket: of some seconds of handshakes, 5 MB once
// they have been used.
#define FLIGHTS 16384u

// What wolfSSL needs for one handshake, at most, with certificates.
#define HANDSHAKE_BYTES (96u << 10)

static struct dtls_files files_of(const struct dp_dtls_params *params)
{
	return (struct dtls_files){
		.certificate = params->certificate,
		.key = params->key,
		.ca = params->ca,
		.named = params->named,
		.named_count = params->named_count,
		.ticket_lifetime_s = params->ticket_lifetime_s,
	};
}

static int fill(struct dp_worker *w, struct dp_dtls *dtls, const struct dp_dtls_params *params,
		char why[static 160])
{
	const struct dtls_files files = files_of(params);
	int ret = dtls_server_init(&dtls->server, &files, why);

	if (ret < 0)
		return ret;
	dtls->aead = dtls_aead_new(NULL);
	if (!dtls->aead ||
	    dtls_table_init(&dtls->table, params->max_sessions + params->max_handshakes,
			    (uint8_t)w->index, w->hash_seed, 0, IDLE_US, FRESH_US) < 0 ||
	    dtls_handshakes_init(&dtls->handshakes, params->max_handshakes) < 0 ||
	    (params->ticket_lifetime_s > 0 && dtls_flights_init(&dtls->flights, FLIGHTS) < 0)) {
		snprintf(why, 160, "DTLS, not enough memory for %u sessions", params->max_sessions);
		return -ENOMEM;
	}
	return 0;
}

int dp_dtls_new(struct dp_worker *w, const struct dp_dtls_params *params, char why[static 160])
{
	struct dp_dtls *dtls;
	int ret = dtls_memory_install();

	if (ret < 0 || wolfSSL_Init() != WOLFSSL_SUCCESS) {
		snprintf(why, 160, "wolfSSL, cannot start");
		return -EIO;
	}
	dtls = rte_zmalloc("dtls", sizeof(*dtls), RTE_CACHE_LINE_SIZE);
	if (!dtls) {
		snprintf(why, 160, "DTLS, not enough memory");
		return -ENOMEM;
	}
	w->dtls = dtls;
	dtls->max_sessions = params->max_sessions;
	dtls->keylog_fd = params->keylog_fd;
	dtls->prove_moves = params->prove_moves;
	dtls->ticket_lifetime_s = params->ticket_lifetime_s;
	dtls->memory.bytes_max = (uint64_t)params->max_handshakes * HANDSHAKE_BYTES;
	dtls_budget_init(&dtls->hellos, HELLOS_PER_MS, w->hash_seed[0], w->now_us);
	dtls_budget_init(&dtls->retries, RETRIES_PER_MS, w->hash_seed[0], w->now_us);
	dtls_budget_init(&dtls->listens, LISTENS_PER_MS, w->hash_seed[0], w->now_us);
	dtls->alerts = ALERTS_MAX;
	dtls_cookies_init(&dtls->cookies, params->cookie_secret, w->now_us);
	wheel_init(&dtls->wheel, 0);
	ret = dtls_drbg_init(&dtls->drbg);
	if (ret < 0)
		snprintf(why, 160, "DTLS, no random numbers");
	else
		ret = fill(w, dtls, params, why);
	if (ret < 0)
		dp_dtls_free(w);
	return ret;
}

int dp_dtls_renew(struct dp_worker *w, const struct dp_dtls_params *params, char why[static 160])
{
	const struct dtls_files files = files_of(params);
	struct dtls_server *server = malloc(sizeof(*server));
	int ret;

	if (!server) {
		snprintf(why, 160, "DTLS, not enough memory");
		return -ENOMEM;
	}
	ret = dtls_server_init(server, &files, why);
	if (ret < 0) {
		free(server);
		return ret;
	}
	server = atomic_exchange_explicit(&w->dtls->renewed, server, memory_order_acq_rel);
	if (server) // the worker has not come to it yet
		dtls_server_fini(server);
	free(server);
	return 0;
}

static void stop_listening(struct dp_dtls *dtls)
{
	if (dtls->listener)
		wolfSSL_free(dtls->listener);
	dtls->listener = NULL;
}

static void take_renewed(struct dp_dtls *dtls)
{
	struct dtls_server *server =
		atomic_exchange_explicit(&dtls->renewed, NULL, memory_order_acq_rel);

	if (!server)
		return;
	stop_listening(dtls);
	dtls_server_fini(&dtls->server);
	dtls->server = *server;
	free(server);
}

void dp_dtls_free(struct dp_worker *w)
{
	struct dp_dtls *dtls = w->dtls;

	if (!dtls)
		return;
	take_renewed(dtls);
	if (dtls->handshakes.pool)
		dtls_handshakes_abandon(w);
	stop_listening(dtls);
	dtls_server_fini(&dtls->server);
	dtls_handshakes_fini(&dtls->handshakes);
	if (dtls->table.slots)
		dtls_table_fini(&dtls->table);
	if (dtls->flights.kept)
		dtls_flights_fini(&dtls->flights);
	dtls_drbg_fini(&dtls->drbg);
	if (dtls->aead)
		dtls_aead_free(dtls->aead);
	dtls_memory_release(&dtls->memory, UINT32_MAX);
	explicit_bzero(dtls, sizeof(*dtls)); // keys of tickets and cookies
	rte_free(dtls);
	w->dtls = NULL;
}

uint32_t dp_dtls_poll(struct dp_worker *w)
{
	return wheel_sweep(&w->dtls->wheel, w->now_us, TIMERS_MAX, dtls_handshake_on_time, w) +
	       dtls_gone_run(w) + dtls_saves_run(w);
}

uint64_t dp_dtls_idle_us(const struct dp_worker *w, uint64_t max_us)
{
	return wheel_idle_us(&w->dtls->wheel, w->now_us, max_us);
}

uint64_t dp_dtls_endpoint_of(const struct dp_worker *w, const struct dp_peer *peer)
{
	const struct dtls_session *session = dtls_session_of(w, peer);

	return session ? dtls_session_endpoint(session) : 0;
}

static void on_idle(struct dtls_session *session, void *worker)
{
	struct dp_worker *w = worker;

	w->counters.dtls_idle++;
	dtls_session_end(w, session);
}

static void allow(uint32_t *left, uint32_t more, uint32_t max)
{
	*left = *left + more < max ? *left + more : max;
}

void dp_dtls_housekeeping(struct dp_worker *w)
{
	struct dp_dtls *dtls = w->dtls;
	uint64_t ms = (w->now_us - dtls->allowed_us) / 1000;

	take_renewed(dtls);
	if (dtls_cookies_turn(&dtls->cookies, w->now_us))
		stop_listening(dtls); // it has the former secret
	if (ms > ALERTS_MAX)
		ms = ALERTS_MAX;
	dtls->allowed_us = w->now_us;
	dtls_budget_refill(&dtls->hellos, w->now_us);
	dtls_budget_refill(&dtls->retries, w->now_us);
	dtls_budget_refill(&dtls->listens, w->now_us);
	allow(&dtls->alerts, (uint32_t)ms * ALERTS_PER_MS, ALERTS_MAX);
	dtls_table_sweep(&dtls->table, w->now_us, SWEEP_MAX, on_idle, w);
	if (dtls->handshakes.count == 0) // a storm is over
		dtls_memory_release(&dtls->memory, RELEASE_MAX);
	w->gauges.dtls_sessions = dtls->table.count;
	w->gauges.dtls_handshakes = dtls->handshakes.count;
	w->gauges.dtls_memory = dtls->memory.bytes;
}

void dp_dtls_credential_gone(struct dp_worker *w, uint64_t credential)
{
	dtls_gone_add(w, credential);
}

void dp_dtls_ticket_keys(struct dp_worker *w, const struct bridge_ticket_keys *cmd)
{
	struct dtls_ticket_keys *keys = &w->dtls->ticket_keys;

	keys->known = w->dtls->ticket_lifetime_s > 0;
	keys->period = cmd->period;
	memcpy(keys->now, cmd->now, sizeof(keys->now));
	memcpy(keys->before, cmd->before, sizeof(keys->before));
}

void dp_dtls_peer(const struct dp_worker *w, const struct dtls_session *session,
		  struct dp_peer *peer)
{
	dtls_session_peer(session, peer);
	peer->worker = (uint8_t)w->index;
	peer->flags = DP_PEER_F_SECURE;
}

void dtls_send_plain(struct dp_worker *w, const struct dp_peer *peer, const void *data, size_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(w->pool);
	struct dp_pkt *pkt;

	if (!m || len > rte_pktmbuf_tailroom(m)) {
		w->counters.drop_no_mbuf++;
		rte_pktmbuf_free(m);
		return;
	}
	memcpy(rte_pktmbuf_append(m, (uint16_t)len), data, len);
	pkt = dp_pkt(m);
	memset(pkt, 0, sizeof(*pkt));
	pkt->peer = *peer;
	dp_tx(w, m);
}

void dtls_alert_plain(struct dp_worker *w, const struct dp_peer *peer, uint8_t alert)
{
	uint8_t record[DTLS_ALERT_RECORD] = {DTLS_CONTENT_ALERT, 0xfe, 0xfd};

	if (w->dtls->alerts == 0)
		return;
	w->dtls->alerts--;
	// Any number that has not been used towards this peer: time is later than what wolfSSL
	// counts.
	for (unsigned i = 0; i < 6; i++)
		record[5 + i] = (uint8_t)(w->now_us >> (40 - 8 * i));
	record[12] = 2;
	record[13] = 2; // fatal
	record[14] = alert;
	w->counters.dtls_alerts++;
	dtls_send_plain(w, peer, record, sizeof(record));
}
