// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/swarm/load/dtls/port_dtls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench/swarm/load/dtls/shake.h"
#include "bench/swarm/load/request.h"
#include "bench/swarm/load/sum.h"
#include "dataplane/dtls/record.h"

// Flights sent again before a device begins anew: the gateway has forgotten it by then.
#define TRIES_MAX 4

#define LINES 3 // of a session, which records touch

struct shaking {
	struct shake shake;
	struct rte_mbuf *held; // the message that waits
	uint32_t device;
	uint32_t tries;
};

struct secured {
	struct port port;
	struct port *under;
	struct dtls_aead *aead;
	// Of a device that shakes hands timer_next is the number of that, above 0.
	struct dtls_session *sessions;
	uint32_t devices;
	struct shaking *shaking; // the first one is not used
	uint32_t *free;          // stack of numbers
	uint32_t used;
	uint32_t size;
	struct shake_facts facts;
	uint16_t padding;
	uint64_t random;
	char identity[SCENARIO_IDENTITY_MAX];
	int digits;
	struct port_dtls_counters counters;
	struct rte_mbuf *out[2 * PORT_BURST]; // datagrams, ready to be sent
	uint16_t out_n;
};

static uint64_t random64(struct secured *s)
{
	s->random ^= s->random << 13; // xorshift64, Marsaglia 2003
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

static void queue(struct secured *s, struct rte_mbuf *m, uint32_t device)
{
	*port_device(m) = device;
	*port_sum(m) = sum_fold(sum_bytes(rte_pktmbuf_mtod(m, const void *), m->data_len));
	s->out[s->out_n++] = m;
}

static void flush(struct secured *s)
{
	if (s->out_n > 0)
		s->under->ops->tx(s->under, s->out, s->out_n);
	s->out_n = 0;
}

static struct shaking *shaking_of(struct secured *s, uint32_t device)
{
	return &s->shaking[s->sessions[device].timer_next];
}

static void end(struct secured *s, struct shaking *shaking)
{
	rte_pktmbuf_free(shaking->held);
	s->sessions[shaking->device].timer_next = 0;
	s->free[--s->used] = (uint32_t)(shaking - s->shaking);
}

static void forget(struct secured *s, uint32_t device)
{
	memset(&s->sessions[device], 0, sizeof(s->sessions[device]));
}

static void start(struct secured *s, struct shaking *shaking)
{
	uint64_t random[4] = {random64(s), random64(s), random64(s), random64(s)};
	struct dtls_session *session = &s->sessions[shaking->device];
	uint32_t number = session->timer_next;
	char identity[SHAKE_IDENTITY_MAX + 1];

	forget(s, shaking->device);
	session->timer_next = number;
	snprintf(identity, sizeof(identity), "%s-%0*u", s->identity, s->digits, shaking->device);
	shaking->tries = 0;
	shake_begin(&shaking->shake, &s->facts, session, identity, random);
}

// m becomes the flight.
static void send_flight(struct secured *s, struct shaking *shaking, struct rte_mbuf *m)
{
	rte_pktmbuf_reset(m);
	m->data_len = (uint16_t)shake_flight(&shaking->shake, s->aead, rte_pktmbuf_mtod(m, void *));
	m->pkt_len = m->data_len;
	queue(s, m, shaking->device);
}

// A message of a device without a session: it waits, and the handshake begins, or its flight goes
// out once more.
static void say_later(struct secured *s, struct rte_mbuf *m, uint32_t device)
{
	struct rte_mbuf *flight = rte_pktmbuf_alloc(s->port.pool);
	struct shaking *shaking = shaking_of(s, device);
	bool begun = s->sessions[device].timer_next != 0;

	if (!flight || (!begun && s->used == s->size)) { // as if lost
		rte_pktmbuf_free(flight);
		rte_pktmbuf_free(m);
		return;
	}
	if (begun) {
		rte_pktmbuf_free(shaking->held);
		shaking->tries++;
		s->counters.flights_again++;
	} else {
		s->sessions[device].timer_next = s->free[s->used++];
		shaking = shaking_of(s, device);
		shaking->device = device;
	}
	shaking->held = m;
	if (!begun || shaking->tries > TRIES_MAX)
		start(s, shaking);
	send_flight(s, shaking, flight);
}

static bool is_established(const struct dtls_session *session)
{
	return session->timer_next == 0 && session->state > DTLS_SESSION_RESERVED &&
	       session->state != DTLS_SESSION_CLOSED;
}

// RFC 9146 section 4: content, its type, and zeros, of which the last one stands where a record
// without padding has its type.
static void pad(const struct secured *s, struct dtls_record *rec)
{
	uint16_t zeros;

	if (rec->len >= s->padding)
		return;
	rec->data[rec->len++] = rec->type;
	zeros = (uint16_t)(s->padding - rec->len);
	memset(rec->data + rec->len, 0, zeros);
	rec->len = (uint16_t)(rec->len + zeros);
	rec->type = 0;
}

// Messages of devices that have sessions, at most a burst of them.
static void seal(struct secured *s, struct rte_mbuf **pkts, uint16_t n)
{
	struct dtls_record records[PORT_BURST];

	for (uint16_t i = 0; i < n; i++) {
		records[i] = (struct dtls_record){
			.session = &s->sessions[*port_device(pkts[i])],
			.data = rte_pktmbuf_mtod(pkts[i], uint8_t *),
			.len = pkts[i]->data_len,
			.type = DTLS_CONTENT_DATA,
		};
		pad(s, &records[i]);
	}
	dtls_seal(s->aead, records, n);
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];

		if (records[i].verdict != DTLS_DATA) {
			rte_pktmbuf_free(m);
			continue;
		}
		m->data_off = (uint16_t)(records[i].data - (uint8_t *)m->buf_addr);
		m->data_len = records[i].len;
		m->pkt_len = m->data_len;
		queue(s, m, *port_device(m));
	}
}

static void say(struct secured *s, struct rte_mbuf **pkts, uint16_t n)
{
	struct rte_mbuf *ready[PORT_BURST];
	uint16_t ready_n = 0;

	for (uint16_t i = 0; i < n; i++) {
		const char *session = (const char *)&s->sessions[*port_device(pkts[i])];

		for (unsigned line = 0; line < LINES; line++)
			__builtin_prefetch(session + 64 * line, 1);
	}
	for (uint16_t i = 0; i < n; i++) {
		uint32_t device = *port_device(pkts[i]);

		if (is_established(&s->sessions[device]))
			ready[ready_n++] = pkts[i];
		else
			say_later(s, pkts[i], device);
	}
	seal(s, ready, ready_n);
	flush(s);
}

static void secured_tx(struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t at = 0; at < n; at = (uint16_t)(at + PORT_BURST))
		say((struct secured *)port, pkts + at,
		    n - at < PORT_BURST ? (uint16_t)(n - at) : PORT_BURST);
}

// What waited for the handshake goes out.
static void established(struct secured *s, struct shaking *shaking)
{
	struct rte_mbuf *held = shaking->held;

	shaking->held = NULL;
	end(s, shaking);
	s->counters.handshakes++;
	seal(s, &held, 1);
}

// A datagram of a handshake, or an alert in the clear. Takes the mbuf.
static void on_handshake(struct secured *s, struct rte_mbuf *m, uint32_t device)
{
	uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *);
	struct shaking *shaking = shaking_of(s, device);

	if (s->sessions[device].timer_next == 0) {
		if (data[0] == DTLS_CONTENT_ALERT) {
			s->counters.alerts++;
			forget(s, device);
		} // else a flight once more
		rte_pktmbuf_free(m);
		return;
	}
	switch (shake_take(&shaking->shake, s->aead, data, m->data_len)) {
	case SHAKE_FLIGHT:
		send_flight(s, shaking, m);
		return;
	case SHAKE_DONE:
		established(s, shaking);
		break;
	case SHAKE_FAILED:
		s->counters.alerts += shaking->shake.alert != 0;
		s->counters.handshakes_failed++;
		end(s, shaking);
		forget(s, device);
		break;
	case SHAKE_WAIT:
		break;
	}
	rte_pktmbuf_free(m);
}

// True: m holds a message. Else it has been freed.
static bool hear(struct secured *s, struct rte_mbuf *m, const struct dtls_record *rec)
{
	if (likely(rec->verdict == DTLS_DATA)) {
		m->data_off = (uint16_t)(rec->data - (uint8_t *)m->buf_addr);
		m->data_len = rec->len;
		m->pkt_len = rec->len;
		return true;
	}
	if (rec->verdict == DTLS_CLOSE_NOTIFY || rec->verdict == DTLS_FATAL_ALERT) {
		s->counters.alerts++;
		forget(s, *port_device(m));
	} else {
		s->counters.records_dropped++;
	}
	rte_pktmbuf_free(m);
	return false;
}

static uint16_t secured_rx(struct port *port, struct rte_mbuf **pkts)
{
	struct secured *s = (struct secured *)port;
	struct dtls_record records[PORT_BURST];
	uint16_t n = s->under->ops->rx(s->under, pkts), opened = 0, kept = 0;

	port->foreign = s->under->foreign;
	port->bad_checksums = s->under->bad_checksums;
	port->tx_refused = s->under->tx_refused;
	for (uint16_t i = 0; i < n; i++) {
		const struct dtls_session *session = &s->sessions[*port_device(pkts[i])];

		__builtin_prefetch(session);
		__builtin_prefetch(session->read_key);
	}
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *m = pkts[i];
		struct dtls_record rec = {.session = &s->sessions[*port_device(m)],
					  .data = rte_pktmbuf_mtod(m, uint8_t *)};

		if (dtls_head_parse(&rec.head, rec.data, m->data_len) != DTLS_DATA) {
			s->counters.records_dropped++;
			rte_pktmbuf_free(m);
		} else if (dtls_head_is_plain(&rec.head) || rec.session->timer_next != 0) {
			on_handshake(s, m, *port_device(m));
		} else {
			records[opened] = rec;
			pkts[opened++] = m;
		}
	}
	dtls_open(s->aead, records, opened, 0);
	for (uint16_t i = 0; i < opened; i++)
		if (hear(s, pkts[i], &records[i]))
			pkts[kept++] = pkts[i];
	flush(s);
	return kept;
}

// A burst that comes in may want as many flights.
static uint16_t secured_room(struct port *port)
{
	struct secured *s = (struct secured *)port;
	uint16_t room = s->under->ops->room(s->under);

	return room > PORT_BURST ? (uint16_t)(room - PORT_BURST) : 0;
}

static void secured_move(struct port *port)
{
	struct secured *s = (struct secured *)port;

	s->under->ops->move(s->under);
}

static void secured_close(struct port *port)
{
	struct secured *s = (struct secured *)port;

	for (uint32_t device = 0; s->sessions && s->shaking && device < s->devices; device++)
		if (s->sessions[device].timer_next != 0)
			end(s, shaking_of(s, device));
	s->under->ops->close(s->under);
	if (s->sessions)
		munmap(s->sessions, s->devices * sizeof(s->sessions[0]));
	dtls_aead_free(s->aead);
	free(s->shaking);
	free(s->free);
	free(s);
}

static const struct port_ops secured_ops = {
	.name = "dtls",
	.rx = secured_rx,
	.tx = secured_tx,
	.room = secured_room,
	.move = secured_move,
	.close = secured_close,
};

static bool make_room(struct secured *s, const struct scenario *sc)
{
	// Some may be left behind by a phase that ended early.
	s->size = 2 * scenario_window(sc);
	s->devices = sc->devices;
	s->sessions = mmap(NULL, s->devices * sizeof(s->sessions[0]), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->sessions == MAP_FAILED)
		s->sessions = NULL;
	s->shaking = calloc(s->size + 1, sizeof(s->shaking[0]));
	s->free = calloc(s->size, sizeof(s->free[0]));
	s->aead = dtls_aead_new(NULL);
	if (!s->sessions || !s->shaking || !s->free || !s->aead)
		return false;
	(void)madvise(s->sessions, s->devices * sizeof(s->sessions[0]), MADV_HUGEPAGE);
	for (uint32_t i = 0; i < s->size; i++)
		s->free[i] = i + 1;
	return true;
}

struct port *port_dtls_open(struct port *under, const struct scenario *sc)
{
	struct secured *s = calloc(1, sizeof(*s));

	if (!s) {
		under->ops->close(under);
		return NULL;
	}
	s->port = (struct port){.ops = &secured_ops, .pool = under->pool};
	s->under = under;
	s->padding = sc->dtls.padding;
	s->random = 0x9e3779b97f4a7c15u ^ sc->seed;
	s->digits = request_digits(sc);
	snprintf(s->identity, sizeof(s->identity), "%s",
		 sc->dtls.identity[0] ? sc->dtls.identity : sc->endpoint);
	shake_facts_init(&s->facts, sc->dtls.psk, sc->dtls.psk_len, !sc->dtls.without_cid);
	if (make_room(s, sc))
		return &s->port;
	fprintf(stderr, "sluice-swarm: no memory for the DTLS sessions of %u devices\n",
		sc->devices);
	secured_close(&s->port);
	return NULL;
}

void port_dtls_count(const struct port *port, struct port_dtls_counters *counters)
{
	*counters = ((const struct secured *)port)->counters;
}

void port_dtls_forget(struct port *port, uint32_t device)
{
	struct secured *s = (struct secured *)port;

	if (s->sessions[device].timer_next == 0)
		forget(s, device);
}
