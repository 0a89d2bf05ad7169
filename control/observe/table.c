// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control/observe/state.h"
#include "dataplane/bridge/proto.h"

#define BUCKETS_MIN 256u

int observe_table_init(struct ctl_observations *observations)
{
	observations->buckets = calloc(BUCKETS_MIN, sizeof(struct observed *));
	observations->mask = BUCKETS_MIN - 1;
	return observations->buckets != NULL ? 0 : -ENOMEM;
}

static void observed_free(struct observed *observed)
{
	struct ctl_observation *observation;

	while ((observation = observed->first) != NULL) {
		observed->first = observation->next;
		free(observation);
	}
	free(observed);
}

void observe_table_clear(struct ctl_observations *observations)
{
	for (size_t i = 0; observations->buckets != NULL && i <= observations->mask; i++) {
		struct observed *observed;

		while ((observed = observations->buckets[i]) != NULL) {
			observations->buckets[i] = observed->next;
			observed_free(observed);
		}
	}
	observations->endpoints = observations->count = 0;
}

struct observed *observed_find(const struct ctl_observations *observations, uint64_t hash,
			       const char *endpoint, size_t len)
{
	struct observed *observed = observations->buckets[hash & observations->mask];

	while (observed != NULL && (observed->hash != hash || observed->endpoint_len != len ||
				    memcmp(observed->endpoint, endpoint, len) != 0))
		observed = observed->next;
	return observed;
}

struct observed *observed_of(const struct ctl_observations *observations, const struct ctl_reg *reg)
{
	return observed_find(observations, reg->endpoint_hash, ctl_record_endpoint(reg->record),
			     reg->record->endpoint_len);
}

void ctl_observations_prefetch(const struct ctl_observations *observations,
			       const struct ctl_reg *reg, unsigned step)
{
	struct observed **bucket;

	if (reg == NULL)
		return;
	bucket = &observations->buckets[reg->endpoint_hash & observations->mask];
	if (step == 0)
		__builtin_prefetch(bucket);
	else if (*bucket != NULL)
		__builtin_prefetch(step == 1 ? (void *)*bucket : (void *)(*bucket)->first);
}

// Without memory for more buckets the chains grow longer; that is all.
static void buckets_grow(struct ctl_observations *observations)
{
	size_t mask = observations->mask * 2 + 1;
	struct observed **buckets = calloc(mask + 1, sizeof(struct observed *));

	if (buckets == NULL)
		return;
	for (size_t i = 0; i <= observations->mask; i++) {
		struct observed *observed;

		while ((observed = observations->buckets[i]) != NULL) {
			observations->buckets[i] = observed->next;
			observed->next = buckets[observed->hash & mask];
			buckets[observed->hash & mask] = observed;
		}
	}
	free(observations->buckets);
	observations->buckets = buckets;
	observations->mask = mask;
}

struct observed *observed_get(struct ctl_observations *observations, const char *endpoint,
			      size_t len)
{
	uint64_t hash = ctl_registry_hash(observations->ctl->registry, endpoint, len);
	struct observed *observed = observed_find(observations, hash, endpoint, len);

	if (observed != NULL)
		return observed;
	observed = calloc(1, sizeof(*observed) + len);
	if (observed == NULL)
		return NULL;
	if (observations->endpoints > observations->mask)
		buckets_grow(observations);
	observed->hash = hash;
	observed->endpoint_len = (uint32_t)len;
	memcpy(observed->endpoint, endpoint, len);
	// Not from 0 after every start: what a device was asked for last, and control forgot when
	// it was killed, must not be taken for something else.
	if (getrandom(&observed->number, sizeof(observed->number), GRND_NONBLOCK) < 0)
		observed->number = (uint32_t)hash;
	observed->next = observations->buckets[hash & observations->mask];
	observations->buckets[hash & observations->mask] = observed;
	observations->endpoints++;
	return observed;
}

void observed_put(struct ctl_observations *observations, struct observed *observed)
{
	struct observed **at = &observations->buckets[observed->hash & observations->mask];

	if (observed->first != NULL || observed->setup != NULL)
		return;
	while (*at != observed)
		at = &(*at)->next;
	*at = observed->next;
	observations->endpoints--;
	free(observed);
}

// At the end: they are set up again in the order they were asked for.
struct ctl_observation *observation_add(struct ctl_observations *observations,
					struct observed *observed, const struct lwm2m_path *paths,
					uint32_t count, bool composite)
{
	size_t bytes = count * sizeof(struct lwm2m_path);
	struct ctl_observation *observation = calloc(1, sizeof(*observation) + bytes);
	struct ctl_observation **at = &observed->first;

	if (observation == NULL)
		return NULL;
	assert(count > 0 && count <= CTL_PATHS_MAX);
	observation->composite = composite;
	observation->paths_count = (uint8_t)count;
	observation->accept = observation->format = CTL_FORMAT_ANY;
	for (uint32_t i = 0; i < count; i++) { // member by member: no stray bytes reach the disk
		memcpy(observation->paths[i].ids, paths[i].ids, sizeof(paths[i].ids));
		observation->paths[i].depth = paths[i].depth;
	}
	while (*at != NULL)
		at = &(*at)->next;
	*at = observation;
	observations->count++;
	return observation;
}

void observation_remove(struct ctl_observations *observations, struct observed *observed,
			struct ctl_observation *observation)
{
	struct ctl_observation **at = &observed->first;

	while (*at != observation)
		at = &(*at)->next;
	*at = observation->next;
	observations->count--;
	free(observation);
}

struct ctl_observation *observation_by_token(const struct observed *observed, uint64_t token)
{
	struct ctl_observation *observation = observed->first;

	while (observation != NULL && observation->token != token)
		observation = observation->next;
	return observation;
}

static bool has_path(const struct lwm2m_path *paths, uint32_t count, const struct lwm2m_path *path)
{
	for (uint32_t i = 0; i < count; i++)
		if (paths[i].depth == path->depth &&
		    memcmp(paths[i].ids, path->ids, path->depth * sizeof(path->ids[0])) == 0)
			return true;
	return false;
}

static bool paths_are_same(const struct ctl_observation *observation,
			   const struct lwm2m_path *paths, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (!has_path(observation->paths, observation->paths_count, &paths[i]))
			return false;
	for (uint32_t i = 0; i < observation->paths_count; i++)
		if (!has_path(paths, count, &observation->paths[i]))
			return false;
	return true;
}

struct ctl_observation *observation_same(const struct observed *observed,
					 const struct ctl_observation *after,
					 const struct lwm2m_path *paths, uint32_t count,
					 bool composite)
{
	struct ctl_observation *observation = after != NULL ? after->next : observed->first;

	while (observation != NULL &&
	       (observation->composite != composite || !paths_are_same(observation, paths, count)))
		observation = observation->next;
	return observation;
}

uint64_t observation_token(struct observed *observed, uint64_t location)
{
	for (uint32_t i = 0; i < BRIDGE_OBSERVATIONS_MAX; i++) {
		uint64_t token = BRIDGE_OBSERVE_TOKEN(location, observed->number++);

		if (observation_by_token(observed, token) == NULL)
			return token;
	}
	return 0;
}
