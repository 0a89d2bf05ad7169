// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Two sessions that are each other's peer, as a handshake would leave them: what one seals the
// other opens.
#pragma once

#include <string.h>

#include "dataplane/dtls/record.h"
#include "dataplane/dtls/table.h"

#define MIRROR_GATEWAY 0x0100000007abcdefull // Connection IDs
#define MIRROR_DEVICE  0x0200000009123456ull

// Where the session, one of those two, has its traffic secrets.
static inline struct dtls_traffic_secrets *mirror_secrets(const struct dtls_session *session)
{
	static struct dtls_traffic_secrets gateway, device;

	return session->generation == DTLS_CID_GENERATION(MIRROR_GATEWAY) ? &gateway : &device;
}

// with_cid: both want one. 0, or -EINVAL and -EIO as the functions below it.
static inline int mirror_make(struct dtls_session *gateway, struct dtls_session *device,
			      enum dtls_suite suite, bool with_cid)
{
	struct dtls_keys keys = {.suite = suite, .own_cid = with_cid, .last_flight = true};
	struct dtls_keys back;

	for (unsigned i = 0; i < DTLS_KEY_MAX; i++) {
		keys.read_key[i] = keys.read_secret[i] = (uint8_t)(3 * i + 1);
		keys.write_key[i] = keys.write_secret[i] = (uint8_t)(5 * i + 2);
	}
	memcpy(keys.read_iv, "read", 4);
	memcpy(keys.write_iv, "writ", 4);
	memcpy(keys.verify_data, "verify_data.", DTLS_VERIFY_LEN);
	keys.finished_seq = 6;
	keys.message_out = 4;
	keys.message_in = 3;
	if (dtls_suite_is_13(suite) && dtls_keys_13(&keys) != 0)
		return -5;
	keys.peer_cid_len = with_cid ? DTLS_OWN_CID_LEN : 0;
	back = keys;
	memcpy(back.read_key, keys.write_key, DTLS_KEY_MAX);
	memcpy(back.write_key, keys.read_key, DTLS_KEY_MAX);
	memcpy(back.read_iv, keys.write_iv, DTLS_IV_MAX);
	memcpy(back.write_iv, keys.read_iv, DTLS_IV_MAX);
	memcpy(back.read_secret, keys.write_secret, DTLS_SECRET_LEN);
	memcpy(back.write_secret, keys.read_secret, DTLS_SECRET_LEN);
	back.message_out = keys.message_in;
	back.message_in = keys.message_out;
	back.last_flight = false;
	dtls_cid_write(MIRROR_DEVICE, keys.peer_cid);
	dtls_cid_write(MIRROR_GATEWAY, back.peer_cid);
	memset(gateway, 0, sizeof(*gateway));
	memset(device, 0, sizeof(*device));
	gateway->generation = DTLS_CID_GENERATION(MIRROR_GATEWAY);
	device->generation = DTLS_CID_GENERATION(MIRROR_DEVICE);
	return dtls_session_init(gateway, mirror_secrets(gateway), &keys) == 0
		       ? dtls_session_init(device, mirror_secrets(device), &back)
		       : -22;
}
