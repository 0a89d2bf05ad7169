// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/loop.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "dataplane/blockwise.h"
#include "dataplane/commands.h"
#include "dataplane/downlink.h"
#include "dataplane/dtls/dtls.h"
#include "dataplane/handoff.h"
#include "dataplane/ingress.h"
#include "dataplane/lifetime.h"
#include "dataplane/pkt.h"
#include "dataplane/reply.h"
#include "dataplane/stages/stages.h"
#include "dataplane/tx.h"

#define TIMERS_MAX       256u    // fired per round
#define HOUSEKEEPING_US  1000u   // between looks at clocks and statistics
#define IDLE_ROUNDS      64u     // before an adaptive worker sleeps
#define SLEEP_MAX_US     200000u // so that statistics stay fresh
#define NAP_US           200u    // when a port can only be polled
#define DEDUP_PER_DEVICE 4u
#define DEDUP_MIN        65536u
#define SENDERS_MIN      65536u
#define BUFFERS_KEPT     8u // one in so many is kept for registered devices

static int limits_init(struct dp_limits *limits, const struct config_overload *overload,
		       uint32_t addresses)
{
	limits->peer = dp_rate_of(overload->peer_rate, overload->peer_burst);
	limits->unknown = dp_rate_of(overload->unknown_rate, overload->unknown_rate);
	limits->fresh = dp_rate_of(overload->new_rate, overload->new_rate);
	limits->too_many = dp_rate_of(DP_TOO_MANY_RATE, DP_TOO_MANY_RATE);
	limits->echo = overload->echo;
	return dp_senders_init(&limits->senders, addresses);
}

struct dp_worker *dp_worker_new(const struct dp_worker_params *params, int socket)
{
	struct dp_worker *w =
		rte_zmalloc_socket("dp_worker", sizeof(*w), RTE_CACHE_LINE_SIZE, socket);
	uint64_t dedup = (uint64_t)params->max_sessions * DEDUP_PER_DEVICE;

	if (!w)
		return NULL;
	w->index = params->index;
	w->workers = params->workers;
	w->adaptive = params->adaptive;
	w->tsc_hz = params->tsc_hz;
	w->pool = params->pool;
	while (1u << w->mid_shift < params->workers)
		w->mid_shift++;
	for (unsigned vshard = 0; vshard < BRIDGE_VSHARDS; vshard++)
		w->owners[vshard] = (uint8_t)(vshard % params->workers);
	memcpy(w->hash_seed, params->hash_seed, sizeof(w->hash_seed));
	w->rng[0] = dp_hash_mix(params->hash_seed[0] + params->index, params->hash_seed[2]);
	w->rng[1] = dp_hash_mix(params->hash_seed[1] + params->index, params->hash_seed[3]) | 1;
	wheel_init(&w->session_wheel, 0);
	wheel_init(&w->exchange_wheel, 0);
	wheel_init(&w->transfer_wheel, 0);
	dp_parked_init(&w->parked, 1);
	w->doorbell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->doorbell < 0 ||
	    dp_sessions_init(&w->sessions, params->max_sessions, params->index, params->workers) <
		    0 ||
	    dp_dedup_init(&w->dedup, dedup < DEDUP_MIN ? DEDUP_MIN : dedup,
			  params->max_sessions < DEDUP_MIN ? DEDUP_MIN : params->max_sessions) <
		    0 ||
	    dp_exchanges_init(&w->exchanges) < 0 ||
	    limits_init(&w->limits, &params->overload, RTE_MAX(params->max_sessions, SENDERS_MIN)) <
		    0 ||
	    dp_assembly_init(&w->assembly, params->body_max) < 0) {
		dp_worker_free(w);
		return NULL;
	}
	return w;
}

void dp_worker_free(struct dp_worker *w)
{
	if (!w)
		return;
	dp_dtls_free(w);
	dp_assembly_fini(&w->assembly);
	dp_senders_fini(&w->limits.senders);
	dp_exchanges_fini(&w->exchanges);
	dp_dedup_fini(&w->dedup);
	dp_sessions_fini(&w->sessions);
	if (w->doorbell >= 0)
		close(w->doorbell);
	rte_free(w);
}

static uint32_t poll_ports(struct dp_worker *w)
{
	struct rte_mbuf *pkts[DP_BURST];
	uint32_t total = 0;

	for (uint16_t i = 0; i < w->ports_count; i++) {
		struct pktio_port *port = w->ports[i];
		uint16_t n = port->ops->rx(port, w->index, pkts, DP_BURST, &w->counters);

		if (n == 0)
			continue;
		total += n;
		if (port->ops->framing == PKTIO_FRAMES)
			n = stage_ether_in(w, port, pkts, n);
		dp_ingress(w, port, pkts, n);
	}
	return total;
}

// What other workers have passed on: messages for our sessions, answers for our peers, records of
// our DTLS sessions.
static uint32_t poll_rings(struct dp_worker *w)
{
	struct rte_mbuf *pkts[DP_BURST], *records[DP_BURST];
	uint32_t total = 0;

	for (uint16_t from = 0; from < w->workers; from++) {
		unsigned n, owned = 0, secure = 0;

		if (from == w->index)
			continue;
		n = rte_ring_sc_dequeue_burst(w->rings_in[from], (void **)pkts, DP_BURST, NULL);
		for (unsigned i = 0; i < n; i++) {
			if (dp_pkt(pkts[i])->op == DP_OP_TO_PEER)
				dp_reply_deliver(w, pkts[i]);
			else if (dp_pkt(pkts[i])->op == DP_OP_SECURE)
				records[secure++] = pkts[i];
			else
				pkts[owned++] = pkts[i];
		}
		stage_owner(w, pkts, (uint16_t)owned);
		if (secure > 0)
			dp_ingress_secure(w, records, (uint16_t)secure);
		total += n;
	}
	return total;
}

uint32_t dp_worker_poll(struct dp_worker *w, uint64_t now_us, uint64_t wall_us)
{
	uint64_t start = rte_rdtsc();
	bool draining = atomic_load_explicit(&w->draining, memory_order_relaxed);
	uint32_t work, carried;
	bool due;

	w->wall_offset_us = wall_us - now_us;
	// Where the kernel moves a worker, processors whose counters differ would have it go back.
	now_us = RTE_MAX(now_us, w->now_us);
	due = now_us >= w->housekeeping_us;
	w->now_us = now_us;
	w->now_tick = (uint32_t)(now_us >> WHEEL_TICK_SHIFT);
	dp_bridge_follow(w);
	work = carried = (draining ? 0 : poll_ports(w)) + poll_rings(w);
	work += dp_bridge_commands(w);
	work += wheel_sweep(&w->exchange_wheel, now_us, TIMERS_MAX, dp_downlink_on_time, w);
	work += wheel_sweep(&w->session_wheel, now_us, TIMERS_MAX, dp_session_on_time, w);
	work += wheel_sweep(&w->transfer_wheel, now_us, TIMERS_MAX, dp_blockwise_on_time, w);
	if (w->dtls)
		work += dp_dtls_poll(w);
	if (due)
		work += dp_bridge_touches(w);
	if (unlikely(draining) && work == 0 && w->dtls)
		work += dp_dtls_leave(w);
	dp_handoff_flush(w);
	work += dp_tx_flush(w);
	dp_bridge_publish(w);
	if (carried > 0)
		w->counters.busy_cycles += rte_rdtsc() - start;
	// Idle rounds must not put off what is due: a worker that only polls has little else.
	if (due) {
		w->housekeeping_us = now_us + HOUSEKEEPING_US;
		w->buffers_low = rte_mempool_avail_count(w->pool) < w->pool->size / BUFFERS_KEPT;
		if (w->dtls)
			dp_dtls_housekeeping(w);
		dp_bridge_stats(w);
	}
	if (unlikely(draining))
		atomic_store_explicit(&w->drained, work == 0 && w->parked.head == w->parked.tail,
				      memory_order_release);
	return work;
}

static bool rings_empty(const struct dp_worker *w)
{
	for (uint16_t from = 0; from < w->workers; from++)
		if (from != w->index && !rte_ring_empty(w->rings_in[from]))
			return false;
	return true;
}

void dp_worker_sleep(struct dp_worker *w, uint64_t max_us)
{
	struct pollfd fds[PKTIO_PORTS_MAX + 1] = {{.fd = w->doorbell, .events = POLLIN}};
	struct timespec timeout;
	nfds_t count = 1;
	uint64_t rings;

	if (w->sessions.touched_head != w->sessions.touched_tail)
		max_us = HOUSEKEEPING_US;
	max_us = wheel_idle_us(&w->session_wheel, w->now_us, max_us);
	max_us = wheel_idle_us(&w->exchange_wheel, w->now_us, max_us);
	max_us = wheel_idle_us(&w->transfer_wheel, w->now_us, max_us);
	if (w->dtls)
		max_us = dp_dtls_idle_us(w, max_us);
	for (uint16_t i = 0; i < w->ports_count; i++) {
		int fd = w->ports[i]->ops->wait_fd(w->ports[i], w->index);

		if (fd >= 0)
			fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
		else if (max_us > NAP_US)
			max_us = NAP_US;
	}
	// Announce, then look once more: whoever adds work after that look sees the announcement.
	// And after the round: quiesce.h.
	atomic_store_explicit(&w->asleep, 1, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	if (rings_empty(w) && (!w->channel || bridge_ring_sleep(&w->channel->commands))) {
		timeout = (struct timespec){.tv_sec = (time_t)(max_us / 1000000),
					    .tv_nsec = (long)(max_us % 1000000) * 1000};
		w->counters.sleeps++;
		ppoll(fds, count, &timeout, NULL);
	}
	atomic_store_explicit(&w->asleep, 0, memory_order_relaxed);
	if (w->channel)
		bridge_ring_wake(&w->channel->commands);
	(void)!read(w->doorbell, &rings, sizeof(rings));
}

static uint64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int dp_worker_run(void *worker)
{
	struct dp_worker *w = worker;
	uint64_t tsc_start = rte_rdtsc();
	uint64_t us_per_tsc = ((uint64_t)1000000 << 32) / w->tsc_hz; // 32.32 fixed point
	uint64_t wall_offset_us = clock_us(CLOCK_REALTIME), wall_checked_us = 0;
	uint32_t idle = 0;

	while (!atomic_load_explicit(&w->stop, memory_order_relaxed)) {
		atomic_store_explicit(&w->rounds, w->rounds + 1, memory_order_release);
		uint64_t now_us =
			(uint64_t)(((__uint128_t)(rte_rdtsc() - tsc_start) * us_per_tsc) >> 32);

		if (now_us - wall_checked_us > 1000000) {
			wall_offset_us = clock_us(CLOCK_REALTIME) - now_us;
			wall_checked_us = now_us;
		}
		if (dp_worker_poll(w, now_us, now_us + wall_offset_us) > 0) {
			idle = 0;
		} else if (w->adaptive && ++idle >= IDLE_ROUNDS) {
			dp_bridge_stats(w); // housekeeping may be a long sleep away
			dp_worker_sleep(w, SLEEP_MAX_US);
			idle = 0;
		} else {
			rte_pause();
		}
	}
	return 0;
}
