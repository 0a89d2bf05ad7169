// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/observe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/served.h"

#define SECOND_US 1000000u

static bool number_of(const struct lwm2m_value *value, double *number)
{
	if (value == NULL)
		return false;
	switch (value->type) {
	case LWM2M_INTEGER:
	case LWM2M_TIME:
		*number = (double)value->integer;
		return true;
	case LWM2M_UNSIGNED_INTEGER:
		*number = (double)value->natural;
		return true;
	case LWM2M_FLOAT:
		*number = value->number;
		return true;
	default:
		return false;
	}
}

static void remember_value(struct device *dev, struct device_env *env, struct observation *o)
{
	char endpoint[DEVICE_ENDPOINT_MAX];
	struct store_context ctx = device_context(dev, env, endpoint);
	uint32_t at;
	if (o->paths_count != 1 || store_find(&dev->store, &o->paths[0], &at) != 1)
		return;
	struct lwm2m_value value = store_value(store_at(&dev->store, at), &ctx);
	number_of(&value, &o->last);
}

static struct observation *find(struct served *served, const struct coap_msg *msg)
{
	for (unsigned i = 0; i < OBSERVATIONS_MAX; i++) {
		struct observation *o = &served->observations[i];
		if (o->used && o->token_len == msg->token_len &&
		    memcmp(o->token, msg->token, msg->token_len) == 0)
			return o;
	}
	return NULL;
}

static uint8_t number(const struct served *served, const struct observation *o)
{
	return (uint8_t)(o - served->observations + 1);
}

static const char *token_text(const uint8_t *token, uint8_t len, char buf[static 17])
{
	for (uint8_t i = 0; i < len && i < 8; i++) {
		buf[2 * i] = "0123456789abcdef"[token[i] >> 4];
		buf[2 * i + 1] = "0123456789abcdef"[token[i] & 15];
	}
	buf[2 * len] = 0;
	return buf;
}

static void note(const struct device_env *env, const char *what, const struct observation *o)
{
	char path[LWM2M_PATH_TEXT_MAX], token[17];
	if (env->event == NULL)
		return;
	for (uint32_t i = 0; i < o->paths_count; i++) {
		lwm2m_path_format(&o->paths[i], path);
		device_note(env, "%s %s token %s", what, path,
			    token_text(o->token, o->token_len, token));
	}
}

bool observe_begin(struct device *dev, struct device_env *env, struct request *req,
		   const struct lwm2m_path *paths, uint32_t count)
{
	struct served *served = dev->served;
	struct observation *o = find(served, req->msg);
	for (unsigned i = 0; o == NULL && i < OBSERVATIONS_MAX; i++) {
		if (!served->observations[i].used)
			o = &served->observations[i];
	}
	if (o == NULL || count > OBSERVE_PATHS_MAX)
		return false;
	confirm_forget(served, number(served, o));
	*o = (struct observation){
		.used = true,
		.key = request_key(req->msg),
		.sent_us = env->now_us,
		.paths_count = count,
		.format = req->accept,
		.has_format = req->has_accept,
		.composite = req->msg->code == COAP_FETCH,
		.token_len = req->msg->token_len,
	};
	memcpy(o->paths, paths, count * sizeof(*paths));
	memcpy(o->token, req->msg->token, req->msg->token_len);
	remember_value(dev, env, o);
	req->answer_observe = true;
	req->sequence = ++served->sequence;
	note(env, "observe", o);
	return true;
}

void observe_cancel(struct device *dev, struct device_env *env, struct observation *o)
{
	if (!o->used)
		return;
	note(env, "cancelled", o);
	o->used = false;
	confirm_forget(dev->served, number(dev->served, o));
}

void observe_end(struct device *dev, struct device_env *env, const struct request *req)
{
	struct observation *o = find(dev->served, req->msg);
	if (o != NULL)
		observe_cancel(dev, env, o);
}

void observe_cancel_all(struct device *dev, struct device_env *env)
{
	for (unsigned i = 0; dev->served != NULL && i < OBSERVATIONS_MAX; i++)
		observe_cancel(dev, env, &dev->served->observations[i]);
}

bool observe_on_reset(struct device *dev, struct device_env *env, uint16_t mid)
{
	for (unsigned i = 0; i < OBSERVATIONS_MAX; i++) {
		struct observation *o = &dev->served->observations[i];
		if (o->used && o->mid == mid && o->mid != 0) {
			observe_cancel(dev, env, o);
			return true;
		}
	}
	return false;
}

static bool crosses(double limit, double before, double after)
{
	return (before <= limit) != (after <= limit);
}

// LwM2M core 1.1.1 section 5.1.2: with gt, lt or st a change counts only if one of them is met.
static bool worth(const struct attribute_set *set, double before, double after)
{
	const uint8_t conditions = 1u << GT | 1u << LT | 1u << ST;
	if ((set->present & conditions) == 0)
		return true;
	return (attribute_has(set, GT) && crosses(set->values[GT], before, after)) ||
	       (attribute_has(set, LT) && crosses(set->values[LT], before, after)) ||
	       (attribute_has(set, ST) && fabs(after - before) >= set->values[ST]);
}

static bool concerns(const struct observation *o, const struct lwm2m_path *path)
{
	for (uint32_t i = 0; i < o->paths_count; i++) {
		if (lwm2m_path_within(path, &o->paths[i]) || lwm2m_path_within(&o->paths[i], path))
			return true;
	}
	return false;
}

void observe_changed(struct device *dev, const struct lwm2m_path *path,
		     const struct lwm2m_value *before, const struct lwm2m_value *after)
{
	double was = 0, is = 0;
	if (dev->served == NULL)
		return;
	struct attribute_set set = attributes_effective(dev->served, path);
	bool numeric = number_of(before, &was) && number_of(after, &is);
	for (unsigned i = 0; i < OBSERVATIONS_MAX; i++) {
		struct observation *o = &dev->served->observations[i];
		if (!o->used || o->pending || !concerns(o, path))
			continue;
		bool single = o->paths_count == 1 && o->paths[0].depth >= 3;
		o->pending = !numeric || worth(&set, single ? o->last : was, is);
	}
}

// pmin and pmax of an observation, or the server's defaults /1/0/2 and /1/0/3.
static double period(const struct device *dev, const struct observation *o, enum attribute which)
{
	struct attribute_set set = attributes_effective(dev->served, &o->paths[0]);
	struct lwm2m_path path = {.ids = {1, 0, which == PMIN ? 2 : 3}, .depth = 3};
	uint32_t at;
	if (attribute_has(&set, which))
		return set.values[which];
	if (store_find(&dev->store, &path, &at) != 1)
		return 0;
	return (double)store_at(&dev->store, at)->value.integer;
}

static uint64_t due_us(const struct device *dev, const struct observation *o)
{
	double pmin, pmax;
	if (!o->used || o->unconfirmed)
		return DEVICE_NEVER;
	pmin = period(dev, o, PMIN);
	pmax = period(dev, o, PMAX);
	if (o->pending)
		return o->sent_us + (uint64_t)(pmin * SECOND_US);
	// A pmax of 0 or below pmin does not hold.
	return pmax > 0 && pmax >= pmin ? o->sent_us + (uint64_t)(pmax * SECOND_US) : DEVICE_NEVER;
}

uint64_t observe_deadline(const struct device *dev)
{
	uint64_t first = DEVICE_NEVER;
	for (unsigned i = 0; i < OBSERVATIONS_MAX; i++) {
		uint64_t at = due_us(dev, &dev->served->observations[i]);
		first = at < first ? at : first;
	}
	return first;
}

// The request that began the observation, as far as answering it again needs it.
static void render(struct device *dev, struct device_env *env, struct observation *o,
		   struct request *req)
{
	req->path = o->paths[0];
	req->has_accept = o->has_format;
	req->accept = o->format;
	req->code = observe_read(dev, env, req, o->paths, o->composite ? o->paths_count : 0);
	req->answer_observe = COAP_CODE_CLASS(req->code) == 2;
	req->sequence = ++dev->served->sequence;
}

static void send(struct device *dev, struct device_env *env, struct observation *o,
		 const struct request *req)
{
	uint8_t buf[DEVICE_DATAGRAM_MAX];
	bool con = env->config->confirmable;
	uint16_t mid = (*env->next_mid)++;
	struct coap_writer w;
	coap_write_begin(&w, buf, sizeof(buf), con ? COAP_CON : COAP_NON, req->code, mid, o->token,
			 o->token_len);
	blocks_write(dev, env, req, o->key, &w);
	size_t len = coap_write_finish(&w);
	env->counters->notifications++;
	o->pending = false;
	o->sent_us = env->now_us;
	o->mid = con ? 0 : mid;
	remember_value(dev, env, o);
	if (!con)
		device_transmit(dev, env, buf, len);
	else
		o->unconfirmed =
			confirm_add(dev, env, buf, len, mid, env->now_us, number(dev->served, o));
	note(env, "notified", o);
}

static void notify(struct device *dev, struct device_env *env, struct observation *o)
{
	struct coap_msg none = {.code = o->composite ? COAP_FETCH : COAP_GET, .options = o->token};
	struct request req = {.msg = &none};
	uint8_t *room = malloc(REQUEST_BODY_MAX + REQUEST_ARENA_MAX);
	if (room == NULL)
		return;
	req.body = room;
	req.arena = lwm2m_arena_begin(room + REQUEST_BODY_MAX, REQUEST_ARENA_MAX);
	render(dev, env, o, &req);
	send(dev, env, o, &req);
	// RFC 7641 section 4.2: an error ends the observation.
	if (COAP_CODE_CLASS(req.code) != 2)
		o->used = false;
	free(room);
}

void observe_on_time(struct device *dev, struct device_env *env)
{
	for (unsigned i = 0; dev->state == DEVICE_REGISTERED && i < OBSERVATIONS_MAX; i++) {
		struct observation *o = &dev->served->observations[i];
		if (due_us(dev, o) <= env->now_us)
			notify(dev, env, o);
	}
}
