// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "bench/micro/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/micro/random.h"
#include "dataplane/bridge/location.h"
#include "lwm2m/coap/msg.h"

static void build_update(struct coap_writer *w, const struct message *message)
{
	coap_write_opt_str(w, COAP_OPT_URI_PATH, "rd");
	coap_write_opt_str(w, COAP_OPT_URI_PATH, message->location);
}

static void build_register(struct coap_writer *w)
{
	coap_write_opt_str(w, COAP_OPT_URI_PATH, "rd");
	coap_write_opt_uint(w, COAP_OPT_CONTENT_FORMAT, 40);
	coap_write_opt_str(w, COAP_OPT_URI_QUERY, "lwm2m=1.1");
	coap_write_opt_str(w, COAP_OPT_URI_QUERY, "ep=" MESSAGE_ENDPOINT);
	coap_write_opt_str(w, COAP_OPT_URI_QUERY, "b=U");
	coap_write_opt_str(w, COAP_OPT_URI_QUERY, "lt=300");
	coap_write_payload(w, MESSAGE_OBJECTS, strlen(MESSAGE_OBJECTS));
}

static void build(struct message *message, enum message_kind kind, struct random *random)
{
	uint64_t token = random_next(random);
	struct coap_writer w;

	message->mid = (uint16_t)random_next(random);
	memcpy(message->token, &token, sizeof(message->token));
	bridge_location_encode(random_next(random) >> (64 - BRIDGE_LOCATION_BITS),
			       message->location);
	coap_write_begin(&w, message->bytes, sizeof(message->bytes), COAP_CON, COAP_POST,
			 message->mid, message->token, sizeof(message->token));
	if (kind == MESSAGE_UPDATE)
		build_update(&w, message);
	else
		build_register(&w);
	message->len = (uint16_t)coap_write_finish(&w);
	if (message->len == 0) {
		fprintf(stderr, "messages: a datagram does not fit %u bytes\n", MESSAGES_BYTES);
		exit(1);
	}
}

const struct messages *messages_of(enum message_kind kind)
{
	static struct messages built[2];
	struct random random = {kind};

	if (built[kind].at[0].len == 0)
		for (unsigned i = 0; i < MESSAGES_COUNT; i++)
			build(&built[kind].at[i], kind, &random);
	return &built[kind];
}
