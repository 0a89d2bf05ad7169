// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "control/rest/resources.h"
#include "tests/unit/control/rest/fixture.h"

static struct fixture f;
static struct ctl_req req;
static struct ctl_resp resp;

static int setup(void **state)
{
	fixture_init(&f);
	req = (struct ctl_req){.ctl = &f.ctl, .method = CTL_GET};
	resp = (struct ctl_resp){0};
	return 0;
}

static int teardown(void **state)
{
	ctl_resp_clear(&resp);
	fixture_fini(&f);
	return 0;
}

#define COAP(full, host)                                                                   \
	"{\"uri\":{\"full\":\"coap://" full ":5683\",\"scheme\":\"coap\",\"host\":\"" host \
	"\",\"port\":5683},\"description\":\"CoAP over UDP\"}"

static void server_endpoints_are_the_addresses_of_all_ports(void **state)
{
	char v4[] = "127.0.0.1:5683", v6[] = "[::1]:5683", pci[] = "0000:3b:00.0";
	char net4[] = "198.18.0.1/24", net6[] = "2001:db8::1/64";
	char *addresses[] = {net4, net6};

	f.ports[0].udp = v4;
	f.ports[1].ethdev = pci;
	f.ports[1].addresses = addresses;
	f.ports[1].addresses_count = 2;
	f.ports[2].udp = v6;
	f.cfg.dataplane.ports_count = 3;
	assert_int_equal(ctl_endpoints_get(&req, &resp), 0);
	assert_string_equal(
		resp.body,
		"[" COAP("127.0.0.1", "127.0.0.1") "," COAP("198.18.0.1", "198.18.0.1") "," COAP(
			"[2001:db8::1]", "2001:db8::1") "," COAP("[::1]", "::1") "]");
}

static void ports_with_dtls_are_coaps(void **state)
{
	char v4[] = "127.0.0.1:5684", pci[] = "0000:3b:00.0", net[] = "198.18.0.1/24";
	char *addresses[] = {net};

	f.ports[0] = (struct config_port){.udp = v4, .dtls = true};
	f.ports[1] = (struct config_port){
		.ethdev = pci, .addresses = addresses, .addresses_count = 1, .dtls = true};
	f.cfg.dataplane.ports_count = 2;
	assert_int_equal(ctl_endpoints_get(&req, &resp), 0);
	assert_string_equal(
		resp.body,
		"[{\"uri\":{\"full\":\"coaps://127.0.0.1:5684\",\"scheme\":\"coaps\",\"host\":"
		"\"127.0.0.1\",\"port\":5684},\"description\":\"CoAP over DTLS\"}," COAP(
			"198.18.0.1",
			"198.18.0.1") ",{\"uri\":{\"full\":\"coaps://198.18.0.1:5684\",\"scheme\":"
				      "\"coaps\",\"host\":\"198.18.0.1\",\"port\":5684},"
				      "\"description\":\"CoAP over DTLS\"}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(server_endpoints_are_the_addresses_of_all_ports,
						setup, teardown),
		cmocka_unit_test_setup_teardown(ports_with_dtls_are_coaps, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
