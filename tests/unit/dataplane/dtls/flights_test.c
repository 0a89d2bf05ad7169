// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/flights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORD (13u + 12u + 20u)

static struct dtls_flights flights;

static int set_up(void **state)
{
	return dtls_flights_init(&flights, 3);
}

static int tear_down(void **state)
{
	dtls_flights_fini(&flights);
	return 0;
}

// A record of epoch 0 with a handshake message of body bytes.
static size_t put_message(uint8_t *at, uint8_t type, uint16_t body)
{
	uint16_t len = body + 12;

	memset(at, 0, 13u + len);
	memcpy(at, (uint8_t[]){22, 0xfe, 0xfd}, 3);
	at[10] = 7; // its number
	at[11] = (uint8_t)(len >> 8);
	at[12] = (uint8_t)len;
	at[13] = type;
	at[15] = at[23] = (uint8_t)(body >> 8);
	at[16] = at[24] = (uint8_t)body;
	return 13u + len;
}

static void a_ticket_is_found_among_other_records_and_repeated_under_a_new_number(void **state)
{
	static const uint8_t ccs[] = {20, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 8, 0, 1, 1};
	uint8_t datagram[256], out[DTLS_FLIGHT_MAX];
	size_t len = put_message(datagram, 14, 0);
	uint32_t place;

	len += put_message(datagram + len, 4, 20);
	memset(datagram + len - 20, 't', 20);
	memcpy(datagram + len, ccs, sizeof(ccs));
	len += sizeof(ccs);
	place = dtls_flights_keep(&flights, 99, datagram, len);
	assert_int_not_equal(place, 0);
	assert_int_equal(dtls_flights_again(&flights, place, 99, 0x0405, out), RECORD);
	assert_int_equal(out[9], 4);
	assert_int_equal(out[10], 5);
	assert_int_equal(out[13], 4);
	assert_int_equal(out[RECORD - 1], 't');
}

static void without_a_ticket_there_is_nothing_to_keep(void **state)
{
	uint8_t datagram[512];
	size_t len = put_message(datagram, 14, 3);

	assert_int_equal(dtls_flights_keep(&flights, 1, datagram, len), 0);
	len = put_message(datagram, 4, 20);
	assert_int_equal(dtls_flights_keep(&flights, 1, datagram, len - 1), 0);
	datagram[4] = 1; // epoch 1: that is sealed
	assert_int_equal(dtls_flights_keep(&flights, 1, datagram, len), 0);
	len = put_message(datagram, 4, DTLS_FLIGHT_MAX - 25 + 1);
	assert_int_equal(dtls_flights_keep(&flights, 1, datagram, len), 0);
	len = put_message(datagram, 4, DTLS_FLIGHT_MAX - 25);
	assert_int_equal(dtls_flights_keep(&flights, 1, datagram, len), 1);
}

static void the_oldest_makes_room_for_the_newest(void **state)
{
	uint8_t datagram[64], out[DTLS_FLIGHT_MAX];
	size_t len = put_message(datagram, 4, 20);
	uint32_t places[4];

	for (uint32_t i = 0; i < 4; i++)
		places[i] = dtls_flights_keep(&flights, 100 + i, datagram, len);
	assert_int_equal(dtls_flights_again(&flights, places[0], 100, 1, out), 0);
	for (uint32_t i = 1; i < 4; i++)
		assert_int_equal(dtls_flights_again(&flights, places[i], 100 + i, 1, out), RECORD);
	assert_int_equal(dtls_flights_again(&flights, 0, 101, 1, out), 0);
	assert_int_equal(dtls_flights_again(&flights, 4, 101, 1, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_ticket_is_found_among_other_records_and_repeated_under_a_new_number),
		T(without_a_ticket_there_is_nothing_to_keep),
		T(the_oldest_makes_room_for_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
