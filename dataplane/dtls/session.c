// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/session.h"

#include <errno.h>
#include <string.h>

#include "dataplane/dtls/suite.h"

// RFC 9147 section 4.5.3 allows 2^23 records under a CCM key and 2^24.5 under a GCM key; half of
// that is left for the time until the peer has acknowledged the new ones. It sets no limit for the
// short tag and asks for a policy: here 2^16 - 1 forgeries under any key, which a tag of 8 bytes
// resists with a probability of 2^-48 (the longer ones would bear more, the field not). In DTLS 1.2
// there are no new keys: the numbers end before they run out, with room for the alert
// that says so and for what an export skips.
#define SEAL_12   (DTLS_SEQ_MASK - UINT16_MAX)
#define SEAL_CCM  (1ull << 23)
#define SEAL_GCM  (1ull << 24)
#define FORGED_13 UINT16_MAX

// clang-format off
const struct dtls_suite_facts dtls_suites[DTLS_SUITE_COUNT] = {
	//                       cipher         tag nonce key update        sealed    forged
	[DTLS_12_AES128_CCM_8] = {DTLS_AES128_CCM_8, 8, 8, 16, UINT64_MAX,   SEAL_12,  0},
	[DTLS_12_AES128_CCM]   = {DTLS_AES128_CCM,  16, 8, 16, UINT64_MAX,   SEAL_12,  0},
	[DTLS_12_AES128_GCM]   = {DTLS_AES128_GCM,  16, 8, 16, UINT64_MAX,   SEAL_12,  0},
	[DTLS_12_AES256_GCM]   = {DTLS_AES256_GCM,  16, 8, 32, UINT64_MAX,   SEAL_12,  0},
	[DTLS_13_AES128_CCM_8] = {DTLS_AES128_CCM_8, 8, 0, 16, SEAL_CCM / 2, SEAL_CCM, FORGED_13},
	[DTLS_13_AES128_CCM]   = {DTLS_AES128_CCM,  16, 0, 16, SEAL_CCM / 2, SEAL_CCM, FORGED_13},
	[DTLS_13_AES128_GCM]   = {DTLS_AES128_GCM,  16, 0, 16, SEAL_GCM / 2, SEAL_GCM, FORGED_13},
};
// clang-format on

static const struct {
	uint16_t number;
	uint8_t suite;
} iana[] = {
	{0xc0a8, DTLS_12_AES128_CCM_8}, // PSK
	{0xc0ae, DTLS_12_AES128_CCM_8}, // ECDHE_ECDSA
	{0xd003, DTLS_12_AES128_CCM_8}, // ECDHE_PSK
	{0xc0a0, DTLS_12_AES128_CCM_8}, // RSA
	{0xc0a4, DTLS_12_AES128_CCM},   // PSK
	{0xc0ac, DTLS_12_AES128_CCM},   // ECDHE_ECDSA
	{0xd005, DTLS_12_AES128_CCM},   // ECDHE_PSK
	{0x00a8, DTLS_12_AES128_GCM},   // PSK
	{0xc02b, DTLS_12_AES128_GCM},   // ECDHE_ECDSA
	{0xc02f, DTLS_12_AES128_GCM},   // ECDHE_RSA
	{0xd001, DTLS_12_AES128_GCM},   // ECDHE_PSK
	{0x00a9, DTLS_12_AES256_GCM},   // PSK
	{0xc02c, DTLS_12_AES256_GCM},   // ECDHE_ECDSA
	{0xc030, DTLS_12_AES256_GCM},   // ECDHE_RSA
	{0xd002, DTLS_12_AES256_GCM},   // ECDHE_PSK
	{0x1301, DTLS_13_AES128_GCM},   {0x1304, DTLS_13_AES128_CCM},
	{0x1305, DTLS_13_AES128_CCM_8},
};

enum dtls_suite dtls_suite_from_iana(uint16_t number)
{
	for (size_t i = 0; i < sizeof(iana) / sizeof(iana[0]); i++)
		if (iana[i].number == number)
			return iana[i].suite;
	return DTLS_SUITE_NONE;
}

static void take_13(struct dtls_session *session, struct dtls_traffic_secrets *secrets,
		    const struct dtls_keys *keys)
{
	memcpy(session->read_iv, keys->read_iv, DTLS_IV_MAX);
	memcpy(session->write_iv, keys->write_iv, DTLS_IV_MAX);
	session->update_seq = 0;
	session->message_out = keys->message_out;
	session->message_in = keys->message_in;
	memcpy(secrets->read, keys->read_secret, DTLS_SECRET_LEN);
	memcpy(secrets->write, keys->write_secret, DTLS_SECRET_LEN);
}

static void take_12(struct dtls_session *session, const struct dtls_keys *keys)
{
	memcpy(session->read_salt, keys->read_iv, DTLS_SALT_LEN);
	memcpy(session->write_salt, keys->write_iv, DTLS_SALT_LEN);
	memcpy(session->verify_data, keys->verify_data, DTLS_VERIFY_LEN);
	session->finished_seq = keys->finished_seq;
	session->plain_next = DTLS_FIRST_SEQ;
	session->ticket = 0;
}

int dtls_session_init(struct dtls_session *session, struct dtls_traffic_secrets *secrets,
		      const struct dtls_keys *keys)
{
	uint64_t epoch = dtls_suite_is_13(keys->suite) ? 3 : 1; // RFC 9147 section 6.1

	if (keys->suite <= DTLS_SUITE_NONE || keys->suite >= DTLS_SUITE_COUNT ||
	    keys->peer_cid_len > DTLS_PEER_CID_MAX)
		return -EINVAL;
	session->read_next = epoch << DTLS_SEQ_BITS;
	session->read_window = 0;
	session->write_next = session->read_next | DTLS_FIRST_SEQ;
	session->state = DTLS_SESSION_FRESH;
	session->flags = (keys->own_cid ? DTLS_SESSION_F_OWN_CID : 0) |
			 (keys->last_flight ? DTLS_SESSION_F_LAST_FLIGHT : 0);
	session->suite = keys->suite & 15;
	session->blocks = 0;
	session->peer_cid_len = keys->peer_cid_len & 31;
	memcpy(session->peer_cid, keys->peer_cid, sizeof(session->peer_cid));
	session->forged = 0;
	session->after_ticket = keys->after_ticket;
	memcpy(session->read_key, keys->read_key, DTLS_KEY_MAX);
	memcpy(session->write_key, keys->write_key, DTLS_KEY_MAX);
	if (dtls_suite_is_13(keys->suite))
		take_13(session, secrets, keys);
	else
		take_12(session, keys);
	return 0;
}

void dtls_session_peer(const struct dtls_session *session, struct dp_peer *peer)
{
	*peer = (struct dp_peer){.udp_port_be16 = session->udp_port_be16,
				 .port = session->port,
				 .local = session->local};
	memcpy(peer->addr, session->addr, sizeof(peer->addr));
	if (session->has_scope)
		memcpy(&peer->scope_id, session->hop, sizeof(peer->scope_id));
	else
		memcpy(peer->mac, session->hop, sizeof(peer->mac));
}

void dtls_session_set_peer(struct dtls_session *session, const struct dp_peer *peer)
{
	memcpy(session->addr, peer->addr, sizeof(session->addr));
	session->udp_port_be16 = peer->udp_port_be16;
	session->port = peer->port;
	session->local = peer->local;
	session->has_scope = peer->scope_id != 0;
	memset(session->hop, 0, sizeof(session->hop));
	if (session->has_scope)
		memcpy(session->hop, &peer->scope_id, sizeof(peer->scope_id));
	else
		memcpy(session->hop, peer->mac, sizeof(session->hop));
}
