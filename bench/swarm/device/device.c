// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/device.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/swarm/device/firmware.h"
#include "bench/swarm/device/objects.h"
#include "bench/swarm/device/registration.h"
#include "bench/swarm/device/served.h"

#define SECOND_US 1000000u

const struct device_config device_config_default = {
	.endpoint = "device",
	.root = "",
	.lifetime_s = 300,
	.awake_s = 93, // MAX_TRANSMIT_WAIT
	.body_max = 1048576,
	.block_size = 1024,
	.formats = {LWM2M_FORMAT_SENML_CBOR, LWM2M_FORMAT_TLV},
	.formats_count = 2,
	.default_format = LWM2M_FORMAT_TLV,
	.version = 11,
};

void device_init(struct device *dev, const struct device_config *config, uint32_t index,
		 uint64_t first_us)
{
	uint32_t count;
	const struct store_entry *base = objects_factory(config->test_object, &count);
	*dev = (struct device){
		.index = index,
		.due_us = first_us,
		.deadline_us = first_us,
		.restart_us = DEVICE_NEVER,
		.lifetime_s = config->lifetime_s,
		.state = DEVICE_IDLE,
	};
	store_init(&dev->store, base, count);
}

void device_fini(struct device *dev)
{
	store_fini(&dev->store);
	served_fini(dev->served);
	uplink_fini(&dev->uplink);
}

void device_endpoint(const struct device *dev, const struct device_config *config,
		     char name[static DEVICE_ENDPOINT_MAX])
{
	if (config->numbered)
		snprintf(name, DEVICE_ENDPOINT_MAX, "%s-%04u", config->endpoint, dev->index);
	else
		snprintf(name, DEVICE_ENDPOINT_MAX, "%s", config->endpoint);
}

struct store_context device_context(const struct device *dev, const struct device_env *env,
				    char endpoint[static DEVICE_ENDPOINT_MAX])
{
	uint32_t step = env->config->moving ? dev->index + dev->requests * 7 : 0;
	device_endpoint(dev, env->config, endpoint);
	return (struct store_context){
		.endpoint = endpoint,
		.binding = env->config->queue_mode ? "UQ" : "U",
		.lifetime_s = dev->lifetime_s,
		.clock_s = env->clock_s,
		.temperature = 20.0 + step % 100 / 10.0,
	};
}

void device_note(const struct device_env *env, const char *format, ...)
{
	char line[1024];
	va_list args;
	if (env->event == NULL)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	env->event(env->arg, line);
}

bool device_sleeps(const struct device *dev, const struct device_env *env)
{
	if (!env->config->queue_mode || dev->state != DEVICE_REGISTERED ||
	    uplink_busy(&dev->uplink))
		return false;
	if (dev->served != NULL && confirm_deadline(dev->served) != DEVICE_NEVER)
		return false;
	return env->now_us >= dev->last_us + (uint64_t)env->config->awake_s * SECOND_US;
}

static void wake(struct device *dev, struct device_env *env)
{
	dev->last_us = env->now_us;
	if (dev->asleep)
		device_note(env, "awake");
	dev->asleep = false;
}

void device_transmit(struct device *dev, struct device_env *env, const void *datagram, size_t len)
{
	wake(dev, env);
	if (len > 0)
		env->send(env->arg, datagram, len);
}

void device_empty(struct device *dev, struct device_env *env, uint8_t type, uint16_t mid)
{
	uint8_t buf[4];
	struct coap_writer w;
	coap_write_begin(&w, buf, sizeof(buf), type, COAP_EMPTY, mid, NULL, 0);
	device_transmit(dev, env, buf, coap_write_finish(&w));
}

// What a device had in memory only is gone; what it was told to keep stays.
static void restart(struct device *dev, struct device_env *env)
{
	struct served *served = dev->served;
	struct uplink none = {0};
	bool installed = dev->firmware_restart;
	dev->restart_us = DEVICE_NEVER;
	dev->firmware_restart = dev->leaving = false;
	device_note(env, "restarted");
	dev->served = NULL;
	served_fini(served);
	uplink_fini(&dev->uplink);
	dev->uplink = none;
	dev->state = DEVICE_IDLE;
	dev->location_len = 0;
	dev->due_us = env->now_us;
	if (installed)
		firmware_installed(dev, env);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void set_deadline(struct device *dev, const struct device_env *env)
{
	uint64_t at = uplink_busy(&dev->uplink)   ? dev->uplink.exchange.deadline_us
		      : dev->state == DEVICE_GONE ? DEVICE_NEVER
						  : dev->due_us;
	at = earlier(at, dev->restart_us);
	if (dev->served != NULL) {
		at = earlier(at, confirm_deadline(dev->served));
		if (dev->state == DEVICE_REGISTERED)
			at = earlier(at, observe_deadline(dev));
	}
	if (env->config->queue_mode && dev->state == DEVICE_REGISTERED && !dev->asleep)
		at = earlier(at, dev->last_us + (uint64_t)env->config->awake_s * SECOND_US);
	dev->deadline_us = at;
}

// After whatever happened: start what has become due, and say when to be called next.
static void settle(struct device *dev, struct device_env *env)
{
	if (dev->served != NULL)
		observe_on_time(dev, env);
	if (!uplink_busy(&dev->uplink) && !registration_start(dev, env) &&
	    dev->state == DEVICE_REGISTERED)
		uplink_next_wish(dev, env);
	if (!dev->asleep && device_sleeps(dev, env)) {
		dev->asleep = true;
		device_note(env, "asleep");
	}
	set_deadline(dev, env);
}

void device_on_time(struct device *dev, struct device_env *env)
{
	if (dev->restart_us <= env->now_us)
		restart(dev, env);
	uplink_on_time(dev, env);
	if (dev->served != NULL)
		confirm_on_time(dev, env);
	settle(dev, env);
}

static void on_empty(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	if (msg->type == COAP_CON) { // a ping
		device_empty(dev, env, COAP_RST, msg->mid);
		return;
	}
	if (uplink_on_empty(dev, env, msg))
		return;
	if (dev->served != NULL &&
	    (confirm_on_empty(dev, env, msg) ||
	     (msg->type == COAP_RST && observe_on_reset(dev, env, msg->mid))))
		return;
	env->counters->strays++;
}

static void on_message(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	if (msg->code == COAP_EMPTY) {
		on_empty(dev, env, msg);
	} else if (COAP_CODE_CLASS(msg->code) == 0) {
		if (msg->type == COAP_CON || msg->type == COAP_NON)
			served_on_request(dev, env, msg);
	} else {
		if (!uplink_on_response(dev, env, msg))
			env->counters->strays++;
		if (msg->type == COAP_CON)
			device_empty(dev, env, COAP_ACK, msg->mid);
	}
}

void device_on_datagram(struct device *dev, struct device_env *env, const void *datagram,
			size_t len)
{
	struct coap_msg msg;
	if (device_sleeps(dev, env)) {
		device_note(env, "dropped");
		settle(dev, env);
		return;
	}
	dev->last_us = env->now_us;
	if (coap_msg_parse(&msg, datagram, len) == COAP_OK)
		on_message(dev, env, &msg);
	else
		env->counters->wrong++;
	settle(dev, env);
}

bool device_awaits(const struct device *dev, uint16_t mid)
{
	if (uplink_busy(&dev->uplink) && dev->uplink.mid == mid)
		return true;
	for (unsigned i = 0; dev->served != NULL && i < SERVED_CONFIRMS; i++) {
		if (dev->served->confirms[i].bytes != NULL && dev->served->confirms[i].mid == mid)
			return true;
	}
	return false;
}

void device_leave(struct device *dev, struct device_env *env)
{
	dev->leaving = true;
	dev->due_us = env->now_us;
	settle(dev, env);
}

void device_register(struct device *dev, struct device_env *env)
{
	dev->leaving = false;
	dev->state = DEVICE_IDLE;
	dev->due_us = env->now_us;
	settle(dev, env);
}

void device_update(struct device *dev, struct device_env *env)
{
	dev->due_us = env->now_us;
	settle(dev, env);
}
