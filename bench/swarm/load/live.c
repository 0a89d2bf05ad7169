// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/live.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const outcomes[] = {
#define X(outcome, word, help) [outcome] = word,
	LIVE_OUTCOMES(X)
#undef X
};

static const char *const kinds[] = {
	[REQUEST_REGISTER] = "register", [REQUEST_UPDATE] = "update",
	[REQUEST_NOTIFY] = "notify",     [REQUEST_SEND] = "send",
	[REQUEST_DEREGISTER] = "leave",
};

struct live *live_new(const struct scenario *sc)
{
	struct live *live = calloc(1, sizeof(*live) + sc->devices * sizeof(live->devices[0]));

	if (live)
		live->sc = sc;
	return live;
}

void live_free(struct live *live)
{
	free(live);
}

enum request_kind live_turn(const struct device *dev, const struct watch *watch, uint32_t leave,
			    uint32_t draw)
{
	if (dev->tail_len == 0)
		return REQUEST_REGISTER;
	if (draw % 1000000 < leave)
		return REQUEST_DEREGISTER;
	switch ((draw >> 20) % 4) { // independent enough of the test above
	case 0:
		return REQUEST_UPDATE;
	case 1:
		return REQUEST_SEND;
	default:
		return watch->token_len > 0 ? REQUEST_NOTIFY : REQUEST_SEND;
	}
}

void live_begin(struct live *live, const struct slot *slot, const struct request_templates *t,
		const struct device *dev, const struct watch *watch)
{
	struct live_device *d = &live->devices[slot->device];
	uint32_t number = ++d->number, lifetime_s = live->sc->lifetime_s + number;
	uint32_t sum;
	size_t len = 0;

	switch ((enum request_kind)slot->kind) {
	case REQUEST_REGISTER:
		len = request_write_register(live->sc, slot->device, lifetime_s, slot->mid,
					     slot->token, d->bytes);
		break;
	case REQUEST_UPDATE:
		len = request_write_update(t, dev, lifetime_s, slot->mid, slot->token, d->bytes);
		break;
	case REQUEST_DEREGISTER:
		len = request_write(t, REQUEST_DEREGISTER, dev, slot->device, slot->mid,
				    slot->token, d->bytes, &sum);
		break;
	case REQUEST_NOTIFY:
		len = watch_notification(watch, number, COAP_CON, slot->mid, d->bytes);
		break;
	case REQUEST_SEND:
		len = watch_send(number, slot->mid, slot->token, d->bytes);
		break;
	case REQUEST_PING: // not theirs
		break;
	}
	d->len = (uint16_t)len;
}

size_t live_write(const struct live *live, const struct slot *slot, uint8_t *out)
{
	const struct live_device *d = &live->devices[slot->device];

	memcpy(out, d->bytes, d->len);
	return d->len;
}

void live_observed(struct live *live, uint32_t device)
{
	live->devices[device].heard = false;
}

bool live_is_current(const struct live *live, const struct slot *slot, const struct watch *watch)
{
	const struct live_device *d = &live->devices[slot->device];
	uint8_t token_len = d->bytes[0] & 0x0f;

	return slot->kind == REQUEST_NOTIFY && token_len == watch->token_len &&
	       memcmp(d->bytes + 4, watch->token, token_len) == 0;
}

bool live_may_be_reset(const struct live *live, const struct slot *slot, const struct watch *watch)
{
	const struct live_device *d = &live->devices[slot->device];

	return slot->kind == REQUEST_NOTIFY && (!d->heard || !live_is_current(live, slot, watch));
}

void live_acknowledged(struct live *live, const struct slot *slot, const struct watch *watch)
{
	if (live_is_current(live, slot, watch))
		live->devices[slot->device].heard = true;
}

// Of a device's location the last segment, which is an encoded option.
static int location_of(const struct device *dev, const char **text)
{
	uint8_t len = dev->tail[0] & 0x0f, head = 1;

	if (len == 13) {
		len = (uint8_t)(dev->tail[1] + 13);
		head = 2;
	}
	*text = (const char *)dev->tail + head;
	return len;
}

void live_end(struct live *live, const struct slot *slot, const struct device *dev,
	      enum live_outcome outcome, double took_ms, const char *why)
{
	const char *location = "-";
	int len = 1;
	struct timespec now;

	if (!live->journal)
		return;
	if (dev->tail_len > 0)
		len = location_of(dev, &location);
	clock_gettime(CLOCK_REALTIME, &now);
	fprintf(live->journal,
		"%" PRId64 ".%03ld %.3f %s %s %s-%0*" PRIu32 " %" PRIu32 " %.*s %s\n",
		(int64_t)now.tv_sec, now.tv_nsec / 1000000, took_ms, outcomes[outcome],
		kinds[slot->kind], live->sc->endpoint, request_digits(live->sc), slot->device,
		live->devices[slot->device].number, len, location, why ? why : "");
}
