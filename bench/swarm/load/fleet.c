// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/fleet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_prefetch.h>

#include "bench/swarm/load/fleet_local.h"

#define SWEEP_SHARE 64   // of the window, looked at every
#define SWEEP_HZ    1000 // of a second

static uint32_t random32(struct fleet *fleet)
{
	fleet->random ^= fleet->random << 13; // xorshift64, Marsaglia 2003
	fleet->random ^= fleet->random >> 7;
	fleet->random ^= fleet->random << 17;
	return (uint32_t)(fleet->random >> 32);
}

void fleet_wrong(struct fleet *fleet, uint32_t device, const char *why)
{
	if (!fleet->first_wrong) {
		fleet->first_wrong = why;
		fleet->first_wrong_device = device;
	}
	fleet->counters.wrong++;
}

struct rte_mbuf *fleet_message(struct fleet *fleet)
{
	return fleet->out_n < fleet->room ? rte_pktmbuf_alloc(fleet->port->pool) : NULL;
}

void fleet_queue(struct fleet *fleet, struct rte_mbuf *m, uint32_t device, uint32_t sum)
{
	*port_device(m) = device;
	*port_sum(m) = sum;
	fleet->out[fleet->out_n++] = m;
}

static void write_request(struct fleet *fleet, const struct slot *slot, struct rte_mbuf *m)
{
	uint32_t sum;
	size_t len = request_write(&fleet->templates, (enum request_kind)slot->kind,
				   &fleet->devices[slot->device], slot->device, slot->mid,
				   slot->token, rte_pktmbuf_mtod(m, uint8_t *), &sum);

	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	fleet_queue(fleet, m, slot->device, sum);
}

static uint64_t timeout_tsc(const struct fleet *fleet, uint8_t tries)
{
	return ((uint64_t)fleet->sc->timeout_ms << tries) * fleet->tsc_hz / 1000;
}

void fleet_send(struct fleet *fleet, struct slot *slot)
{
	struct rte_mbuf *m = fleet_message(fleet);

	if (!m) { // no room: soon
		slot->due_tsc = fleet->now_tsc;
		return;
	}
	write_request(fleet, slot, m);
	slot->due_tsc = fleet->now_tsc + timeout_tsc(fleet, slot->tries);
}

// A rest is over: what was answered 5.03 is asked anew, as another exchange.
static void ask_anew(struct fleet *fleet, struct slot *slot)
{
	slot->token = (fleet->window.serial += fleet->window.size) |
		      (uint64_t)(slot - fleet->window.slots);
	slot->mid = fleet->devices[slot->device].mid++;
	slot->state = SLOT_WAITING;
	slot->tries = 0;
	fleet_send(fleet, slot);
}

static void on_time(struct fleet *fleet, struct slot *slot)
{
	if (slot->state == SLOT_RESTING) {
		ask_anew(fleet, slot);
	} else if (slot->state == SLOT_ACKED || slot->tries >= fleet->sc->retransmit) {
		fleet->counters.missing++;
		window_give(&fleet->window, slot);
	} else {
		slot->tries++;
		fleet->counters.retransmissions++;
		fleet_send(fleet, slot);
	}
}

static void sweep(struct fleet *fleet)
{
	struct window *w = &fleet->window;

	fleet->sweep_tsc = fleet->now_tsc + fleet->tsc_hz / SWEEP_HZ;
	for (uint32_t i = 0; i < w->size / SWEEP_SHARE; i++) {
		struct slot *slot = &w->slots[fleet->sweep_at++ & w->mask];
		if (slot->state != SLOT_FREE && slot->due_tsc <= fleet->now_tsc &&
		    fleet->out_n < fleet->room)
			on_time(fleet, slot);
	}
}

static void look_ahead(struct fleet *fleet)
{
	for (unsigned i = 0; i < PORT_BURST; i++) {
		fleet->ahead.device[i] = order_next(&fleet->order);
		rte_prefetch0(&fleet->devices[fleet->ahead.device[i]]);
	}
	fleet->ahead.next = 0;
}

// The next device that can send, NULL when the drawn one cannot.
static struct device *draw(struct fleet *fleet, uint32_t *index)
{
	if (fleet->ahead.next == PORT_BURST)
		look_ahead(fleet);
	*index = fleet->ahead.device[fleet->ahead.next++];
	struct device *dev = &fleet->devices[*index];
	const struct slot *last = &fleet->window.slots[dev->slot & fleet->window.mask];
	fleet->drawn++;
	// NSTART is 1, RFC 7252 section 4.7.
	if (unlikely((last->device == *index && last->state != SLOT_FREE) ||
		     (dev->tail_len == 0 && fleet->kind != REQUEST_REGISTER))) {
		fleet->counters.skipped++;
		return NULL;
	}
	return dev;
}

// How many first requests are due.
static uint32_t due(const struct fleet *fleet)
{
	uint64_t n = fleet->limit - fleet->window.used;

	if (fleet_has_sent(fleet) || fleet->window.used >= fleet->limit)
		return 0;
	if (n > fleet->total - fleet->drawn)
		n = fleet->total - fleet->drawn;
	if (fleet->tsc_per_request > 0) {
		double passed = (double)(fleet->now_tsc - fleet->started_tsc);
		double late = passed / fleet->tsc_per_request - (double)fleet->drawn;
		n = late < 1 ? 0 : late < (double)n ? (uint64_t)late : n;
	}
	if (n > PORT_BURST)
		n = PORT_BURST;
	return n > (uint32_t)(fleet->room - fleet->out_n) ? (uint32_t)(fleet->room - fleet->out_n)
							  : (uint32_t)n;
}

static void first_request(struct fleet *fleet, struct rte_mbuf *m, struct device *dev,
			  uint32_t index, uint64_t start_tsc)
{
	struct slot *slot = window_take(&fleet->window);

	slot->start_tsc = start_tsc;
	slot->due_tsc = fleet->now_tsc + timeout_tsc(fleet, 0);
	slot->device = index;
	slot->mid = dev->mid++;
	slot->kind = (uint8_t)fleet->kind;
	slot->state = SLOT_WAITING;
	slot->tries = 0;
	slot->repeat = fleet->phase->duplicates > 0 &&
		       (uint64_t)random32(fleet) * 1000000 >> 32 < fleet->phase->duplicates;
	dev->slot = (uint32_t)(slot - fleet->window.slots);
	fleet->counters.requests++;
	write_request(fleet, slot, m);
}

static void send_first_requests(struct fleet *fleet)
{
	struct rte_mbuf *pkts[PORT_BURST];
	uint32_t n = due(fleet), used = 0;

	if (n == 0 || rte_pktmbuf_alloc_bulk(fleet->port->pool, pkts, n) < 0)
		return;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t index;
		// In an open loop latency counts from when the request should have been sent: a
		// gateway that stalls does not thereby keep the fleet from noticing.
		uint64_t start = fleet->now_tsc;
		if (fleet->tsc_per_request > 0)
			start = fleet->started_tsc +
				(uint64_t)((double)fleet->drawn * fleet->tsc_per_request);
		struct device *dev = draw(fleet, &index);
		if (likely(dev != NULL))
			first_request(fleet, pkts[used++], dev, index, start);
	}
	if (used < n)
		rte_pktmbuf_free_bulk(pkts + used, n - used);
}

unsigned fleet_poll(struct fleet *fleet, uint64_t now_tsc)
{
	unsigned work = 0;

	fleet->now_tsc = now_tsc;
	fleet->out_n = 0;
	fleet->room = fleet->port->ops->room(fleet->port);
	if (fleet->room >= PORT_BURST) // whatever comes in may want an answer
		work = fleet_receive(fleet);
	if (now_tsc >= fleet->sweep_tsc)
		sweep(fleet);
	send_first_requests(fleet);
	if (fleet->out_n > 0)
		fleet->port->ops->tx(fleet->port, fleet->out, fleet->out_n);
	return work + fleet->out_n;
}

static enum request_kind kind_of(enum phase_kind kind)
{
	switch (kind) {
	case PHASE_REGISTER:
	case PHASE_REBOOT:
		return REQUEST_REGISTER;
	case PHASE_DEREGISTER:
		return REQUEST_DEREGISTER;
	default:
		return REQUEST_UPDATE;
	}
}

void fleet_begin(struct fleet *fleet, const struct phase *phase, uint64_t now_tsc)
{
	uint64_t span = (uint64_t)phase->duration_ms * fleet->tsc_hz / 1000;

	fleet->phase = phase;
	fleet->kind = kind_of(phase->kind);
	fleet->now_tsc = fleet->started_tsc = fleet->sweep_tsc = now_tsc;
	fleet->end_tsc = span ? now_tsc + span : UINT64_MAX;
	fleet->total = phase->rounds ? (uint64_t)phase->rounds * fleet->sc->devices : UINT64_MAX;
	if (phase->kind == PHASE_PAUSE)
		fleet->total = 0;
	fleet->drawn = 0;
	fleet->limit = phase->window < fleet->window.size ? phase->window : fleet->window.size;
	fleet->tsc_per_request = phase->rate ? (double)fleet->tsc_hz / phase->rate : 0;
	fleet->counters = (struct fleet_counters){0};
	fleet->latency = (struct histogram){0};
	fleet->first_wrong = NULL;
	order_restart(&fleet->order);
	look_ahead(fleet);
	if (phase->kind == PHASE_MOVE)
		fleet->port->ops->move(fleet->port);
}

bool fleet_has_sent(const struct fleet *fleet)
{
	return fleet->drawn >= fleet->total || fleet->now_tsc >= fleet->end_tsc;
}

bool fleet_is_done(const struct fleet *fleet)
{
	if (fleet->phase->kind == PHASE_PAUSE)
		return fleet->now_tsc >= fleet->end_tsc;
	return fleet_has_sent(fleet) && fleet->window.used == 0;
}

void fleet_stop(struct fleet *fleet)
{
	fleet->end_tsc = fleet->now_tsc;
}

// What ten million devices need is worth huge pages, where the kernel gives them.
static struct device *devices_new(uint32_t count)
{
	size_t len = (size_t)count * sizeof(struct device);
	struct device *devices =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (devices == MAP_FAILED)
		return NULL;
	(void)madvise(devices, len, MADV_HUGEPAGE);
	for (uint32_t i = 0; i < count; i++) {
		devices[i].slot = DEVICE_NO_SLOT;
		devices[i].mid = (uint16_t)(i * 40503u); // RFC 7252 section 4.4: anything
	}
	return devices;
}

static uint32_t largest_window(const struct scenario *sc)
{
	uint32_t largest = 0;

	for (uint32_t i = 0; i < sc->phases_count; i++)
		if (sc->phases[i].window > largest)
			largest = sc->phases[i].window;
	return largest;
}

struct fleet *fleet_new(const struct scenario *sc, struct port *port, uint64_t tsc_hz)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	if (!fleet)
		return NULL;
	fleet->sc = sc;
	fleet->port = port;
	fleet->tsc_hz = tsc_hz;
	fleet->ns_per_tsc = (1000000000ull << 20) / tsc_hz;
	fleet->random = 0x9e3779b97f4a7c15u ^ sc->seed;
	order_init(&fleet->order, sc->devices, sc->seed, sc->sequential);
	fleet->devices = devices_new(sc->devices);
	if (!fleet->devices || !request_templates_init(&fleet->templates, sc) ||
	    window_init(&fleet->window, largest_window(sc)) < 0) {
		fleet_free(fleet);
		return NULL;
	}
	return fleet;
}

void fleet_free(struct fleet *fleet)
{
	if (fleet->devices)
		munmap(fleet->devices, (size_t)fleet->sc->devices * sizeof(struct device));
	window_fini(&fleet->window);
	free(fleet);
}
