// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The test device's DTLS association, by wolfSSL, over its socket.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct secure_params {
	const char *version;     // "1.2" or "1.3"; NULL: no DTLS
	const char *suites;      // as wolfSSL calls them; NULL: the usual one
	const char *identity;    // of a pre-shared key
	const char *key;         // as text
	const char *certificate; // PEM; with rpk the public key, DER
	const char *private_key; // PEM
	const char *ca;          // PEM: the gateway must have a certificate of it
	const char *name;        // that the gateway is asked for (SNI)
	bool rpk;                // raw public keys, both
	bool cid;                // Connection IDs
	bool tickets;            // a handshake after the first resumes, by a session ticket
};

struct secure;

// NULL after saying what is wrong. fd is read whenever something is to be sent or received.
struct secure *secure_new(const struct secure_params *params, const int *fd);
void secure_free(struct secure *s);
// A new handshake, at most that long. 0, or what ended it: the alert that came, else -1.
int secure_connect(struct secure *s, unsigned timeout_ms);
// Whether the last one resumed.
bool secure_resumed(const struct secure *s);
// The next message; 0: none, -1: the association is over.
ssize_t secure_read(struct secure *s, void *buf, size_t room);
// 0 or -1.
int secure_write(struct secure *s, const void *data, size_t len);
// Says close_notify.
void secure_close(struct secure *s);
// DTLS 1.3: new keys. 0 or -1.
int secure_rekey(struct secure *s);
// The last alert that came, of whatever kind; -1: none.
int secure_alert(const struct secure *s);
