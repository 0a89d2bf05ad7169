// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Whose identity a DTLS handshake shows: asked by the worker that holds it, answered from memory.
// The number of answers per second is bounded, so that a flood of handshakes leaves the loop to
// those who are in; what is not answered, the worker gives up after some seconds.
#include <errno.h>
#include <string.h>

#include "control/link/state.h"
#include "control/metrics.h"
#include "control/security/credentials.h"
#include "control/security/public_key.h"

#define QUERIES_PER_S    50000u
#define CERTIFICATE_COST 16u // what one counts as: it is parsed, unlike the name of a key

static_assert((int)CTL_CREDENTIAL_PSK == (int)BRIDGE_CREDENTIAL_PSK &&
		      (int)CTL_CREDENTIAL_RPK == (int)BRIDGE_CREDENTIAL_RPK &&
		      (int)CTL_CREDENTIAL_X509 == (int)BRIDGE_CREDENTIAL_X509,
	      "kinds of queries are modes of credentials");

static bool may_answer(struct ctl_link *link, uint32_t kind)
{
	uint64_t now_ms = uv_now(link->ctl->loop);
	uint32_t cost = kind == BRIDGE_CREDENTIAL_X509 ? CERTIFICATE_COST : 1;

	if (now_ms - link->queries_since_ms >= 1000) {
		link->queries_since_ms = now_ms;
		link->queries = 0;
	}
	if (link->queries + cost > QUERIES_PER_S)
		return false;
	link->queries += cost;
	return true;
}

static struct bridge_credential *answer_reserve(struct ctl_link *link, uint32_t worker,
						size_t bytes)
{
	struct bridge_ring *ring = &link->seg.channels[worker].commands;

	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return NULL;
	return (struct bridge_credential *)bridge_ring_reserve(
		ring, BRIDGE_CREDENTIAL, (uint32_t)(sizeof(struct bridge_credential) + bytes));
}

static uint32_t until_of(const struct bridge_credential_query *ev)
{
	return ev->kind == BRIDGE_CREDENTIAL_X509 ? ctl_certificate_until(ev->id, ev->id_len) : 0;
}

static bool answer(struct ctl_link *link, uint32_t worker, const struct bridge_credential_query *ev,
		   const struct ctl_credential *credential)
{
	bool with_key = credential != NULL && ev->kind == BRIDGE_CREDENTIAL_PSK;
	size_t key_len = with_key ? credential->key_len : 0;
	size_t endpoint_len = credential != NULL ? credential->endpoint_len : 0;
	struct bridge_credential *cmd = answer_reserve(link, worker, key_len + endpoint_len);

	if (cmd == NULL)
		return false;
	cmd->query = ev->query;
	cmd->verdict = credential == NULL;
	cmd->kind = ev->kind;
	cmd->credential = credential != NULL ? credential->id : 0;
	cmd->key_len = (uint16_t)key_len;
	cmd->endpoint_len = (uint16_t)endpoint_len;
	cmd->until_s = credential != NULL ? until_of(ev) : 0;
	if (credential != NULL) {
		memcpy(cmd->bytes, ctl_credential_key(credential), key_len);
		memcpy(cmd->bytes + key_len, ctl_credential_endpoint(credential), endpoint_len);
	}
	link_publish(link, worker);
	return true;
}

static const struct ctl_credential *identify(const struct ctl_credentials *credentials,
					     const struct bridge_credential_query *ev)
{
	uint64_t id;

	if (ev->kind != BRIDGE_CREDENTIAL_AGAIN)
		return ctl_credentials_identify(credentials, (enum ctl_credential_mode)ev->kind,
						ev->id, ev->id_len);
	if (ev->id_len != sizeof(id))
		return NULL;
	memcpy(&id, ev->id, sizeof(id));
	return ctl_credentials_by_id(credentials, id);
}

enum link_verdict link_on_credential_query(struct ctl_link *link, uint32_t worker,
					   const struct bridge_credential_query *ev, uint32_t len)
{
	const struct ctl_credential *credential;

	if (len < sizeof(*ev) || ev->id_len > len - sizeof(*ev) ||
	    ev->kind < BRIDGE_CREDENTIAL_PSK || ev->kind > BRIDGE_CREDENTIAL_AGAIN)
		return LINK_MALFORMED;
	if (!may_answer(link, ev->kind)) {
		ctl_counters.identities_unanswered++;
		return LINK_DONE;
	}
	credential = identify(link->ctl->credentials, ev);
	if (!answer(link, worker, ev, credential))
		ctl_counters.identities_unanswered++;
	else if (credential != NULL)
		ctl_counters.identities_known++;
	else
		ctl_counters.identities_unknown++;
	return LINK_DONE;
}

// To every worker: any of them may hold a session of it.
static int command_all(struct ctl_link *link, uint16_t type, uint64_t credential, uint32_t bytes)
{
	if (link->state != CTL_LINK_READY)
		return -ENOTCONN;
	for (uint32_t w = 0; w < link->seg.workers; w++)
		if (bridge_ring_room(&link->seg.channels[w].commands) <= LINK_COMMAND_RESERVE)
			return -EAGAIN;
	for (uint32_t w = 0; w < link->seg.workers; w++) {
		struct bridge_record *cmd =
			bridge_ring_reserve(&link->seg.channels[w].commands, type, bytes);

		if (cmd == NULL)
			return -EAGAIN;
		if (type == BRIDGE_CREDENTIAL_GONE)
			((struct bridge_credential_gone *)cmd)->credential = credential;
		link_publish(link, w);
	}
	return 0;
}

int ctl_link_credential_gone(struct ctl_link *link, uint64_t credential)
{
	return command_all(link, BRIDGE_CREDENTIAL_GONE, credential,
			   sizeof(struct bridge_credential_gone));
}

int ctl_link_credentials_reload(struct ctl_link *link)
{
	return command_all(link, BRIDGE_CREDENTIALS_RELOAD, 0, sizeof(struct bridge_record));
}
