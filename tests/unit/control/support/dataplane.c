// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/unit/control/support/dataplane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lwm2m/coap/msg.h"

#define MUST(expression)                                                                 \
	do {                                                                             \
		if (!(expression)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #expression); \
			abort();                                                         \
		}                                                                        \
	} while (0)

void fake_start(struct fake_dataplane *dp, const char *state)
{
	memset(dp, 0, sizeof(*dp));
	dp->conn_fd = -1;
	snprintf(dp->path, sizeof(dp->path), "%s/bridge.sock", state);
	MUST((dp->listen_fd = bridge_listen(dp->path)) >= 0);
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		MUST((dp->bells[w] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) >= 0);
}

void fake_hang_up(struct fake_dataplane *dp)
{
	if (dp->conn_fd < 0)
		return;
	close(dp->conn_fd);
	dp->conn_fd = -1;
	bridge_segment_close(&dp->seg);
}

void fake_stop(struct fake_dataplane *dp)
{
	fake_hang_up(dp);
	close(dp->listen_fd);
	unlink(dp->path);
	for (uint32_t w = 0; w < FAKE_WORKERS; w++)
		close(dp->bells[w]);
}

static void attach(struct fake_dataplane *dp, int fd)
{
	char why[160];

	fake_hang_up(dp);
	MUST(bridge_segment_create(&dp->seg, FAKE_WORKERS, dp->bells, 1000000000u) == 0);
	dp->seg.header->dataplane_id = dp->id;
	if (bridge_serve(fd, &dp->seg, why) != 0) {
		bridge_segment_close(&dp->seg);
		close(fd);
		return;
	}
	dp->conn_fd = fd;
	dp->attaches++;
	dp->restored = dp->restore_ends = 0;
	memset(dp->seq, 0, sizeof(dp->seq));
	memset(dp->committed, 0, sizeof(dp->committed));
	memset(dp->held, 0, sizeof(dp->held));
}

static void on_reject(struct fake_dataplane *dp, uint32_t w, const struct bridge_commit *cmd)
{
	uint32_t i = dp->rejects_count++ % FAKE_REJECTS_MAX;

	MUST(cmd->seq > dp->committed[w]); // comes before the commit that covers it
	dp->rejects[i].seq = cmd->seq;
	dp->rejects[i].worker = w;
	dp->rejects[i].code = cmd->code;
	dp->rejects[i].reason = cmd->reason;
}

static void on_request(struct fake_dataplane *dp, const struct bridge_request *cmd)
{
	dp->requests++;
	dp->request_location = cmd->location;
	dp->request_id = cmd->request_id;
	dp->request_token = cmd->token;
	dp->request_coap_len = cmd->coap_len;
	MUST(cmd->coap_len <= sizeof(dp->request_coap));
	memcpy(dp->request_coap, cmd->coap, cmd->coap_len);
}

static void on_credential(struct fake_dataplane *dp, const struct bridge_record *rec, uint32_t len)
{
	const struct bridge_credential *answer = (const struct bridge_credential *)rec;

	switch (rec->type) {
	case BRIDGE_CREDENTIAL:
		MUST(len >= sizeof(*answer) + answer->key_len + answer->endpoint_len);
		MUST(len <= sizeof(dp->answer));
		memcpy(dp->answer, answer, len);
		dp->answers++;
		break;
	case BRIDGE_CREDENTIAL_GONE:
		dp->gone++;
		dp->gone_last = ((const struct bridge_credential_gone *)rec)->credential;
		break;
	case BRIDGE_CREDENTIALS_RELOAD:
		dp->reloads++;
		break;
	case BRIDGE_TICKET_KEYS:
		MUST(len == sizeof(dp->ticket_keys));
		memcpy(&dp->ticket_keys, rec, len);
		dp->tickets++;
		dp->tickets_late |= dp->restored > 0 || dp->dtls_restored > 0;
		break;
	default:
		MUST(false);
	}
}

static void on_named(struct fake_dataplane *dp, uint32_t w, const struct bridge_named *cmd,
		     uint32_t len)
{
	MUST(len == sizeof(*cmd) + cmd->endpoint_len);
	MUST(cmd->seq > dp->committed[w] && cmd->seq <= dp->seq[w]);
	dp->named++;
	dp->named_seq = cmd->seq;
	snprintf(dp->named_endpoint, sizeof(dp->named_endpoint), "%.*s", (int)cmd->endpoint_len,
		 (const char *)cmd->endpoint);
}

static void on_dtls(struct fake_dataplane *dp, uint32_t w, const struct bridge_record *rec,
		    uint32_t len)
{
	const struct bridge_dtls_restore *restore = (const struct bridge_dtls_restore *)rec;

	if (rec->type == BRIDGE_DTLS_KNOWN) {
		dp->dtls_known++;
		dp->dtls_cid = ((const struct bridge_dtls_session *)rec)->cid;
		MUST(dp->dtls_cid >> 56 == w);
		return;
	}
	MUST(len == sizeof(*restore) + restore->endpoint_len && restore->cid >> 56 == w);
	MUST(dp->restore_ends < FAKE_WORKERS);
	dp->dtls_restored++;
	dp->dtls_cid = restore->cid;
	dp->dtls_skipped = restore->skipped;
	memcpy(dp->dtls_session, restore->session, sizeof(dp->dtls_session));
	snprintf(dp->dtls_endpoint, sizeof(dp->dtls_endpoint), "%.*s", (int)restore->endpoint_len,
		 (const char *)restore->endpoint);
}

static void on_command(struct fake_dataplane *dp, uint32_t w, const struct bridge_record *rec,
		       uint32_t len)
{
	const struct bridge_restore *restore = (const struct bridge_restore *)rec;
	const struct bridge_request *request = (const struct bridge_request *)rec;
	const struct bridge_commit *commit = (const struct bridge_commit *)rec;

	switch (rec->type) {
	case BRIDGE_COMMIT:
		MUST(commit->seq > dp->committed[w] && commit->seq <= dp->seq[w]);
		dp->committed[w] = commit->seq;
		break;
	case BRIDGE_SETTLE:
		MUST(commit->seq > dp->committed[w] && commit->seq <= dp->seq[w]);
		dp->settles++;
		dp->settled[w] = commit->seq;
		break;
	case BRIDGE_REJECT:
		on_reject(dp, w, commit);
		break;
	case BRIDGE_REPEATED:
		MUST(((const struct bridge_repeated *)rec)->seq > dp->committed[w]);
		dp->repeated++;
		dp->repeated_location = ((const struct bridge_repeated *)rec)->location;
		break;
	case BRIDGE_NAMED:
		on_named(dp, w, (const struct bridge_named *)rec, len);
		break;
	case BRIDGE_UNKNOWN:
		dp->unknowns++;
		dp->unknown_location = ((const struct bridge_touch *)rec)->location;
		break;
	case BRIDGE_RESTORE:
		MUST(len >= sizeof(*restore));
		dp->restored++;
		dp->restored_credential = restore->credential;
		if (BRIDGE_LOCATION_VSHARD(restore->location) % FAKE_WORKERS != w ||
		    restore->remaining_s != restore->lifetime_s || restore->endpoint_len == 0)
			dp->misplaced++;
		break;
	case BRIDGE_RESTORE_END:
		dp->restore_ends++;
		break;
	case BRIDGE_HOLD:
		dp->held[w] = rec->flags != 0;
		break;
	case BRIDGE_TRACE:
		dp->traces += rec->flags != 0 ? 1 : -1;
		dp->traced_location = ((const struct bridge_touch *)rec)->location;
		break;
	case BRIDGE_REQUEST:
		on_request(dp, request);
		break;
	case BRIDGE_CANCEL:
		dp->cancels++;
		dp->cancelled_id = request->request_id;
		break;
	case BRIDGE_DTLS_RESTORE:
	case BRIDGE_DTLS_KNOWN:
		on_dtls(dp, w, rec, len);
		break;
	default:
		on_credential(dp, rec, len);
	}
}

void fake_step(struct fake_dataplane *dp)
{
	int fd = accept4(dp->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		attach(dp, fd);
	if (dp->conn_fd < 0 || dp->deaf)
		return;
	for (uint32_t w = 0; w < FAKE_WORKERS; w++) {
		struct bridge_ring *ring = &dp->seg.channels[w].commands;
		const struct bridge_record *rec;
		uint32_t len;

		while ((rec = bridge_ring_peek(ring, &len)) != NULL)
			on_command(dp, w, rec, len);
		bridge_ring_release(ring);
	}
}

bool fake_is_ready(const struct fake_dataplane *dp)
{
	return dp->restore_ends == FAKE_WORKERS;
}

bool fake_send(struct fake_dataplane *dp, uint32_t worker, union device_event *event, uint32_t len)
{
	struct bridge_ring *ring = &dp->seg.channels[worker].events;
	struct bridge_record *rec = bridge_ring_reserve(ring, event->record.type, len);
	uint64_t one = 1;

	if (rec == NULL)
		return false;
	rec->seq = event->record.seq;
	rec->flags = event->record.flags;
	memcpy(rec + 1, &event->record + 1, len - sizeof(*rec));
	if (bridge_ring_publish(ring))
		MUST(write(dp->seg.event_doorbell, &one, sizeof(one)) == sizeof(one));
	return true;
}

uint64_t fake_promise(struct fake_dataplane *dp, union device_event *event, uint32_t len)
{
	uint32_t worker = BRIDGE_LOCATION_VSHARD(event->ev.location) % FAKE_WORKERS;

	event->record.seq = dp->seq[worker] + 1;
	if (!fake_send(dp, worker, event, len))
		return 0;
	return ++dp->seq[worker];
}

void fake_respond(struct fake_dataplane *dp, uint64_t location, uint64_t request_id,
		  uint32_t result, const char *text)
{
	union device_event event = {
		.response = {.location = location, .request_id = request_id, .result = result}};
	struct coap_writer w;

	event.record.type = BRIDGE_EV_RESPONSE;
	if (result == BRIDGE_ANSWERED) {
		coap_write_begin(&w, event.response.coap, EVENT_MAX - sizeof(event.response),
				 COAP_ACK, COAP_CONTENT, 1, NULL, 0);
		coap_write_payload(&w, text, strlen(text));
		event.response.coap_len = (uint32_t)coap_write_finish(&w);
	}
	MUST(fake_send(dp, BRIDGE_LOCATION_VSHARD(location) % FAKE_WORKERS, &event,
		       (uint32_t)sizeof(event.response) + event.response.coap_len));
}
