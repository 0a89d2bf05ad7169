// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/queue/waiting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define BUCKETS_MIN 64u
#define HEAP_MIN    64u

static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Names come from outside: nobody may aim at one chain.
static uint64_t hash_name(const struct waiting *waiting, const char *name, size_t len)
{
	uint64_t h = waiting->seed[0] ^ len;

	for (size_t i = 0; i < len; i++)
		h = mix(h ^ (uint8_t)name[i], waiting->seed[1]);
	return mix(h ^ waiting->seed[0], waiting->seed[1]);
}

int waiting_init(struct waiting *waiting)
{
	*waiting = (struct waiting){.mask = BUCKETS_MIN - 1};
	if (getrandom(waiting->seed, sizeof(waiting->seed), 0) != sizeof(waiting->seed))
		return -EIO;
	waiting->seed[1] |= 1; // a multiplier
	waiting->buckets = calloc(BUCKETS_MIN, sizeof(struct waiting_endpoint *));
	return waiting->buckets == NULL ? -ENOMEM : 0;
}

static void op_free(struct waiting_op *op)
{
	free(op->block);
	free(op->response);
	free(op->paths);
	free(op);
}

void waiting_fini(struct waiting *waiting)
{
	struct waiting_endpoint *endpoint = waiting_next(waiting, NULL), *next;
	struct waiting_op *op;

	for (; endpoint != NULL; endpoint = next) {
		next = waiting_next(waiting, endpoint);
		while ((op = endpoint->first) != NULL) {
			endpoint->first = op->next;
			op_free(op);
		}
		free(endpoint);
	}
	free(waiting->buckets);
	free(waiting->heap);
	*waiting = (struct waiting){0};
}

struct waiting_endpoint *waiting_find(const struct waiting *waiting, const char *name, size_t len)
{
	uint64_t hash = hash_name(waiting, name, len);
	struct waiting_endpoint *endpoint = waiting->buckets[hash & waiting->mask];

	while (endpoint != NULL && (endpoint->hash != hash || endpoint->name_len != len ||
				    memcmp(endpoint->name, name, len) != 0))
		endpoint = endpoint->next;
	return endpoint;
}

struct waiting_endpoint *waiting_next(const struct waiting *waiting,
				      const struct waiting_endpoint *after)
{
	size_t bucket = 0;

	if (waiting->buckets == NULL || (after != NULL && after->next != NULL))
		return after != NULL ? after->next : NULL;
	if (after != NULL)
		bucket = (after->hash & waiting->mask) + 1;
	for (; bucket <= waiting->mask; bucket++)
		if (waiting->buckets[bucket] != NULL)
			return waiting->buckets[bucket];
	return NULL;
}

// Without memory the chains grow longer instead.
static void buckets_grow(struct waiting *waiting)
{
	size_t mask = waiting->mask * 2 + 1;
	struct waiting_endpoint **buckets = calloc(mask + 1, sizeof(*buckets));

	if (buckets == NULL)
		return;
	for (size_t i = 0; i <= waiting->mask; i++) {
		struct waiting_endpoint *endpoint = waiting->buckets[i], *next;

		for (; endpoint != NULL; endpoint = next) {
			next = endpoint->next;
			endpoint->next = buckets[endpoint->hash & mask];
			buckets[endpoint->hash & mask] = endpoint;
		}
	}
	free(waiting->buckets);
	waiting->buckets = buckets;
	waiting->mask = mask;
}

static struct waiting_endpoint *endpoint_get(struct waiting *waiting, const char *name, size_t len)
{
	struct waiting_endpoint *endpoint = waiting_find(waiting, name, len);
	struct waiting_endpoint **bucket;

	if (endpoint != NULL)
		return endpoint;
	endpoint = calloc(1, sizeof(*endpoint) + len);
	if (endpoint == NULL)
		return NULL;
	if (waiting->endpoints > waiting->mask)
		buckets_grow(waiting);
	endpoint->hash = hash_name(waiting, name, len);
	endpoint->name_len = (uint16_t)len;
	memcpy(endpoint->name, name, len);
	bucket = &waiting->buckets[endpoint->hash & waiting->mask];
	endpoint->next = *bucket;
	*bucket = endpoint;
	waiting->endpoints++;
	return endpoint;
}

static void endpoint_drop_empty(struct waiting *waiting, struct waiting_endpoint *endpoint)
{
	struct waiting_endpoint **at = &waiting->buckets[endpoint->hash & waiting->mask];

	if (endpoint->first != NULL)
		return;
	while (*at != endpoint)
		at = &(*at)->next;
	*at = endpoint->next;
	waiting->endpoints--;
	free(endpoint);
}

static void heap_set(struct waiting *waiting, size_t at, struct waiting_op *op)
{
	waiting->heap[at] = op;
	op->heap_at = at;
}

static void heap_up(struct waiting *waiting, size_t at, struct waiting_op *op)
{
	for (; at > 0 && waiting->heap[(at - 1) / 2]->expires_ms > op->expires_ms;
	     at = (at - 1) / 2)
		heap_set(waiting, at, waiting->heap[(at - 1) / 2]);
	heap_set(waiting, at, op);
}

static void heap_down(struct waiting *waiting, size_t at, struct waiting_op *op)
{
	size_t child;

	while ((child = 2 * at + 1) < waiting->heap_len) {
		if (child + 1 < waiting->heap_len &&
		    waiting->heap[child + 1]->expires_ms < waiting->heap[child]->expires_ms)
			child++;
		if (waiting->heap[child]->expires_ms >= op->expires_ms)
			break;
		heap_set(waiting, at, waiting->heap[child]);
		at = child;
	}
	heap_set(waiting, at, op);
}

static bool heap_add(struct waiting *waiting, struct waiting_op *op)
{
	if (waiting->heap_len == waiting->heap_cap) {
		size_t cap = waiting->heap_cap == 0 ? HEAP_MIN : waiting->heap_cap * 2;
		struct waiting_op **heap = realloc(waiting->heap, cap * sizeof(*heap));

		if (heap == NULL)
			return false;
		waiting->heap = heap;
		waiting->heap_cap = cap;
	}
	heap_up(waiting, waiting->heap_len++, op);
	return true;
}

static void heap_remove(struct waiting *waiting, struct waiting_op *op)
{
	size_t at = op->heap_at;
	struct waiting_op *moved;

	if (at == WAITING_NOWHERE)
		return;
	op->heap_at = WAITING_NOWHERE;
	moved = waiting->heap[--waiting->heap_len];
	if (moved == op)
		return;
	if (at > 0 && waiting->heap[(at - 1) / 2]->expires_ms > moved->expires_ms)
		heap_up(waiting, at, moved);
	else
		heap_down(waiting, at, moved);
}

struct waiting_op *waiting_add(struct waiting *waiting, const char *name, size_t len, uint64_t id,
			       uint64_t expires_ms)
{
	struct waiting_op *op = calloc(1, sizeof(*op));
	struct waiting_endpoint *endpoint = op != NULL ? endpoint_get(waiting, name, len) : NULL;

	if (endpoint == NULL) {
		free(op);
		return NULL;
	}
	op->id = id;
	op->expires_ms = expires_ms;
	if (!heap_add(waiting, op)) {
		free(op);
		endpoint_drop_empty(waiting, endpoint);
		return NULL;
	}
	op->endpoint = endpoint;
	op->prev = endpoint->last;
	*(endpoint->last != NULL ? &endpoint->last->next : &endpoint->first) = op;
	endpoint->last = op;
	endpoint->count++;
	waiting->count++;
	return op;
}

void waiting_end(struct waiting *waiting, struct waiting_op *op)
{
	if (op->state == WAITING_ENDED)
		return;
	op->state = WAITING_ENDED;
	heap_remove(waiting, op);
	op->endpoint->count--;
	waiting->count--;
}

void waiting_remove(struct waiting *waiting, struct waiting_op *op)
{
	struct waiting_endpoint *endpoint = op->endpoint;

	waiting_end(waiting, op);
	*(op->prev != NULL ? &op->prev->next : &endpoint->first) = op->next;
	*(op->next != NULL ? &op->next->prev : &endpoint->last) = op->prev;
	op_free(op);
	endpoint_drop_empty(waiting, endpoint);
}

struct waiting_op *waiting_expired(struct waiting *waiting, uint64_t now_ms)
{
	struct waiting_op *op = waiting->heap_len > 0 ? waiting->heap[0] : NULL;

	if (op == NULL || op->expires_ms > now_ms)
		return NULL;
	heap_remove(waiting, op);
	return op;
}

uint64_t waiting_next_ms(const struct waiting *waiting)
{
	return waiting->heap_len > 0 ? waiting->heap[0]->expires_ms : UINT64_MAX;
}
