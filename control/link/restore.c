// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Handing every registration to a dataplane that just came: in order of key, as ring room allows, a
// bounded number per turn of the loop.
#include <string.h>

#include "control/link/state.h"
#include "control/metrics.h"
#include "control/registry.h"
#include "control/security/credentials.h"

// Per turn: some milliseconds.
#define RECORDS_PER_STEP 16384u

// At least the whole struct: a short name ends within its padding.
static uint32_t restore_bytes(uint32_t endpoint_len)
{
	uint32_t len = (uint32_t)offsetof(struct bridge_restore, endpoint) + endpoint_len;

	return len < sizeof(struct bridge_restore) ? (uint32_t)sizeof(struct bridge_restore) : len;
}

// A device that came by DTLS is let in by the credential that its endpoint has now; when that was
// taken away, by none.
static uint64_t credential_of(const struct ctl_link *link, const struct ctl_record *rec)
{
	const struct ctl_credential *credential;

	if (!rec->secure)
		return 0;
	credential = ctl_credentials_of(link->ctl->credentials, ctl_record_endpoint(rec),
					rec->endpoint_len);
	return credential != NULL ? credential->id : UINT64_MAX;
}

static bool restore_one(struct ctl_link *link, const struct ctl_reg *reg)
{
	const struct ctl_record *rec = reg->record;
	struct bridge_ring *ring =
		&link->seg.channels[link_worker_of(link, rec->location)].commands;
	struct bridge_restore *cmd;

	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return false;
	cmd = (struct bridge_restore *)bridge_ring_reserve(ring, BRIDGE_RESTORE,
							   restore_bytes(rec->endpoint_len));
	if (cmd == NULL)
		return false;
	cmd->location = rec->location;
	cmd->peer = rec->peer;
	cmd->credential = credential_of(link, rec);
	cmd->lifetime_s = rec->lifetime_s;
	// The whole lifetime once more: what the device sent while nobody counted is not known, and
	// a restart must never expire a device that is alive.
	cmd->remaining_s = rec->lifetime_s;
	cmd->version = rec->lwm2m_version;
	cmd->binding = rec->binding;
	cmd->queue_mode = rec->queue_mode;
	cmd->endpoint_len = (uint8_t)rec->endpoint_len;
	memcpy(cmd->endpoint, ctl_record_endpoint(rec), rec->endpoint_len);
	return true;
}

static void end_send(struct ctl_link *link)
{
	// The reserve of each ring has room for one record more.
	for (uint32_t w = 0; w < link->seg.workers; w++)
		if (bridge_ring_reserve(&link->seg.channels[w].commands, BRIDGE_RESTORE_END,
					sizeof(struct bridge_record)) == NULL)
			link->doomed = true;
}

bool link_restore_step(struct ctl_link *link)
{
	const struct ctl_registry *registry = link->ctl->registry;
	const struct ctl_reg *reg = ctl_registry_after(registry, link->restored_key);
	uint32_t records = 0;
	bool done;

	while (reg != NULL && records < RECORDS_PER_STEP && restore_one(link, reg)) {
		link->restored_key = reg->key;
		records++;
		reg = ctl_registry_next(registry, reg);
	}
	ctl_counters.restored += records;
	done = reg == NULL && link_dtls_restore_step(link);
	if (done)
		end_send(link);
	for (uint32_t w = 0; w < link->seg.workers; w++)
		link_publish(link, w);
	return done;
}
