// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What strangers send before anything is kept for them: pointers must stay within the datagram.
#include "dataplane/dtls/hello.h"
#include "tests/fuzz/fuzz.h"

static void within(struct dtls_bytes part, const uint8_t *data, size_t len)
{
	fuzz_check(!part.data || (part.data >= data && part.data + part.len <= data + len),
		   "what was found lies within the datagram");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dtls_flight flight;
	struct dtls_hello hello;

	if (dtls_hello_parse(&hello, data, len)) {
		within((struct dtls_bytes){hello.version, 2}, data, len);
		within((struct dtls_bytes){hello.random, DTLS_RANDOM_LEN}, data, len);
		within(hello.session_id, data, len);
		within(hello.cookie, data, len);
		within(hello.suites, data, len);
		within(hello.compressions, data, len);
		within(hello.cookie13, data, len);
		within(hello.identity, data, len);
		within(hello.ticket12, data, len);
		within(hello.ticket13, data, len);
		dtls_hello_offers(&hello, 0xc0a8);
	}
	dtls_flight_scan(&flight, data, len);
	within(flight.client_key, data, len);
	within(dtls_ticket_record(data, len), data, len);
	within(dtls_client_key_identity(flight.client_key), data, len);
	return 0;
}
