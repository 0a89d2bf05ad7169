// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/served.h"

static void transmit(struct device *dev, struct device_env *env, struct served_confirm *c)
{
	if (!c->started)
		coap_exchange_start(&c->exchange, &coap_params_default, env->now_us, env->random);
	c->started = true;
	device_transmit(dev, env, c->bytes, c->len);
}

static void release(struct served *served, struct served_confirm *c)
{
	if (c->observation > 0)
		served->observations[c->observation - 1].unconfirmed = false;
	free(c->bytes);
	*c = (struct served_confirm){0};
}

bool confirm_add(struct device *dev, struct device_env *env, const void *bytes, size_t len,
		 uint16_t mid, uint64_t start_us, uint8_t observation)
{
	struct served_confirm *c = dev->served->confirms;
	struct served_confirm *end = c + SERVED_CONFIRMS;
	while (c < end && c->bytes != NULL)
		c++;
	uint8_t *copy = c < end ? malloc(len) : NULL;
	if (copy == NULL)
		return false;
	memcpy(copy, bytes, len);
	*c = (struct served_confirm){
		.bytes = copy,
		.len = len,
		.mid = mid,
		.start_us = start_us,
		.observation = observation,
	};
	if (start_us <= env->now_us)
		transmit(dev, env, c);
	return true;
}

static void resend(struct device *dev, struct device_env *env, struct served_confirm *c)
{
	switch (coap_exchange_on_time(&c->exchange, &coap_params_default, env->now_us)) {
	case COAP_EXCHANGE_RESEND:
		env->counters->retransmissions++;
		transmit(dev, env, c);
		break;
	case COAP_EXCHANGE_TIMEOUT:
		// The observation stays, as with clients in the field: the server may be back soon.
		env->counters->missing++;
		device_note(env, "timeout");
		release(dev->served, c);
		break;
	default:
		break;
	}
}

void confirm_on_time(struct device *dev, struct device_env *env)
{
	for (unsigned i = 0; i < SERVED_CONFIRMS; i++) {
		struct served_confirm *c = &dev->served->confirms[i];
		if (c->bytes == NULL)
			continue;
		if (c->started)
			resend(dev, env, c);
		else if (c->start_us <= env->now_us)
			transmit(dev, env, c);
	}
}

bool confirm_on_empty(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	for (unsigned i = 0; i < SERVED_CONFIRMS; i++) {
		struct served_confirm *c = &dev->served->confirms[i];
		if (c->bytes == NULL || !c->started || c->mid != msg->mid)
			continue;
		uint8_t observation = c->observation;
		release(dev->served, c);
		if (msg->type == COAP_RST && observation > 0)
			observe_cancel(dev, env, &dev->served->observations[observation - 1]);
		else if (observation > 0)
			device_note(env, msg->type == COAP_RST ? "reset" : "acked");
		return true;
	}
	return false;
}

void confirm_forget(struct served *served, uint8_t observation)
{
	for (unsigned i = 0; i < SERVED_CONFIRMS; i++) {
		struct served_confirm *c = &served->confirms[i];
		if (c->bytes != NULL && c->observation == observation)
			release(served, c);
	}
}

uint64_t confirm_deadline(const struct served *served)
{
	uint64_t first = DEVICE_NEVER;
	for (unsigned i = 0; i < SERVED_CONFIRMS; i++) {
		const struct served_confirm *c = &served->confirms[i];
		uint64_t at = c->bytes == NULL ? DEVICE_NEVER
			      : c->started     ? c->exchange.deadline_us
					       : c->start_us;
		first = at < first ? at : first;
	}
	return first;
}
