// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS sessions that outlive both processes. The dataplane says what a session is, whenever that
// changes; it is sealed, and acknowledged once on disk. A dataplane that comes gets them all, in
// order of worker and slot, as ring room allows; before the first it is on disk that it came
// (store/dtls_sessions.h). One that has written a session itself is asked only whether it still
// has it.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "control/link/state.h"
#include "control/log.h"
#include "control/metrics.h"
#include "control/security/credentials.h"
#include "control/security/seal.h"
#include "control/store/dtls_sessions.h"

LOG_TYPE("link");

#define SESSIONS_PER_STEP 8192u // some milliseconds

static_assert(CTL_DTLS_SESSION_SEALED == BRIDGE_DTLS_SESSION_BYTES + CTL_SEAL_OVERHEAD,
	      "a whole session is sealed");

// What is sealed belongs to this session, as it was written then.
struct place {
	uint64_t cid, credential, dataplanes;
};

static struct place place_of(const struct ctl_dtls_session *session)
{
	return (struct place){session->cid, session->credential, session->dataplanes};
}

static uint32_t worker_of(uint64_t cid)
{
	return (uint32_t)(cid >> 56);
}

enum link_verdict link_on_dtls_save(struct ctl_link *link, uint32_t worker,
				    const struct bridge_dtls_save *ev, uint32_t len)
{
	struct ctl_store *store = link->ctl->store;
	struct ctl_dtls_session *session;
	struct place place;

	if (len < sizeof(*ev) || worker_of(ev->cid) != worker)
		return LINK_MALFORMED;
	if (ctl_credentials_by_id(link->ctl->credentials, ev->credential) == NULL)
		return LINK_DONE; // removed just now; the session is about to end
	session = ctl_store_dtls_put(store, ev->cid);
	session->credential = ev->credential;
	place = place_of(session);
	if (!ctl_seal(ctl_credentials_seal(link->ctl->credentials), &place, sizeof(place),
		      ev->session, sizeof(ev->session), session->sealed))
		ctl_store_dtls_delete(store, ev->cid); // no randomness: as if it had not been kept
	ctl_counters.dtls_saved++;
	return LINK_DONE;
}

enum link_verdict link_on_dtls_end(struct ctl_link *link, uint32_t worker,
				   const struct bridge_dtls_session *ev, uint32_t len)
{
	if (len < sizeof(*ev) || worker_of(ev->cid) != worker)
		return LINK_MALFORMED;
	ctl_store_dtls_delete(link->ctl->store, ev->cid); // with whatever is written next
	return LINK_DONE;
}

static void on_counted(int err, void *arg)
{
	struct ctl_link *link = arg;

	link->dtls_waits--;
}

void link_dtls_begin(struct ctl_link *link)
{
	link->dtls_key = 0;
	link->dtls_handed = 0;
	ctl_store_dtls_dataplane(link->ctl->store, link->seg.header->dataplane_id);
	// Without one there is nothing to wait for, should the disk fail.
	link->dtls_done = !ctl_store_dtls_any(link->ctl->store);
	if (link->dtls_done)
		return;
	link->dtls_waits++;
	ctl_store_submit(link->ctl->store, on_counted, link);
}

// What it is asked for is in its memory, if anywhere.
static bool ask_for(struct bridge_ring *ring, uint64_t cid)
{
	struct bridge_dtls_session *cmd = (struct bridge_dtls_session *)bridge_ring_reserve(
		ring, BRIDGE_DTLS_KNOWN, sizeof(*cmd));

	if (cmd == NULL)
		return false;
	cmd->cid = cid;
	return true;
}

static bool hand_over(struct bridge_ring *ring, const struct ctl_dtls_session *session,
		      const struct ctl_credential *credential, uint32_t skipped,
		      const uint8_t bytes[static BRIDGE_DTLS_SESSION_BYTES])
{
	struct bridge_dtls_restore *cmd = (struct bridge_dtls_restore *)bridge_ring_reserve(
		ring, BRIDGE_DTLS_RESTORE, (uint32_t)(sizeof(*cmd) + credential->endpoint_len));

	if (cmd == NULL)
		return false;
	cmd->cid = session->cid;
	cmd->credential = session->credential;
	cmd->skipped = skipped;
	cmd->endpoint_len = credential->endpoint_len;
	memcpy(cmd->session, bytes, BRIDGE_DTLS_SESSION_BYTES);
	memcpy(cmd->endpoint, ctl_credential_endpoint(credential), credential->endpoint_len);
	return true;
}

enum { STEP_NO_ROOM = 1, STEP_ENOUGH };

// 0: done with it.
static int restore_one(const struct ctl_dtls_session *session, void *arg)
{
	struct ctl_link *link = arg;
	const struct ctl_credentials *credentials = link->ctl->credentials;
	const struct ctl_credential *credential =
		ctl_credentials_by_id(credentials, session->credential);
	uint32_t came = ctl_store_dtls_dataplanes(link->ctl->store);
	uint32_t worker = worker_of(session->cid);
	struct place place = place_of(session);
	uint8_t bytes[BRIDGE_DTLS_SESSION_BYTES];
	struct bridge_ring *ring;
	bool handed;

	if (link->dtls_handed == SESSIONS_PER_STEP)
		return STEP_ENOUGH;
	if (credential == NULL || worker >= link->seg.workers || session->dataplanes > came) {
		ctl_store_dtls_delete(link->ctl->store, session->cid);
		return 0;
	}
	ring = &link->seg.channels[worker].commands;
	if (bridge_ring_room(ring) <= LINK_COMMAND_RESERVE)
		return STEP_NO_ROOM;
	if (session->dataplanes == came) {
		handed = ask_for(ring, session->cid);
	} else if (ctl_unseal(ctl_credentials_seal(credentials), &place, sizeof(place),
			      session->sealed, sizeof(session->sealed), bytes)) {
		handed =
			hand_over(ring, session, credential, came - session->dataplanes - 1, bytes);
		explicit_bzero(bytes, sizeof(bytes));
	} else {
		LOG(error, "DTLS session %" PRIx64 " left out (tampered with on disk)",
		    session->cid);
		ctl_store_dtls_delete(link->ctl->store, session->cid);
		return 0;
	}
	link->dtls_handed += handed;
	return handed ? 0 : STEP_NO_ROOM;
}

bool link_dtls_restore_step(struct ctl_link *link)
{
	int ended;

	if (link->dtls_done)
		return true;
	if (link->dtls_waits > 0)
		return false;
	link->dtls_handed = 0;
	ended = ctl_store_dtls_after(link->ctl->store, &link->dtls_key, restore_one, link);
	ctl_counters.dtls_restored += link->dtls_handed;
	if (ended > 0 || ended == -EBUSY) // the store is being opened anew
		return false;
	if (ended < 0)
		LOG(error, "DTLS sessions, cannot be read (%s)", strerror(-ended));
	link->dtls_done = true;
	return true;
}
