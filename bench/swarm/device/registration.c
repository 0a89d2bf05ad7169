// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/registration.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/objects.h"
#include "bench/swarm/device/observe.h"

#define SECOND_US 1000000u
#define LINKS_MAX 4096

struct text {
	char *buf;
	size_t cap;
	size_t len;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text->buf + text->len, text->cap - text->len, format, args);
	va_end(args);
	text->len = n < 0 || (size_t)n >= text->cap - text->len ? text->cap : text->len + (size_t)n;
	if (text->len == text->cap)
		text->len = text->cap - 1; // full; the caller sees it by the length
}

static void put_root(struct text *text, const struct device_config *config)
{
	bool announced = config->version >= 11 || config->root[0] != 0;
	if (!announced)
		return;
	put(text, "<%s>;rt=\"oma.lwm2m\"", config->root[0] != 0 ? config->root : "/");
	for (uint8_t i = 0; i < config->formats_count; i++)
		put(text, "%s%u", i == 0 ? ";ct=\"" : " ", config->formats[i]);
	put(text, config->formats_count > 0 ? "\"," : ",");
}

// RFC 6690 links of the objects (where they have a version, or no instance) and their instances.
size_t registration_links(const struct device *dev, const struct device_config *config, char *buf,
			  size_t cap)
{
	struct text text = {.buf = buf, .cap = cap};
	uint32_t count, at;
	const struct object_class *classes = objects_classes(config->test_object, &count);
	const char *comma = "";
	put_root(&text, config);
	for (uint32_t c = 0; c < count; c++) {
		struct lwm2m_path path = {.ids = {classes[c].id}, .depth = 1};
		uint32_t n = store_find(&dev->store, &path, &at);
		if (n == 0 || classes[c].version != NULL) {
			put(&text, "%s<%s/%u>", comma, config->root, classes[c].id);
			comma = ",";
		}
		if (classes[c].version != NULL)
			put(&text, ";ver=%s", classes[c].version);
		for (uint32_t i = 0; i < n; i++) {
			const struct store_entry *e = store_at(&dev->store, at + i);
			if (e->resource == STORE_INSTANCE) {
				put(&text, "%s<%s/%u/%u>", comma, config->root, e->object,
				    e->instance);
				comma = ",";
			}
		}
	}
	return text.len + 1 < cap ? text.len : 0;
}

static void write_query(struct coap_writer *w, const char *name, const char *value)
{
	char query[DEVICE_ENDPOINT_MAX + 8];
	snprintf(query, sizeof(query), "%s=%s", name, value);
	coap_write_opt_str(w, COAP_OPT_URI_QUERY, query);
}

void registration_write_query(struct coap_writer *w, const struct device *dev,
			      const struct device_env *env, bool update_lt)
{
	char endpoint[DEVICE_ENDPOINT_MAX], lifetime[16];
	const struct device_config *config = env->config;
	snprintf(lifetime, sizeof(lifetime), "%u", dev->lifetime_s);
	if (dev->uplink.kind == UPLINK_UPDATE) {
		if (update_lt)
			write_query(w, "lt", lifetime);
		return;
	}
	device_endpoint(dev, config, endpoint);
	write_query(w, "ep", endpoint);
	write_query(w, "lt", lifetime);
	write_query(w, "lwm2m", config->version == 10 ? "1.0" : "1.1");
	// Q is a letter of the binding in 1.0 and a parameter without value in 1.1.
	write_query(w, "b", config->queue_mode && config->version == 10 ? "UQ" : "U");
	if (config->queue_mode && config->version >= 11)
		coap_write_opt_str(w, COAP_OPT_URI_QUERY, "Q");
}

static bool start_with_links(struct device *dev, struct device_env *env, enum uplink_kind kind)
{
	char *links = malloc(LINKS_MAX);
	size_t len = links != NULL ? registration_links(dev, env->config, links, LINKS_MAX) : 0;
	if (len == 0) {
		free(links);
		return false;
	}
	dev->tell_links = false;
	uplink_start(dev, env, kind, 40, (uint8_t *)links, len);
	return true;
}

bool registration_start(struct device *dev, struct device_env *env)
{
	if (dev->leaving && dev->state == DEVICE_IDLE)
		dev->state = DEVICE_GONE;
	if (dev->state == DEVICE_GONE || env->now_us < dev->due_us)
		return false;
	if (dev->state == DEVICE_IDLE) {
		observe_cancel_all(dev, env); // the server begins anew with a registration
		return start_with_links(dev, env, UPLINK_REGISTER);
	}
	if (dev->leaving) {
		uplink_start(dev, env, UPLINK_DEREGISTER, 0, NULL, 0);
		return true;
	}
	if (dev->tell_links)
		return start_with_links(dev, env, UPLINK_UPDATE);
	uplink_start(dev, env, UPLINK_UPDATE, 0, NULL, 0);
	return true;
}

static void be_idle(struct device *dev, uint64_t until_us)
{
	dev->state = dev->leaving ? DEVICE_GONE : DEVICE_IDLE;
	dev->location_len = 0;
	dev->due_us = until_us;
}

static void be_registered(struct device *dev, struct device_env *env, uint64_t in_us)
{
	dev->state = DEVICE_REGISTERED;
	dev->due_us = dev->leaving || dev->tell_links || dev->tell_lt ? env->now_us
		      : dev->silent                                   ? DEVICE_NEVER
								      : env->now_us + in_us;
}

// When devices in the field send Updates: half way, or MAX_TRANSMIT_WAIT before the end.
static uint64_t interval_us(const struct device *dev, const struct device_config *config)
{
	uint64_t lt = dev->lifetime_s;
	uint64_t s = lt == config->lifetime_s && config->interval_s > 0 ? config->interval_s
		     : lt < 186                                         ? lt / 2
									: lt - 93;
	return (s > 0 ? s : 1) * SECOND_US;
}

// A device whose request failed starts over after a second, as long as it is meant to be there.
void registration_on_failure(struct device *dev, struct device_env *env, uint8_t kind)
{
	if (kind == UPLINK_UPDATE)
		dev->tell_links = false; // Register has all of it
	be_idle(dev, env->now_us + SECOND_US);
}

// Keeps the Location-Path of a 2.01; false when there is none or it is longer than we keep.
static bool take_location(struct device *dev, const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	dev->location_len = 0;
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_LOCATION_PATH)
			continue;
		if (opt.len == 0 || dev->location_len + opt.len + 1u > sizeof(dev->location) ||
		    memchr(opt.value, 0, opt.len) != NULL)
			return false;
		memcpy(dev->location + dev->location_len, opt.value, opt.len);
		dev->location[dev->location_len + opt.len] = 0;
		dev->location_len += (uint8_t)(opt.len + 1);
	}
	return dev->location_len > 0;
}

static uint64_t retry_after_us(const struct coap_msg *msg)
{
	struct coap_opt opt;
	uint32_t seconds = 60; // RFC 7252 section 5.10.5
	if (coap_msg_find_opt(msg, COAP_OPT_MAX_AGE, &opt) && !coap_opt_uint(&opt, &seconds))
		seconds = 60;
	return (uint64_t)(seconds > 0 ? seconds : 1) * SECOND_US;
}

static void on_unavailable(struct device *dev, struct device_env *env, uint8_t kind,
			   const struct coap_msg *msg)
{
	env->counters->unavailable++;
	if (kind == UPLINK_UPDATE)
		be_registered(dev, env, retry_after_us(msg));
	else
		be_idle(dev, env->now_us + retry_after_us(msg));
}

static void note_location(const struct device *dev, const struct device_env *env)
{
	char text[sizeof(dev->location) + 1] = "";
	if (env->event == NULL)
		return;
	for (uint8_t i = 0; i + 1u < dev->location_len; i++)
		text[i] = dev->location[i] != 0 ? dev->location[i] : '/';
	device_note(env, "registered /%s", text);
}

void registration_on_answer(struct device *dev, struct device_env *env, uint8_t kind,
			    const struct coap_msg *msg)
{
	struct swarm_counters *n = env->counters;
	char code[5];
	if (msg->code == COAP_SERVICE_UNAVAILABLE || msg->code == COAP_TOO_MANY_REQUESTS) {
		on_unavailable(dev, env, kind, msg);
		device_note(env, "unavailable");
	} else if (kind == UPLINK_REGISTER && msg->code == COAP_CREATED &&
		   take_location(dev, msg)) {
		n->registers++;
		dev->tell_lt = false;
		// In a fleet the first Update falls anywhere in the interval, so that a storm is
		// not repeated.
		be_registered(dev, env,
			      interval_us(dev, env->config) / 1000 *
				      (env->config->numbered ? env->random % 1000 : 1000));
		note_location(dev, env);
	} else if (kind == UPLINK_UPDATE && msg->code == COAP_CHANGED) {
		n->updates++;
		dev->tell_lt = dev->tell_lt && !dev->uplink.tells_lt;
		be_registered(dev, env, interval_us(dev, env->config));
		device_note(env, "updated");
	} else if (kind == UPLINK_UPDATE && msg->code == COAP_NOT_FOUND && !env->config->strict) {
		n->reregistrations++;
		be_idle(dev, env->now_us);
		device_note(env, "unknown");
	} else if (kind == UPLINK_DEREGISTER && msg->code == COAP_DELETED) {
		n->deregisters++;
		be_idle(dev, DEVICE_NEVER);
		device_note(env, "deregistered");
	} else {
		n->wrong++;
		device_note(env, "refused %s", coap_code_text(msg->code, code));
		registration_on_failure(dev, env, kind);
	}
}

void registration_links_changed(struct device *dev, struct device_env *env)
{
	dev->tell_links = true;
	if (dev->state == DEVICE_REGISTERED)
		dev->due_us = env->now_us;
}
