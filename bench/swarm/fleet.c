// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/fleet.h"

#include <stdlib.h>
#include <time.h>

#define NOBODY    UINT32_MAX
#define SECOND_US 1000000u

// How long a fleet waits at its end for devices that are registering again.
#define STRAGGLERS_US (30u * SECOND_US)

static uint32_t random32(struct fleet *fleet)
{
	fleet->random ^= fleet->random << 13; // xorshift64, Marsaglia 2003
	fleet->random ^= fleet->random >> 7;
	fleet->random ^= fleet->random << 17;
	return (uint32_t)(fleet->random >> 32);
}

static void timer_link(struct fleet *fleet, struct device *dev)
{
	uint64_t tick = dev->deadline_us / FLEET_TICK_US;
	if (tick < fleet->tick)
		tick = fleet->tick;
	dev->slot = (uint32_t)(tick % FLEET_SLOTS);
	dev->prev = NOBODY;
	dev->next = fleet->slots[dev->slot];
	if (dev->next != NOBODY)
		fleet->devices[dev->next].prev = dev->index;
	fleet->slots[dev->slot] = dev->index;
}

static void timer_unlink(struct fleet *fleet, struct device *dev)
{
	if (dev->next != NOBODY)
		fleet->devices[dev->next].prev = dev->prev;
	if (dev->prev != NOBODY)
		fleet->devices[dev->prev].next = dev->next;
	else
		fleet->slots[dev->slot] = dev->next;
}

static void on_send(void *arg, const void *datagram, size_t len)
{
	struct fleet *fleet = arg;
	if (udp_send(fleet->udp, fleet->socket, datagram, len) < 0)
		fleet->counters.send_errors++;
}

enum call { CALL_TIME, CALL_DATAGRAM, CALL_LEAVE };

// The one place where a device is called: its timer is moved, the fleet's sum kept.
static void call_device(struct fleet *fleet, struct device *dev, enum call call, const void *buf,
			size_t len)
{
	fleet->socket = dev->index % udp_sockets(fleet->udp);
	fleet->now_us = fleet->clock_us();
	struct device_env env = {
		.config = &fleet->config,
		.counters = &fleet->counters,
		.latency = &fleet->latency,
		.next_mid = &fleet->next_mids[fleet->socket],
		.random = random32(fleet),
		.now_us = fleet->now_us,
		.clock_s = fleet->wall_s + (int64_t)(fleet->now_us / SECOND_US),
		.send = on_send,
		.arg = fleet,
	};
	bool was_registered = device_has_registration(dev);
	bool was_gone = dev->state == DEVICE_GONE;
	uint64_t deadline_us = dev->deadline_us;
	if (call == CALL_TIME)
		device_on_time(dev, &env);
	else if (call == CALL_DATAGRAM)
		device_on_datagram(dev, &env, buf, len);
	else
		device_leave(dev, &env);
	fleet->registered += (uint32_t)device_has_registration(dev) - (uint32_t)was_registered;
	fleet->gone += (uint32_t)(dev->state == DEVICE_GONE) - (uint32_t)was_gone;
	if (dev->deadline_us != deadline_us) {
		timer_unlink(fleet, dev);
		timer_link(fleet, dev);
	}
}

// Whom a message on a socket is for: answers name the device in their token; an empty message is
// for whoever waits for its message id; requests go to the socket's first device, which is its only
// one unless it is shared.
static struct device *addressee(struct fleet *fleet, uint32_t socket, const struct coap_msg *msg)
{
	const uint8_t *t = msg->token;
	uint32_t step = udp_sockets(fleet->udp);
	if (COAP_CODE_CLASS(msg->code) >= 2 && msg->token_len == 6) {
		uint32_t index =
			(uint32_t)t[0] << 24 | (uint32_t)t[1] << 16 | (uint32_t)t[2] << 8 | t[3];
		if (index < fleet->opt->count && index % step == socket)
			return &fleet->devices[index];
	}
	if (msg->code == COAP_EMPTY) {
		for (uint64_t i = socket; i < fleet->opt->count; i += step) {
			if (device_awaits(&fleet->devices[i], msg->mid))
				return &fleet->devices[i];
		}
	}
	return &fleet->devices[socket];
}

static void on_datagram(void *arg, uint32_t socket, const uint8_t *buf, size_t len)
{
	struct fleet *fleet = arg;
	struct coap_msg msg;
	if (coap_msg_parse(&msg, buf, len) != COAP_OK) {
		fleet->counters.wrong++;
		return;
	}
	call_device(fleet, addressee(fleet, socket, &msg), CALL_DATAGRAM, buf, len);
}

static void work_off_timers(struct fleet *fleet)
{
	uint64_t until = fleet->now_us / FLEET_TICK_US;
	if (until - fleet->tick > FLEET_SLOTS)
		fleet->tick = until - FLEET_SLOTS; // every slot once is enough
	while (fleet->tick < until) {
		uint32_t index = fleet->slots[fleet->tick % FLEET_SLOTS];
		fleet->tick++; // before the calls: a new deadline in this slot is a round away
		while (index != NOBODY) {
			struct device *dev = &fleet->devices[index];
			index = dev->next;
			if (dev->deadline_us <= fleet->now_us)
				call_device(fleet, dev, CALL_TIME, NULL, 0);
		}
	}
}

static void send_home(struct fleet *fleet)
{
	uint64_t due = (fleet->now_us - fleet->leaving_us) * fleet->opt->rate / SECOND_US + 1;
	while (fleet->told < fleet->opt->count && fleet->told < due)
		call_device(fleet, &fleet->devices[fleet->told++], CALL_LEAVE, NULL, 0);
	if (fleet->gone == fleet->opt->count)
		fleet->phase = FLEET_DONE;
}

static void end_running(struct fleet *fleet)
{
	fleet->phase = fleet->opt->deregister ? FLEET_LEAVING : FLEET_DONE;
	fleet->leaving_us = fleet->now_us;
}

static void check_phase(struct fleet *fleet)
{
	const struct options *opt = fleet->opt;
	if (fleet->complete_us == 0 && fleet->registered == opt->count)
		fleet->complete_us = fleet->now_us;
	if (opt->timeout_s != UINT32_MAX &&
	    fleet->now_us - fleet->started_us > (uint64_t)opt->timeout_s * SECOND_US) {
		fleet->late = true;
		fleet->phase = FLEET_DONE;
	} else if (fleet->phase == FLEET_RUNNING && fleet->complete_us != 0 &&
		   opt->duration_s != UINT32_MAX) {
		uint64_t end_us = fleet->complete_us + (uint64_t)opt->duration_s * SECOND_US;
		if (fleet->now_us >= end_us &&
		    (fleet->registered == opt->count || fleet->now_us >= end_us + STRAGGLERS_US)) {
			fleet->late = fleet->registered != opt->count;
			end_running(fleet);
		}
	}
	if (fleet->phase == FLEET_LEAVING)
		send_home(fleet);
}

void fleet_run(struct fleet *fleet)
{
	int tick_ms = (int)(FLEET_TICK_US / 1000);
	fleet->counters.send_errors += udp_poll(fleet->udp, tick_ms, on_datagram, fleet);
	fleet->now_us = fleet->clock_us();
	work_off_timers(fleet);
	check_phase(fleet);
}

void fleet_interrupt(struct fleet *fleet)
{
	fleet->interrupted = true;
	if (fleet->phase == FLEET_RUNNING)
		end_running(fleet);
	else
		fleet->phase = FLEET_DONE;
}

bool fleet_succeeded(const struct fleet *fleet)
{
	const struct swarm_counters *n = &fleet->counters;
	return n->wrong == 0 && n->missing == 0 && !fleet->late &&
	       (fleet->complete_us != 0 || fleet->interrupted);
}

static struct device_config config_of(const struct options *opt)
{
	struct device_config config = device_config_default;
	config.endpoint = opt->endpoint_prefix;
	config.numbered = config.moving = true;
	config.lifetime_s = opt->lifetime_s;
	config.interval_s = opt->interval_s;
	config.strict = opt->strict;
	return config;
}

struct fleet *fleet_new(const struct options *opt, fleet_clock_t clock_us)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	if (fleet == NULL)
		return NULL;
	fleet->opt = opt;
	fleet->config = config_of(opt);
	fleet->clock_us = clock_us;
	fleet->started_us = fleet->now_us = clock_us();
	fleet->wall_s = time(NULL) - (int64_t)(fleet->now_us / SECOND_US);
	fleet->tick = fleet->now_us / FLEET_TICK_US;
	fleet->random = 0x9e3779b97f4a7c15u ^ opt->seed;
	fleet->devices = calloc(opt->count, sizeof(*fleet->devices));
	fleet->slots = malloc(FLEET_SLOTS * sizeof(*fleet->slots));
	fleet->udp = udp_open(opt);
	if (fleet->devices == NULL || fleet->slots == NULL || fleet->udp == NULL)
		goto err;
	fleet->next_mids = calloc(udp_sockets(fleet->udp), sizeof(*fleet->next_mids));
	if (fleet->next_mids == NULL)
		goto err;
	for (uint32_t n = 0; n < udp_sockets(fleet->udp); n++)
		fleet->next_mids[n] = (uint16_t)random32(fleet); // RFC 7252 section 4.4
	for (uint32_t n = 0; n < FLEET_SLOTS; n++)
		fleet->slots[n] = NOBODY;
	for (uint32_t n = 0; n < opt->count; n++) {
		device_init(&fleet->devices[n], &fleet->config, n,
			    fleet->now_us + (uint64_t)n * SECOND_US / opt->rate);
		timer_link(fleet, &fleet->devices[n]);
	}
	return fleet;
err:
	fleet_free(fleet);
	return NULL;
}

void fleet_free(struct fleet *fleet)
{
	if (fleet->udp != NULL)
		udp_close(fleet->udp);
	for (uint32_t n = 0; fleet->devices != NULL && n < fleet->opt->count; n++)
		device_fini(&fleet->devices[n]);
	free(fleet->next_mids);
	free(fleet->slots);
	free(fleet->devices);
	free(fleet);
}
