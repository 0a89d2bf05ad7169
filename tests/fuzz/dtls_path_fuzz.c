// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// From the datagram to the session: a whole worker, one device with an established session, and
// somebody on the way who repeats, cuts, changes, delays and invents datagrams. The first byte
// chooses suite and Connection IDs, the rest is what he does. Each datagram is counted under some
// reason, and whatever happened, the device is heard and answered afterwards.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/state.h"
#include "dataplane/pktio/pktio.h"
#include "lwm2m/coap/msg.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/dataplane/dtls/mirror.h"
#include "tests/unit/support/gateway.h"

#define ROOM     256
#define PING_LEN 4
#define WITH_CID 0x01
#define DEVICE   1

enum deed {
	PASS,   // the device's next datagram, as it is
	REPEAT, // the last one that went as it was
	CUT,    // the next one, so many bytes of it
	FLIP,   // one bit changed
	NUMBER, // another epoch and sequence number
	DELAY,  // kept back, for the next deed but one
	TWICE,  // two records in a datagram
	INVENT, // any bytes
	DEEDS,
};

struct packet {
	uint8_t bytes[ROOM];
	size_t len;
};

static struct gateway gw;
static struct dtls_aead *aead;
static struct dtls_session *session, device;
static struct packet last, late;
static uint16_t mid;

static void stop(void)
{
	gateway_close(&gw);
	dtls_aead_free(aead);
}

static void start(void)
{
	struct dp_dtls_params params = {.max_sessions = 16, .max_handshakes = 4, .keylog_fd = -1};
	char why[160];

	gateway_open(&gw, (struct gateway_params){.workers = 1});
	aead = dtls_aead_new(NULL);
	if (!aead || dp_dtls_new(gw.w[0], &params, why) != 0)
		abort();
	gw.port.secure = PKTIO_SECURE;
	gateway_ready(&gw);
	atexit(stop);
}

static void shake_hands(enum dtls_suite suite, bool with_cid)
{
	struct dtls_table *table = &gw.w[0]->dtls->table;
	struct dp_peer peer = gateway_device(DEVICE);
	struct dtls_session mirrored;
	uint32_t generation;

	if (session)
		dtls_table_remove(table, session);
	session = dtls_table_new(table, 7);
	fuzz_check(session != NULL, "there is room");
	fuzz_check(mirror_make(&mirrored, &device, suite, with_cid) == 0, "keys fit");
	generation = session->generation;
	*session = mirrored;
	session->generation = generation & 0xffffff;
	*dtls_table_secrets(table, session) = *mirror_secrets(&mirrored);
	if (with_cid)
		dtls_cid_write(dtls_table_cid(table, session), device.peer_cid);
	dtls_table_bind(table, session, &peer);
	last.len = late.len = 0;
}

// A ping of the device, sealed.
static void seal_next(struct packet *p)
{
	uint8_t buf[DTLS_SEAL_HEAD + PING_LEN + DTLS_SEAL_TAIL];
	struct dtls_record rec = {.session = &device,
				  .data = buf + DTLS_SEAL_HEAD,
				  .len = PING_LEN,
				  .type = DTLS_CONTENT_DATA};

	mid++;
	memcpy(rec.data, (uint8_t[]){0x40, COAP_EMPTY, (uint8_t)(mid >> 8), (uint8_t)mid},
	       PING_LEN);
	dtls_seal(aead, &rec, 1);
	fuzz_check(rec.verdict == DTLS_DATA, "what the device says is sealed");
	memcpy(p->bytes, rec.data, rec.len);
	p->len = rec.len;
}

static uint64_t counted(void)
{
	const struct dp_counters *c = &gw.w[0]->counters;
	uint64_t sum = gateway_drops(&gw) + c->dtls_cookies;

#define TAKEN(upper, lower, help) sum += c->dtls_##lower;
	DTLS_TAKEN(TAKEN)
#undef TAKEN
	return sum;
}

// Whether the device is told that its last ping was heard.
static bool hears_answer(void)
{
	const uint8_t rst[PING_LEN] = {0x70, COAP_EMPTY, (uint8_t)(mid >> 8), (uint8_t)mid};
	struct rte_mbuf *m;
	bool heard = false;

	while ((m = pktio_mem_take(&gw.port, 0))) {
		struct dtls_record rec = {.session = &device,
					  .secrets = mirror_secrets(&device),
					  .data = rte_pktmbuf_mtod(m, uint8_t *)};

		if (dtls_head_parse(&rec.head, rec.data, m->data_len) == DTLS_DATA &&
		    !dtls_head_is_plain(&rec.head)) {
			dtls_open(aead, &rec, 1, 0);
			heard |= rec.verdict == DTLS_DATA && rec.len == sizeof(rst) &&
				 memcmp(rec.data, rst, sizeof(rst)) == 0;
		}
		rte_pktmbuf_free(m);
	}
	return heard;
}

static bool deliver(const struct packet *p)
{
	struct dp_peer peer = gateway_device(DEVICE);
	uint64_t before = counted();

	if (p->len == 0)
		return false;
	fuzz_check(pktio_mem_inject(&gw.port, 0, p->bytes, p->len, &peer) == 0, "there is room");
	gateway_run(&gw);
	fuzz_check(counted() > before, "every datagram is counted under some reason");
	return hears_answer();
}

static uint8_t next(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	(*size)--;
	return *(*data)++;
}

static void invent(struct packet *p, const uint8_t **data, size_t *size)
{
	p->len = next(data, size);
	if (p->len > *size)
		p->len = *size;
	memcpy(p->bytes, *data, p->len);
	*data += p->len;
	*size -= p->len;
}

static void spoil(enum deed deed, struct packet *p, const uint8_t **data, size_t *size)
{
	size_t at;

	switch (deed) {
	case CUT:
		at = next(data, size);
		p->len = at < p->len ? at : p->len - 1;
		break;
	case FLIP:
		at = next(data, size);
		p->bytes[at % p->len] ^= (uint8_t)(1u << (next(data, size) & 7));
		break;
	case NUMBER:
		for (unsigned i = 0; i < 8; i++)
			p->bytes[3 + i] ^= next(data, size);
		break;
	default:
		break;
	}
}

static void act(enum deed deed, const uint8_t **data, size_t *size)
{
	struct packet p, more;

	if (deed == INVENT) {
		invent(&p, data, size);
		deliver(&p);
		return;
	}
	if (deed == REPEAT) {
		fuzz_check(!deliver(&last), "what is repeated is not heard again");
		return;
	}
	seal_next(&p);
	if (deed == DELAY) {
		deliver(&late);
		late = p;
		return;
	}
	if (deed == TWICE) {
		seal_next(&more);
		memcpy(p.bytes + p.len, more.bytes, more.len);
		p.len += more.len;
	}
	spoil(deed, &p, data, size);
	if (deed == PASS || deed == TWICE)
		fuzz_check(deliver(&p), "what was not tampered with is heard");
	else
		deliver(&p);
	if (deed == PASS)
		last = p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t first = next(&data, &size);

	if (!session)
		start();
	gw.w[0]->dtls->alerts = 16;
	shake_hands(1 + (first >> 1) % (DTLS_SUITE_COUNT - 1), first & WITH_CID);
	for (unsigned deeds = 0; size > 0 && deeds < 32; deeds++)
		act(next(&data, &size) % DEEDS, &data, &size);
	act(PASS, &data, &size);
	return 0;
}
