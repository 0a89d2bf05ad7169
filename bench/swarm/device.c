// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device.h"

#include <stdio.h>
#include <string.h>

#include "bench/swarm/object.h"

#define SECOND_US 1000000u

void device_init(struct device *dev, uint32_t index, uint64_t first_us)
{
	*dev = (struct device){.index = index, .deadline_us = first_us, .state = DEVICE_IDLE};
}

void device_endpoint(const struct device *dev, const struct options *opt, char name[static 128])
{
	snprintf(name, 128, "%s-%04u", opt->endpoint_prefix, dev->index);
}

static void write_query(struct coap_writer *w, const char *name, const char *value)
{
	char query[160];
	snprintf(query, sizeof(query), "%s=%s", name, value);
	coap_write_opt_str(w, COAP_OPT_URI_QUERY, query);
}

static void write_register(struct coap_writer *w, const struct device *dev,
			   const struct options *opt)
{
	char endpoint[128], lifetime[16];
	device_endpoint(dev, opt, endpoint);
	snprintf(lifetime, sizeof(lifetime), "%u", opt->lifetime_s);
	coap_write_opt_str(w, COAP_OPT_URI_PATH, "rd");
	coap_write_opt_uint(w, COAP_OPT_CONTENT_FORMAT, 40);
	write_query(w, "ep", endpoint);
	write_query(w, "lt", lifetime);
	write_query(w, "lwm2m", "1.1");
	write_query(w, "b", "U");
	coap_write_payload(w, object_links, strlen(object_links));
}

static void write_location(struct coap_writer *w, const struct device *dev)
{
	for (const char *p = dev->location; p < dev->location + dev->location_len;
	     p += strlen(p) + 1)
		coap_write_opt_str(w, COAP_OPT_URI_PATH, p);
}

// The same state and message id give the same bytes: nothing is kept for a retransmission.
static size_t write_request(const struct device *dev, struct device_env *env)
{
	uint8_t token[6] = {dev->index >> 24, dev->index >> 16, dev->index >> 8,
			    dev->index,       dev->mid >> 8,    dev->mid};
	struct coap_writer w;
	coap_write_begin(&w, env->out, DEVICE_DATAGRAM_MAX, COAP_CON,
			 dev->state == DEVICE_LEAVING ? COAP_DELETE : COAP_POST, dev->mid, token,
			 sizeof(token));
	if (dev->state == DEVICE_REGISTERING)
		write_register(&w, dev, env->opt);
	else
		write_location(&w, dev);
	return coap_write_finish(&w);
}

static size_t start_request(struct device *dev, struct device_env *env, enum device_state state)
{
	dev->state = state;
	dev->mid = (*env->next_mid)++;
	dev->sent_us = env->now_us;
	coap_exchange_start(&dev->exchange, &coap_params_default, env->now_us, env->random);
	dev->deadline_us = dev->exchange.deadline_us;
	return write_request(dev, env);
}

static void be_idle(struct device *dev, uint64_t until_us)
{
	dev->state = DEVICE_IDLE;
	dev->location_len = 0;
	dev->deadline_us = until_us;
}

static void be_gone(struct device *dev)
{
	dev->state = DEVICE_GONE;
	dev->deadline_us = DEVICE_NEVER;
}

// A device whose request failed starts over after a second, as long as it is meant to be there.
static void give_up(struct device *dev, struct device_env *env)
{
	if (dev->leaving)
		be_gone(dev);
	else
		be_idle(dev, env->now_us + SECOND_US);
}

size_t device_on_time(struct device *dev, struct device_env *env)
{
	if (env->now_us < dev->deadline_us)
		return 0;
	switch (dev->state) {
	case DEVICE_IDLE:
		return start_request(dev, env, DEVICE_REGISTERING);
	case DEVICE_REGISTERED:
		return start_request(dev, env, dev->leaving ? DEVICE_LEAVING : DEVICE_UPDATING);
	case DEVICE_GONE:
		dev->deadline_us = DEVICE_NEVER;
		return 0;
	default:
		break;
	}
	enum coap_exchange_verdict verdict =
		coap_exchange_on_time(&dev->exchange, &coap_params_default, env->now_us);
	dev->deadline_us = dev->exchange.deadline_us;
	if (verdict == COAP_EXCHANGE_RESEND) {
		env->counters->retransmissions++;
		return write_request(dev, env);
	}
	if (verdict == COAP_EXCHANGE_TIMEOUT) {
		env->counters->missing++;
		give_up(dev, env);
	}
	return 0;
}

size_t device_leave(struct device *dev, struct device_env *env)
{
	dev->leaving = true;
	if (dev->state == DEVICE_REGISTERED)
		return start_request(dev, env, DEVICE_LEAVING);
	if (dev->state == DEVICE_IDLE)
		be_gone(dev);
	return 0;
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

static void be_registered(struct device *dev, struct device_env *env, uint64_t in_us)
{
	dev->state = DEVICE_REGISTERED;
	dev->deadline_us = env->now_us + (dev->leaving ? 0 : in_us);
}

// The answer to the request under way.
static void on_answer(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	struct swarm_counters *n = env->counters;
	uint64_t interval_us = (uint64_t)env->opt->interval_s * SECOND_US;
	coap_exchange_on_response(&dev->exchange);
	histogram_add(env->latency, env->now_us - dev->sent_us);
	if (msg->code == COAP_SERVICE_UNAVAILABLE) {
		n->unavailable++;
		if (dev->leaving)
			be_gone(dev);
		else if (dev->state == DEVICE_REGISTERING)
			be_idle(dev, env->now_us + retry_after_us(msg));
		else
			be_registered(dev, env, retry_after_us(msg));
	} else if (dev->state == DEVICE_REGISTERING && msg->code == COAP_CREATED &&
		   take_location(dev, msg)) {
		n->registers++;
		// The first Update falls anywhere in the interval, so that a storm is not repeated.
		be_registered(dev, env, interval_us / 1000 * (env->random % 1000));
	} else if (dev->state == DEVICE_UPDATING && msg->code == COAP_CHANGED) {
		n->updates++;
		be_registered(dev, env, interval_us);
	} else if (dev->state == DEVICE_UPDATING && msg->code == COAP_NOT_FOUND &&
		   !env->opt->strict) {
		n->reregistrations++;
		be_idle(dev, env->now_us);
	} else if (dev->state == DEVICE_LEAVING && msg->code == COAP_DELETED) {
		n->deregisters++;
		be_gone(dev);
	} else {
		n->wrong++;
		give_up(dev, env);
	}
}

static bool parse_path(const struct coap_msg *msg, uint16_t path[static 4], unsigned *depth)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	*depth = 0;
	while (coap_opts_next(&it, &opt)) {
		uint32_t number = 0;
		if (opt.number != COAP_OPT_URI_PATH)
			continue;
		if (opt.len == 0 || opt.len > 5 || *depth == 4)
			return false;
		for (unsigned i = 0; i < opt.len; i++) {
			if (opt.value[i] < '0' || opt.value[i] > '9')
				return false;
			number = number * 10 + (opt.value[i] - '0');
		}
		if (number > UINT16_MAX)
			return false;
		path[(*depth)++] = (uint16_t)number;
	}
	return true;
}

static uint8_t read_path(struct device *dev, struct device_env *env, const struct coap_msg *msg,
			 int *format, uint8_t *buf, size_t cap, size_t *len)
{
	char endpoint[128];
	uint16_t path[4];
	unsigned depth;
	struct coap_opt opt;
	uint32_t accept;
	if (msg->code != COAP_GET)
		return COAP_METHOD_NOT_ALLOWED;
	if (!parse_path(msg, path, &depth))
		return COAP_NOT_FOUND;
	if (coap_msg_find_opt(msg, COAP_OPT_ACCEPT, &opt) && coap_opt_uint(&opt, &accept))
		*format = (int)accept;
	device_endpoint(dev, env->opt, endpoint);
	struct object_values values = {
		.endpoint = endpoint,
		.lifetime_s = env->opt->lifetime_s,
		.temperature = 20.0 + (dev->index + dev->reads * 7) % 100 / 10.0,
	};
	return object_read(&values, path, depth, format, buf, cap, len);
}

// The gateway asks. A repeated request must not see the temperature move: RFC 7252 section 4.5.
static size_t on_request(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	uint8_t payload[512];
	size_t len = 0;
	int format = -1;
	struct coap_writer w;
	if (!dev->asked || dev->asked_mid != msg->mid) {
		dev->asked = true;
		dev->asked_mid = msg->mid;
		dev->reads++;
		env->counters->reads++;
	}
	uint8_t code = read_path(dev, env, msg, &format, payload, sizeof(payload), &len);
	bool con = msg->type == COAP_CON;
	coap_write_begin(&w, env->out, DEVICE_DATAGRAM_MAX, con ? COAP_ACK : COAP_NON, code,
			 con ? msg->mid : (*env->next_mid)++, msg->token, msg->token_len);
	if (code == COAP_CONTENT) {
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
		coap_write_payload(&w, payload, len);
	}
	return coap_write_finish(&w);
}

static size_t write_empty(struct device_env *env, enum coap_type type, uint16_t mid)
{
	struct coap_writer w;
	coap_write_begin(&w, env->out, DEVICE_DATAGRAM_MAX, type, COAP_EMPTY, mid, NULL, 0);
	return coap_write_finish(&w);
}

static bool token_matches(const struct device *dev, const struct coap_msg *msg)
{
	const uint8_t *t = msg->token;
	return msg->token_len == 6 && (uint16_t)(t[4] << 8 | t[5]) == dev->mid;
}

size_t device_on_message(struct device *dev, struct device_env *env, const struct coap_msg *msg)
{
	bool waiting = dev->state == DEVICE_REGISTERING || dev->state == DEVICE_UPDATING ||
		       dev->state == DEVICE_LEAVING;
	if (msg->code != COAP_EMPTY && COAP_CODE_CLASS(msg->code) == 0)
		return on_request(dev, env, msg);
	if (msg->code == COAP_EMPTY && msg->type == COAP_CON) // a ping
		return write_empty(env, COAP_RST, msg->mid);
	if (msg->code == COAP_EMPTY) {
		if (!waiting || msg->mid != dev->mid) {
			env->counters->strays++;
		} else if (msg->type == COAP_RST) {
			env->counters->wrong++;
			give_up(dev, env);
		} else {
			coap_exchange_on_ack(&dev->exchange, &coap_params_default, env->now_us);
			dev->deadline_us = dev->exchange.deadline_us;
		}
		return 0;
	}
	if (waiting && token_matches(dev, msg))
		on_answer(dev, env, msg);
	else if (waiting && msg->type == COAP_ACK && msg->mid == dev->mid)
		env->counters->wrong++; // the right message id with somebody else's token
	else
		env->counters->strays++;
	return msg->type == COAP_CON ? write_empty(env, COAP_ACK, msg->mid) : 0;
}
