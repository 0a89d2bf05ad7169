// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/state/neighbour.h"

#include <string.h>

#define ASK_INTERVAL_US 1000000u

struct key {
	uint64_t addr[2];
	uint8_t port;
	uint32_t hash;
};

static struct key make_key(uint8_t port, const uint8_t addr[static 16])
{
	struct key k = {.port = port};

	memcpy(k.addr, addr, 16);
	// Not keyed: whoever can fill this cache is on the link and can lie in ARP at less expense.
	uint64_t h = (k.addr[0] ^ port) * 0x9e3779b97f4a7c15u;
	h = (h ^ (h >> 32) ^ k.addr[1]) * 0xbf58476d1ce4e5b9u;
	k.hash = (uint32_t)(h >> 32);
	return k;
}

static const struct dp_neighbour *set_of(const struct dp_neighbours *nb, const struct key *k)
{
	return &nb->entries[k->hash % (DP_NEIGHBOURS / DP_NEIGHBOUR_WAYS) * DP_NEIGHBOUR_WAYS];
}

static bool matches(const struct dp_neighbour *e, const struct key *k, uint64_t *mac_port)
{
	uint64_t before = atomic_load_explicit(&e->seq, memory_order_acquire);

	if (before == 0 || before % 2)
		return false;
	// Acquire, so that seq is read again after them.
	uint64_t lo = atomic_load_explicit(&e->addr[0], memory_order_acquire);
	uint64_t hi = atomic_load_explicit(&e->addr[1], memory_order_acquire);
	*mac_port = atomic_load_explicit(&e->mac_port, memory_order_acquire);
	return lo == k->addr[0] && hi == k->addr[1] && *mac_port >> 48 == k->port &&
	       atomic_load_explicit(&e->seq, memory_order_relaxed) == before;
}

static void write_entry(struct dp_neighbour *e, const struct key *k, uint64_t mac_port)
{
	uint64_t seq = atomic_load_explicit(&e->seq, memory_order_relaxed);

	atomic_store_explicit(&e->seq, seq + 1, memory_order_relaxed);
	// Release, so that the odd number is seen before any of them.
	atomic_store_explicit(&e->addr[0], k->addr[0], memory_order_release);
	atomic_store_explicit(&e->addr[1], k->addr[1], memory_order_release);
	atomic_store_explicit(&e->mac_port, mac_port, memory_order_release);
	atomic_store_explicit(&e->seq, seq + 2, memory_order_release);
}

void dp_neighbour_learn(struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
			const uint8_t mac[static 6])
{
	struct key k = make_key(port, addr);
	struct dp_neighbour *set = &nb->entries[set_of(nb, &k) - nb->entries];
	struct dp_neighbour *to = NULL;
	uint64_t mac_port = 0, old;

	memcpy(&mac_port, mac, 6);
	mac_port |= (uint64_t)port << 48;
	for (uint32_t i = 0; i < DP_NEIGHBOUR_WAYS; i++) {
		if (matches(&set[i], &k, &old)) {
			if (old != mac_port)
				write_entry(&set[i], &k, mac_port);
			return;
		}
		if (!to && atomic_load_explicit(&set[i].seq, memory_order_relaxed) == 0)
			to = &set[i];
	}
	write_entry(to ? to : &set[nb->next_way++ % DP_NEIGHBOUR_WAYS], &k, mac_port);
}

bool dp_neighbour_find(const struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
		       uint8_t mac[static 6])
{
	struct key k = make_key(port, addr);
	const struct dp_neighbour *set = set_of(nb, &k);
	uint64_t mac_port;

	for (uint32_t i = 0; i < DP_NEIGHBOUR_WAYS; i++) {
		if (matches(&set[i], &k, &mac_port)) {
			memcpy(mac, &mac_port, 6);
			return true;
		}
	}
	return false;
}

bool dp_neighbour_may_ask(struct dp_neighbours *nb, uint8_t port, const uint8_t addr[static 16],
			  uint64_t now_us)
{
	struct key k = make_key(port, addr);
	uint64_t *asked = &nb->asked_us[k.hash % DP_NEIGHBOUR_ASKS];

	if (*asked != 0 && now_us - *asked < ASK_INTERVAL_US)
		return false;
	*asked = now_us;
	return true;
}
