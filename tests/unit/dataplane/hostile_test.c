// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Mutated datagrams through two workers, with the same seed every time: none crashes, none leaks a
// buffer, and each is answered or dropped under exactly one name.
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/support/device.h"
#include "tests/unit/support/prng.h"

#define DATAGRAMS 100000
#define DEVICES   50

static struct gateway gw;

static struct datagram notification(uint32_t device, uint16_t mid, uint64_t location)
{
	uint64_t token = BRIDGE_OBSERVE_TOKEN(location, 3);
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(token >> (56 - 8 * i));
	return device_response(device, COAP_CON, COAP_CONTENT, mid, bytes, 8, "21.5");
}

// The blocks of a Register in no particular order, so that some make one.
static struct datagram block(struct prng *random, uint32_t device, uint16_t mid)
{
	static const char *const payloads[] = {"</1/0>,</3/0>,</", "3303/1>,</5/0>,<", "/6/0>"};
	uint32_t num = prng_below(random, 3);
	const uint8_t value = (uint8_t)(num << 4 | (num < 2 ? 8 : 0));
	struct device_extra extra = {.path = "rd",
				     .query = "ep=dev&lwm2m=1.1",
				     .option = COAP_OPT_BLOCK1,
				     .value = &value,
				     .value_len = 1,
				     .payload = payloads[num]};

	return device_message_with(device % 4, COAP_CON, COAP_POST, mid, &extra);
}

static struct datagram sample(struct prng *random, const uint64_t *locations)
{
	uint32_t device = prng_below(random, DEVICES);
	uint16_t mid = (uint16_t)(prng_below(random, 400) + 1000);
	uint64_t location = locations[device];
	struct device_extra extra = {.path = "rd",
				     .query = "ep=other&lwm2m=1.0&b=UQ&sms=1",
				     .payload = "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3303/1>"};

	switch (prng_below(random, 12)) {
	case 0:
		return device_register(device, mid, "dev", 60);
	case 1:
		return device_update(device, mid, location, NULL);
	case 2:
		return device_update(device, mid, location, "lt=90&b=US");
	case 3:
		return prng_below(random, 8) ? device_update(device, mid, location, "lt=60")
					     : device_deregister(device, mid, location);
	case 4:
		return device_message(device, COAP_NON, COAP_GET, mid, ".well-known/core", "rt=x");
	case 5:
		return device_message_with(device, COAP_CON, COAP_POST, mid, &extra);
	case 6:
		return device_empty(device, (enum coap_type)prng_below(random, 4), mid);
	case 7:
		return device_response(device, COAP_CON, COAP_CONTENT, mid,
				       (const uint8_t *)"\1\2\3\4\5\6\7\10", 8, "notification");
	case 8:
		return notification(device, mid, location);
	case 9:
		return block(random, device, mid);
	case 10:
		extra = (struct device_extra){.path = "dp",
					      .option = COAP_OPT_CONTENT_FORMAT,
					      .value = "\x6e",
					      .value_len = 1};
		return device_message_with(device, COAP_CON, COAP_POST, mid, &extra);
	default:
		return device_message(device, COAP_CON, COAP_POST, mid, "bs", "ep=dev");
	}
}

static void mutate(struct prng *random, struct datagram *d)
{
	for (uint32_t n = prng_below(random, 4); n > 0 && d->len > 0; n--) {
		uint32_t at = prng_below(random, (uint32_t)d->len);

		switch (prng_below(random, 5)) {
		case 0:
			d->bytes[at] = (uint8_t)prng_next(random);
			break;
		case 1:
			d->bytes[at] ^= (uint8_t)(1u << prng_below(random, 8));
			break;
		case 2:
			d->len = at;
			break;
		case 3: // a piece once more
			if (d->len + 16 < sizeof(d->bytes)) {
				memmove(d->bytes + at + 8, d->bytes + at, d->len - at);
				d->len += 8;
			}
			break;
		default:
			d->bytes[at] = prng_below(random, 2) ? 0xff : 0x0d;
		}
	}
}

static void mutated_datagrams_are_answered_or_dropped_under_one_name(void **state)
{
	uint64_t locations[DEVICES], answered = 0;
	struct prng random = {0x5eed5};
	char endpoint[16];

	gateway_open(&gw, (struct gateway_params){.workers = 2, .mbufs = 4095});
	gateway_ready(&gw);
	for (uint32_t i = 0; i < DEVICES; i++) {
		snprintf(endpoint, sizeof(endpoint), "dev%u", i);
		locations[i] = device_registered(&gw, i % 2, i, 1, endpoint, 86400);
	}
	for (unsigned n = 0; n < DATAGRAMS; n++) {
		struct datagram d = sample(&random, locations);

		mutate(&random, &d);
		gateway_inject(&gw, (uint16_t)prng_below(&random, 2), &d);
		if (n % 40 == 0)
			gateway_round(&gw);
		if (n % 200 == 0) {
			gw.now_us += prng_below(&random, 2000000);
			gateway_commit_all(&gw);
			answered += gateway_drain(&gw);
		}
		if (n % 20000 == 19999) { // control comes and goes
			gateway_detach(&gw);
			gateway_ready(&gw);
		}
	}
	gateway_commit_all(&gw);
	answered += gateway_drain(&gw);
	assert_int_equal(GATEWAY_COUNT(&gw, rx_datagrams), DATAGRAMS + DEVICES);
	assert_int_equal(GATEWAY_COUNT(&gw, tx_datagrams), answered + DEVICES);
	assert_int_equal(answered + gateway_drops(&gw) + GATEWAY_COUNT(&gw, notifications_non),
			 DATAGRAMS);
	assert_int_equal(GATEWAY_COUNT(&gw, drop_ring_full), 0);
	// It was not all noise.
	assert_true(GATEWAY_COUNT(&gw, registers) > 1000);
	assert_true(GATEWAY_COUNT(&gw, notifications) > 0);
	assert_true(GATEWAY_COUNT(&gw, sends) > 1000);
	assert_true(GATEWAY_COUNT(&gw, transfers) > 0);
	assert_true(GATEWAY_COUNT(&gw, updates) > 1000);
	assert_true(GATEWAY_COUNT(&gw, format_resets) > 1000);
	assert_true(GATEWAY_COUNT(&gw, duplicates_answered) > 1000);
	// And it still serves.
	uint64_t location = device_registered(&gw, 0, 999, 1, "last", 60);
	struct datagram d = device_update(999, 2, location, NULL);
	assert_int_equal(device_ask(&gw, 1, &d).msg.code, COAP_CHANGED);
	gateway_close(&gw); // fails if a buffer is missing
}

static void random_commands_close_the_bridge_or_are_harmless(void **state)
{
	struct prng random = {0x5eed6};
	uint8_t body[400];
	unsigned failures = 0;

	gateway_open(&gw, (struct gateway_params){.workers = 2});
	gateway_ready(&gw);
	for (unsigned n = 0; n < 4000; n++) {
		uint16_t type = (uint16_t)(BRIDGE_COMMIT + prng_below(&random, 6));
		size_t len = prng_below(&random, sizeof(body));
		struct datagram d = device_register(n % 9, (uint16_t)n, "dev", 60);

		for (size_t i = 0; i < len; i++)
			body[i] = prng_below(&random, 3) ? 0 : (uint8_t)prng_next(&random);
		gateway_command(&gw, (uint16_t)(n % 2), type, body, len);
		gateway_inject(&gw, 0, &d);
		gateway_run(&gw);
		gateway_drain(&gw);
		if (gw.w[n % 2]->bridge_failed || n % 500 == 0) {
			failures += gw.w[n % 2]->bridge_failed;
			gateway_detach(&gw);
			gateway_ready(&gw);
		}
	}
	assert_true(failures > 10);
	gateway_close(&gw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutated_datagrams_are_answered_or_dropped_under_one_name),
		cmocka_unit_test(random_commands_close_the_bridge_or_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
