// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A wolfSSL client and a wolfSSL server in memory, which shake hands by PSK; then the server's keys
// are taken and its WOLFSSL object is freed: what remains of it is a struct dtls_session, and a
// client that knows nothing of that.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/session.h"

// clang-format off: the options decide what the other header declares.
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>
// clang-format on

#define PAIR_QUEUE    16
#define PAIR_DATAGRAM 2048

struct pair_queue {
	uint8_t data[PAIR_QUEUE][PAIR_DATAGRAM];
	size_t len[PAIR_QUEUE];
	unsigned head, tail;
};

struct pair_options {
	const char *ciphers; // wolfSSL's name of the suite
	uint16_t iana;
	bool tls_13;
	bool own_cid; // the server wants one of 8 bytes
	const char
		*client_cid; // and the client this one, of at most the 10 bytes that wolfSSL takes
};

struct pair {
	const struct pair_options *options;
	WOLFSSL_CTX *client_ctx, *server_ctx;
	WOLFSSL *client, *server;
	struct pair_queue to_client, to_server;
	uint8_t client_last[PAIR_DATAGRAM]; // the client's and the server's last datagrams
	size_t client_last_len;
	uint8_t server_last[PAIR_DATAGRAM];
	size_t server_last_len;
	uint8_t secrets[2][DTLS_SECRET_LEN]; // 1.3: of the server's reading and writing
	uint64_t cid;                        // the server's
};

// Both sides, up to and including the handshake.
void pair_connect(struct pair *pair, const struct pair_options *options);
// The server's keys as its session needs them; frees the server.
void pair_take_keys(struct pair *pair, struct dtls_aead *aead, struct dtls_keys *keys);
void pair_free(struct pair *pair);

// What the client has sent, in order; 0: nothing (more).
size_t pair_from_client(struct pair *pair, uint8_t out[static PAIR_DATAGRAM]);
void pair_to_client(struct pair *pair, const void *datagram, size_t len);

// The client reads one application record; -1: there was none it would have.
int pair_client_read(struct pair *pair, void *out, int cap);
void pair_client_write(struct pair *pair, const void *data, int len);
