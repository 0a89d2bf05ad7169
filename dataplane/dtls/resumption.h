// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Sessions that are resumed: what tickets (ticket.h) do in a handshake. One that a ClientHello
// brings is read before wolfSSL sees it, and control is asked whether it still knows the
// credential: if not, if it is too old or if it cannot be read, wolfSSL is told that it is worth
// nothing, and hands are shaken in full. A new one names the credential, too: where that is not
// known by then, wolfSSL has to wait in the middle of the handshake until control has said whose
// the key or certificate is. Worker's thread only.
#pragma once

#include "dataplane/dtls/handshakes.h"

// False: nothing to resume. True: hs->ticket is what the ClientHello's ticket says. *refused is the
// counter of why a ticket is not taken, NULL: there is none.
bool dtls_resumption_offered(struct dp_worker *w, struct dtls_handshake *hs,
			     const struct dtls_hello *hello, uint64_t **refused);
// Whether a ticket is given, too; once wolfSSL's object is there.
void dtls_resumption_allow(const struct dp_worker *w, struct dtls_handshake *hs,
			   const struct dtls_hello *hello);
// False: control is away or behind, nothing has been asked.
bool dtls_resumption_ask(struct dp_worker *w, struct dtls_handshake *hs);
void dtls_resumption_answered(struct dp_worker *w, struct dtls_handshake *hs, bool known,
			      uint64_t endpoint);
// wolfSSL is done; true: it has resumed the session of hs->ticket, whose credential is the
// handshake's from then on.
bool dtls_resumption_done(struct dtls_handshake *hs);

// For wolfSSL's contexts.
int dtls_resumption_ticket(WOLFSSL *ssl, unsigned char *name, unsigned char *iv, unsigned char *mac,
			   int seal, unsigned char *text, int len, int *out_len, void *arg);
