// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/swarm.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_branch_prediction.h>

#include "bench/swarm/load/dtls/port_dtls.h"
#include "bench/swarm/load/sum.h"
#include "bench/swarm/load/swarm_local.h"

#define SWEEP_SHARE 64   // of the window, looked at every
#define SWEEP_HZ    1000 // of a second
#define STALL_S     93   // MAX_TRANSMIT_WAIT, RFC 7252 section 4.8.2

static uint32_t random32(struct swarm *swarm)
{
	swarm->random ^= swarm->random << 13; // xorshift64, Marsaglia 2003
	swarm->random ^= swarm->random >> 7;
	swarm->random ^= swarm->random << 17;
	return (uint32_t)(swarm->random >> 32);
}

void swarm_wrong(struct swarm *swarm, uint32_t device, const char *why)
{
	if (!swarm->first_wrong) {
		swarm->first_wrong = why;
		swarm->first_wrong_device = device;
	}
	swarm->counters.wrong++;
}

struct rte_mbuf *swarm_message(struct swarm *swarm)
{
	return swarm->out_n < swarm->room ? rte_pktmbuf_alloc(swarm->port->pool) : NULL;
}

void swarm_queue(struct swarm *swarm, struct rte_mbuf *m, uint32_t device, uint32_t sum)
{
	*port_device(m) = device;
	*port_sum(m) = sum;
	swarm->out[swarm->out_n++] = m;
}

bool swarm_lives(const struct swarm *swarm)
{
	return swarm->phase->kind == PHASE_LIVE;
}

void swarm_live_end(struct swarm *swarm, const struct slot *slot, enum live_outcome outcome,
		    const char *why)
{
	struct device *dev = &swarm->devices[slot->place];
	bool registers = slot->kind == REQUEST_REGISTER || slot->kind == REQUEST_DEREGISTER;

	live_end(swarm->live, slot, dev, outcome,
		 (double)(swarm->now_tsc - slot->start_tsc) * 1000 / (double)swarm->tsc_hz, why);
	// It is registered, or not: to register settles that. So it does when it is not known.
	if ((outcome == LIVE_LOST && registers) || outcome == LIVE_WRONG)
		dev->tail_len = 0;
}

static void write_request(struct swarm *swarm, const struct slot *slot, struct rte_mbuf *m)
{
	const struct watch *watch = swarm->watches ? &swarm->watches[slot->place] : NULL;
	uint8_t *out = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t sum;
	size_t len;

	if (swarm_lives(swarm))
		len = live_write(swarm->live, slot, out);
	else if (slot->kind == REQUEST_NOTIFY)
		len = watch_notification(watch, watch_value(slot->device, watch->number), COAP_CON,
					 slot->mid, out);
	else if (slot->kind == REQUEST_SEND)
		len = watch_send(watch_value(slot->device, slot->mid), slot->mid, slot->token, out);
	else if (slot->kind == REQUEST_PING)
		len = request_write_ping(slot->mid, out);
	else
		len = request_write(&swarm->templates, (enum request_kind)slot->kind,
				    &swarm->devices[slot->place], slot->device, slot->mid,
				    slot->token, out, &sum);
	if (swarm_lives(swarm) || slot->kind >= REQUEST_SEND)
		sum = sum_fold(sum_bytes(out, len));

	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	swarm_queue(swarm, m, slot->device, sum);
}

static uint64_t timeout_tsc(const struct swarm *swarm, uint8_t tries)
{
	return ((uint64_t)swarm->sc->timeout_ms << tries) * swarm->tsc_hz / 1000;
}

void swarm_send(struct swarm *swarm, struct slot *slot)
{
	struct rte_mbuf *m = swarm_message(swarm);

	if (!m) { // no room: soon
		slot->due_tsc = swarm->now_tsc;
		return;
	}
	write_request(swarm, slot, m);
	slot->due_tsc = swarm->now_tsc + timeout_tsc(swarm, slot->tries);
}

// A rest is over: what was answered 5.03 is asked anew, as another exchange.
static void ask_anew(struct swarm *swarm, struct slot *slot)
{
	slot->token = (swarm->window.serial += swarm->window.size) |
		      (uint64_t)(slot - swarm->window.slots);
	slot->mid = swarm->devices[slot->place].mid++;
	slot->state = SLOT_WAITING;
	slot->tries = 0;
	swarm_send(swarm, slot);
}

static void retransmit(struct swarm *swarm, struct slot *slot)
{
	slot->tries++;
	swarm->counters.retransmissions++;
	swarm_send(swarm, slot);
}

// After a rest, and after a message that was lost, a living device goes on with its next message.
static void live_on_time(struct swarm *swarm, struct slot *slot)
{
	if (slot->state == SLOT_WAITING && slot->tries < swarm->sc->retransmit) {
		retransmit(swarm, slot);
		return;
	}
	if (slot->state != SLOT_RESTING) {
		swarm->counters.lost++;
		swarm_live_end(swarm, slot, LIVE_LOST, NULL);
	}
	window_give(&swarm->window, slot);
}

static void on_time(struct swarm *swarm, struct slot *slot)
{
	// A gateway that says nothing but 5.03 is not going to serve this fleet.
	if (swarm->now_tsc - swarm->progress_tsc > STALL_S * swarm->tsc_hz && !swarm_lives(swarm))
		swarm_stop(swarm);
	if (swarm_lives(swarm)) {
		live_on_time(swarm, slot);
	} else if (slot->state == SLOT_RESTING && !swarm->stopped) {
		ask_anew(swarm, slot);
	} else if (slot->state == SLOT_RESTING || slot->state == SLOT_ACKED ||
		   slot->tries >= swarm->sc->retransmit) {
		swarm->counters.missing++;
		window_give(&swarm->window, slot);
	} else {
		retransmit(swarm, slot);
	}
}

static void sweep(struct swarm *swarm)
{
	struct window *w = &swarm->window;

	swarm->sweep_tsc = swarm->now_tsc + swarm->tsc_hz / SWEEP_HZ;
	for (uint32_t i = 0; i < w->size / SWEEP_SHARE; i++) {
		struct slot *slot = &w->slots[swarm->sweep_at++ & w->mask];
		if (slot->state != SLOT_FREE && slot->due_tsc <= swarm->now_tsc &&
		    swarm->out_n < swarm->room)
			on_time(swarm, slot);
	}
}

// Whose turn it is. A gateway that has what it remembers in the order of registration is not to
// find the next device beside the last one for that.
static uint32_t next_place(struct swarm *swarm)
{
	uint32_t turn = swarm->turn;

	swarm->turn = turn + 1 == swarm->order.count ? 0 : turn + 1;
	if (unlikely(swarm->kind == REQUEST_REGISTER || swarm->phase->kind == PHASE_HANDSHAKE))
		return order_device(&swarm->first_time, turn);
	return turn;
}

// Whether the device can send now.
static bool may_send(const struct swarm *swarm, uint32_t place, uint32_t device)
{
	const struct device *dev = &swarm->devices[place];
	const struct slot *last = &swarm->window.slots[dev->slot & swarm->window.mask];

	// NSTART is 1, RFC 7252 section 4.7.
	return !((last->device == device && last->state != SLOT_FREE) ||
		 (dev->tail_len == 0 && swarm->kind != REQUEST_REGISTER &&
		  swarm->kind != REQUEST_PING && !swarm_lives(swarm)) ||
		 (swarm->kind == REQUEST_NOTIFY && swarm->watches[place].token_len == 0));
}

// How many first requests are due.
static uint32_t due(const struct swarm *swarm)
{
	uint64_t n = swarm->limit - swarm->window.used;

	if (swarm_has_sent(swarm) || swarm->window.used >= swarm->limit)
		return 0;
	if (n > swarm->total - swarm->drawn)
		n = swarm->total - swarm->drawn;
	if (swarm->tsc_per_request > 0) {
		double passed = (double)(swarm->now_tsc - swarm->started_tsc);
		double late = passed / swarm->tsc_per_request - (double)swarm->drawn;
		n = late < 1 ? 0 : late < (double)n ? (uint64_t)late : n;
	}
	if (n > PORT_BURST)
		n = PORT_BURST;
	return n > (uint32_t)(swarm->room - swarm->out_n) ? (uint32_t)(swarm->room - swarm->out_n)
							  : (uint32_t)n;
}

// Nothing comes back of a Non-confirmable notification: sent is done.
static void notify_non(struct swarm *swarm, struct rte_mbuf *m, uint32_t place, uint32_t device)
{
	struct watch *watch = &swarm->watches[place];
	uint8_t *out = rte_pktmbuf_mtod(m, uint8_t *);

	watch->number++;
	size_t len = watch_notification(watch, watch_value(device, watch->number), COAP_NON,
					swarm->devices[place].mid++, out);
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	swarm->counters.requests++;
	swarm->counters.exchanges++;
	swarm_queue(swarm, m, device, sum_fold(sum_bytes(out, len)));
}

// Nor does anybody wait for what comes back of a ClientHello, whose sender is forged: any of the
// addresses, whether a device has it or not.
static void hello(struct swarm *swarm, struct rte_mbuf *m)
{
	uint8_t *out = rte_pktmbuf_mtod(m, uint8_t *);
	uint32_t random[8];

	for (unsigned i = 0; i < RTE_DIM(random); i++)
		random[i] = random32(swarm);
	m->data_len = (uint16_t)request_write_hello(random, out);
	m->pkt_len = m->data_len;
	swarm->counters.requests++;
	swarm_queue(swarm, m, random32(swarm) & (uint32_t)((1ull << swarm->sc->address_bits) - 1),
		    sum_fold(sum_bytes(out, m->data_len)));
}

// What is known of a device before its first message of this kind.
static void prepare(struct swarm *swarm, uint32_t place, enum request_kind kind)
{
	struct watch *watch = &swarm->watches[place];

	if (kind == REQUEST_NOTIFY) {
		watch->number++;
	} else if (kind == REQUEST_REGISTER && watch->token_len > 0) {
		watch->token_len = 0; // a registration begins without observations
		swarm->watched--;
	}
}

static void first_request(struct swarm *swarm, struct rte_mbuf *m, uint32_t place, uint32_t device,
			  uint64_t start_tsc)
{
	struct device *dev = &swarm->devices[place];
	struct slot *slot = window_take(&swarm->window);
	enum request_kind kind = swarm->kind;

	if (swarm_lives(swarm))
		kind = live_turn(dev, &swarm->watches[place], swarm->phase->leave, random32(swarm));
	if (swarm->watches)
		prepare(swarm, place, kind);
	if (unlikely(swarm->phase->kind == PHASE_HANDSHAKE))
		port_dtls_forget(swarm->port, device);
	slot->start_tsc = start_tsc;
	slot->due_tsc = swarm->now_tsc + timeout_tsc(swarm, 0);
	slot->device = device;
	slot->place = place;
	slot->mid = dev->mid++;
	slot->kind = (uint8_t)kind;
	slot->state = SLOT_WAITING;
	slot->tries = 0;
	slot->repeat = swarm->phase->duplicates > 0 &&
		       (uint64_t)random32(swarm) * 1000000 >> 32 < swarm->phase->duplicates;
	dev->slot = (uint32_t)(slot - swarm->window.slots);
	swarm->counters.requests++;
	if (swarm_lives(swarm))
		live_begin(swarm->live, slot, &swarm->templates, dev, &swarm->watches[place]);
	write_request(swarm, slot, m);
}

static void send_first_requests(struct swarm *swarm)
{
	struct rte_mbuf *pkts[PORT_BURST];
	uint32_t n = due(swarm), used = 0;

	if (n == 0 || rte_pktmbuf_alloc_bulk(swarm->port->pool, pkts, n) < 0)
		return;
	// The other side read these buffers last: getting them back takes a while each.
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *data = rte_pktmbuf_mtod(pkts[i], uint8_t *);
		__builtin_prefetch(data - PORT_HEADERS, 1);
		__builtin_prefetch(data, 1);
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t place = next_place(swarm), device = order_device(&swarm->order, place);
		// In an open loop latency counts from when the request should have been sent: a
		// gateway that stalls does not thereby keep the fleet from noticing.
		uint64_t start = swarm->now_tsc;
		if (swarm->tsc_per_request > 0)
			start = swarm->started_tsc +
				(uint64_t)((double)swarm->drawn * swarm->tsc_per_request);
		swarm->drawn++;
		if (unlikely(!may_send(swarm, place, device)))
			swarm->counters.skipped++;
		else if (unlikely(swarm->phase->kind == PHASE_HELLO))
			hello(swarm, pkts[used++]);
		else if (unlikely(swarm->phase->non))
			notify_non(swarm, pkts[used++], place, device);
		else
			first_request(swarm, pkts[used++], place, device, start);
	}
	if (used < n)
		rte_pktmbuf_free_bulk(pkts + used, n - used);
}

static void count_registered(struct swarm *swarm)
{
	swarm->registered = 0;
	for (uint32_t i = 0; i < swarm->sc->devices; i++)
		swarm->registered += swarm->devices[i].tail_len > 0;
}

// What an observe phase is about: devices that the gateway has asked, and at its end those that it
// has not.
static void count_observed(struct swarm *swarm)
{
	uint32_t watched = swarm->watched;

	swarm->counters.exchanges = watched;
	if (swarm->now_tsc >= swarm->end_tsc && watched < swarm->registered)
		swarm->counters.missing = swarm->registered - watched;
}

unsigned swarm_poll(struct swarm *swarm, uint64_t now_tsc)
{
	unsigned work = 0;

	swarm->now_tsc = now_tsc;
	swarm->out_n = 0;
	swarm->room = swarm->port->ops->room(swarm->port);
	if (swarm->room >= PORT_BURST) // whatever comes in may want an answer
		work = swarm_receive(swarm);
	if (now_tsc >= swarm->sweep_tsc)
		sweep(swarm);
	send_first_requests(swarm);
	if (unlikely(swarm->phase->kind == PHASE_OBSERVE))
		count_observed(swarm);
	if (swarm->out_n > 0)
		swarm->port->ops->tx(swarm->port, swarm->out, swarm->out_n);
	return work + swarm->out_n;
}

static enum request_kind kind_of(enum phase_kind kind)
{
	switch (kind) {
	case PHASE_REGISTER:
	case PHASE_REBOOT:
		return REQUEST_REGISTER;
	case PHASE_DEREGISTER:
		return REQUEST_DEREGISTER;
	case PHASE_NOTIFY:
		return REQUEST_NOTIFY;
	case PHASE_SEND:
		return REQUEST_SEND;
	case PHASE_HANDSHAKE:
	case PHASE_HELLO:
		return REQUEST_PING;
	default:
		return REQUEST_UPDATE;
	}
}

void swarm_begin(struct swarm *swarm, const struct phase *phase, uint64_t now_tsc)
{
	uint64_t span = (uint64_t)phase->duration_ms * swarm->tsc_hz / 1000;

	swarm->phase = phase;
	swarm->kind = kind_of(phase->kind);
	swarm->now_tsc = swarm->started_tsc = swarm->sweep_tsc = now_tsc;
	swarm->end_tsc = span ? now_tsc + span : UINT64_MAX;
	swarm->total = phase->rounds ? (uint64_t)phase->rounds * swarm->sc->devices : UINT64_MAX;
	if (phase->kind == PHASE_PAUSE || phase->kind == PHASE_OBSERVE)
		swarm->total = 0;
	if (phase->kind == PHASE_OBSERVE)
		count_registered(swarm);
	swarm->drawn = 0;
	swarm->progress_tsc = now_tsc;
	swarm->stopped = false;
	swarm->limit = phase->window < swarm->window.size ? phase->window : swarm->window.size;
	swarm->tsc_per_request = phase->rate        ? (double)swarm->tsc_hz / phase->rate
				 : phase->period_ms ? (double)swarm->tsc_hz * phase->period_ms /
							      1000 / swarm->sc->devices
						    : 0;
	swarm->counters = (struct swarm_counters){0};
	swarm->latency = (struct histogram){0};
	swarm->first_wrong = NULL;
	swarm->turn = 0;
	if (phase->moved)
		swarm->port->ops->move(swarm->port);
}

bool swarm_has_sent(const struct swarm *swarm)
{
	return swarm->drawn >= swarm->total || swarm->now_tsc >= swarm->end_tsc;
}

bool swarm_is_done(const struct swarm *swarm)
{
	if (swarm->phase->kind == PHASE_PAUSE)
		return swarm->now_tsc >= swarm->end_tsc;
	if (swarm->phase->kind == PHASE_OBSERVE)
		return swarm->now_tsc >= swarm->end_tsc || swarm->watched >= swarm->registered;
	return swarm_has_sent(swarm) && swarm->window.used == 0;
}

void swarm_stop(struct swarm *swarm)
{
	swarm->end_tsc = swarm->now_tsc;
	swarm->stopped = true;
}

// A device starts with any message id but those that another fleet, which had its address within
// EXCHANGE_LIFETIME, went on to: these would be repetitions, answered as that fleet was (RFC 7252
// sections 4.4 and 4.5). 65536 divided by the golden ratio: the thirteen first multiples are 3656
// or more from each other, also around the end.
static uint16_t first_mid(const struct scenario *sc, uint32_t device)
{
	return (uint16_t)((device + sc->seed) * 40503u);
}

// What ten million devices need is worth huge pages, where the kernel gives them.
static struct device *devices_new(const struct scenario *sc, const struct order *order)
{
	uint32_t count = sc->devices;
	size_t len = (size_t)count * sizeof(struct device);
	struct device *devices =
		mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (devices == MAP_FAILED)
		return NULL;
	(void)madvise(devices, len, MADV_HUGEPAGE);
	for (uint32_t i = 0; i < count; i++) {
		devices[i].slot = DEVICE_NO_SLOT;
		devices[i].mid = first_mid(sc, order_device(order, i));
	}
	return devices;
}

struct swarm *swarm_new(const struct scenario *sc, struct port *port, uint64_t tsc_hz)
{
	struct swarm *swarm = calloc(1, sizeof(*swarm));

	if (!swarm)
		return NULL;
	swarm->sc = sc;
	swarm->port = port;
	swarm->tsc_hz = tsc_hz;
	swarm->ns_per_tsc = (1000000000ull << 20) / tsc_hz;
	swarm->random = 0x9e3779b97f4a7c15u ^ sc->seed;
	order_init(&swarm->order, sc->devices, sc->seed, sc->sequential);
	order_init(&swarm->first_time, sc->devices, ~sc->seed, sc->sequential);
	swarm->devices = devices_new(sc, &swarm->order);
	if (scenario_watches(sc))
		swarm->watches = calloc(sc->devices, sizeof(*swarm->watches));
	if (scenario_lives(sc))
		swarm->live = live_new(sc);
	if ((scenario_watches(sc) && !swarm->watches) || (scenario_lives(sc) && !swarm->live) ||
	    !swarm->devices || !request_templates_init(&swarm->templates, sc) ||
	    window_init(&swarm->window, scenario_window(sc)) < 0) {
		swarm_free(swarm);
		return NULL;
	}
	return swarm;
}

void swarm_free(struct swarm *swarm)
{
	if (swarm->devices)
		munmap(swarm->devices, (size_t)swarm->sc->devices * sizeof(struct device));
	window_fini(&swarm->window);
	free(swarm->watches);
	live_free(swarm->live);
	free(swarm);
}
