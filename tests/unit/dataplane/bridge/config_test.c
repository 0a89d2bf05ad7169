// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PORTS "dataplane:\n  ports:\n    - udp: 127.0.0.1:5683\n" // lines 1 to 3

#define A16 "aaaaaaaaaaaaaaaa"

static char dir[] = "/tmp/sluice-config-XXXXXX";
static char path[64];

static void file_write(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

// Loads a text; what is written about it goes to messages, with the path cut off each line.
static struct config *load(const char *text, size_t len, char messages[static 4096])
{
	char *raw = NULL;
	size_t raw_len = 0;
	FILE *err = open_memstream(&raw, &raw_len);
	struct config *cfg;

	file_write(text, len);
	cfg = config_load(path, err);
	fclose(err);
	messages[0] = '\0';
	for (char *line = strtok(raw, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		assert_int_equal(strncmp(line, path, strlen(path)), 0);
		assert_in_range(strlen(messages) + strlen(line), 0, 4000);
		strcat(strcat(messages, line + strlen(path)), "\n");
	}
	free(raw);
	return cfg;
}

static void each_problem_is_one_line_with_file_line_key_and_what_would_be_right(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		// Syntax.
		{"", ":1: empty (dataplane.ports is needed at least)\n"},
		{"# only a comment\n", ":1: empty (dataplane.ports is needed at least)\n"},
		{"hello\n", ":1: not a mapping (key: value)\n"},
		{"\n- a\n", ":2: not a mapping (key: value)\n"},
		{PORTS "\tstate: x\n",
		 ":4: syntax: found a tab character that violates indentation "
		 "(while scanning a plain scalar that began in line 3)\n"},
		{"\tstate: x\n",
		 ":1: syntax: found character that cannot start any token (YAML in UTF-8)\n"},
		{PORTS "state: \"x\n", NULL},
		{PORTS "state: \xff\n",
		 ":4: syntax: invalid leading UTF-8 octet (YAML in UTF-8)\n"},
		{PORTS "---\nstate: y\n", ":4: syntax: a second document (one is read)\n"},
		{"state: &a x\n" PORTS "control:\n  listen: *a\n",
		 ":6: control.listen: alias (anchors and aliases are not supported)\n"},
		// Keys and types.
		{PORTS "bogus: 1\n", ":4: bogus: unknown key (state, durability, dataplane, "
				     "control, lwm2m, security, outbox, overload, backends)\n"},
		{PORTS "      foo: b\n",
		 ":4: dataplane.ports[0].foo: unknown key (udp, ethdev, addresses, dtls)\n"},
		{PORTS "\"a.b\\nc\": 1\n",
		 ":4: a.b?c: unknown key (state, durability, dataplane, "
		 "control, lwm2m, security, outbox, overload, backends)\n"},
		{PORTS "state: x\nstate: y\n",
		 ":5: state: given twice (text of at most 4096 bytes)\n"},
		{PORTS "state: [x]\n", ":4: state: wrong type (text of at most 4096 bytes)\n"},
		{PORTS "durability: disk\n",
		 ":4: durability: unknown value: disk (commit, memory)\n"},
		{PORTS "durability: [commit]\n", ":4: durability: wrong type (commit, memory)\n"},
		{PORTS "durability: {send: disk}\n",
		 ":4: durability.send: unknown value: disk (commit, memory)\n"},
		{PORTS "durability:\n  expire: memory\n",
		 ":5: durability.expire: unknown key (register, update, deregister, send, "
		 "notification)\n"},
		{PORTS "  poll: often\n",
		 ":4: dataplane.poll: unknown value: often (adaptive, busy)\n"},
		{PORTS "  workers: many\n",
		 ":4: dataplane.workers: not a number: 'many' (a whole number)\n"},
		{PORTS "  workers: -1\n",
		 ":4: dataplane.workers: out of range: '-1' (a whole number)\n"},
		{PORTS "  workers: 5000000000\n",
		 ":4: dataplane.workers: out of range: '5000000000' (a whole number)\n"},
		{PORTS "  workers:\n",
		 ":4: dataplane.workers: not a number: '' (a whole number)\n"},
		{"dataplane: 3\n",
		 ":1: dataplane: wrong type (workers, poll, max_devices, handshakes_max, keylog, "
		 "routability, ports)\n"},
		{"dataplane:\n  ports: x\n",
		 ":2: dataplane.ports: wrong type (a list, each entry after a dash)\n"},
		{PORTS "    - [3]\n",
		 ":4: dataplane.ports[1]: wrong type (udp, ethdev, addresses, dtls)\n"},
		{PORTS "backends:\n",
		 ":4: backends: wrong type (a list, each entry after a dash)\n"},
		// Ranges and syntax of values.
		{PORTS "state: ''\n", ":4: state: empty (a directory)\n"},
		{PORTS "  workers: 0\n", ":4: dataplane.workers: out of range: 0 (1 to 64)\n"},
		{PORTS "lwm2m:\n  observe: [/3303, 3/0]\n",
		 ":5: lwm2m.observe[1]: not a path: 3/0 (e.g. /3303 or /3/0/9)\n"},
		{PORTS "lwm2m:\n  observe: [/]\n",
		 ":5: lwm2m.observe[0]: not a path: / (e.g. /3303 or /3/0/9)\n"},
		{PORTS "lwm2m:\n  models: ''\n", ":5: lwm2m.models: empty (a directory)\n"},
		{PORTS "lwm2m:\n  awake_s: 0\n",
		 ":5: lwm2m.awake_s: out of range: 0 (1 to 86400)\n"},
		{PORTS "lwm2m:\n  body_max: 60001\n",
		 ":5: lwm2m.body_max: out of range: 60001 (1 to 60000)\n"},
		{PORTS "lwm2m:\n  queue_max: 65537\n",
		 ":5: lwm2m.queue_max: out of range: 65537 (1 to 65536)\n"},
		{PORTS "lwm2m:\n  queue_ttl_s: 31622401\n",
		 ":5: lwm2m.queue_ttl_s: out of range: 31622401 (1 to 31622400)\n"},
		{PORTS "overload:\n  peer_rate: 10000001\n",
		 ":5: overload.peer_rate: out of range: 10000001 (0 to 10000000)\n"},
		{PORTS "overload:\n  peer_burst: 100000001\n",
		 ":5: overload.peer_burst: out of range: 100000001 (0 to 100000000)\n"},
		{PORTS "overload:\n  unknown_rate: 10000001\n",
		 ":5: overload.unknown_rate: out of range: 10000001 (0 to 10000000)\n"},
		{PORTS "overload:\n  new_rate: 10000001\n",
		 ":5: overload.new_rate: out of range: 10000001 (0 to 10000000)\n"},
		{PORTS "overload:\n  echo: maybe\n",
		 ":5: overload.echo: unknown value: maybe (when_needed, always, never)\n"},
		{PORTS "  workers: 65\n", ":4: dataplane.workers: out of range: 65 (1 to 64)\n"},
		{PORTS "  max_devices: 0\n",
		 ":4: dataplane.max_devices: out of range: 0 (1 to 100000000)\n"},
		{PORTS "  handshakes_max: 0\n",
		 ":4: dataplane.handshakes_max: out of range: 0 (1 to 1000000)\n"},
		{PORTS "  routability: maybe\n",
		 ":4: dataplane.routability: unknown value: maybe (none, ping)\n"},
		{PORTS "security:\n  by_name: [{name: a, certificate: b}]\n",
		 ":5: security.by_name[0]: not complete (name, certificate, key)\n"},
		{PORTS "security:\n  by_name:\n    - {name: a, certificate: b, key: c}\n"
		       "    - {name: A, certificate: b, key: c}\n",
		 ":7: security.by_name[1]: A is there twice\n"},
		{PORTS "  keylog: ''\n", ":4: dataplane.keylog: empty (a file)\n"},
		{PORTS "  max_devices: 100000001\n",
		 ":4: dataplane.max_devices: out of range: 100000001 (1 to 100000000)\n"},
		{PORTS "control:\n  listen: 8080\n", ":5: control.listen: not an address and port: "
						     "8080 (address:port, e.g. 127.0.0.1:5683 or "
						     "[::1]:5683)\n"},
		{PORTS "control:\n  listen: 127.0.0.1:0\n",
		 ":5: control.listen: port 0 (1 to 65535)\n"},
		// Ports.
		{"state: x\n",
		 ":1: dataplane.ports: missing (at least one, e.g. - udp: 127.0.0.1:5683)\n"},
		{"state: x\ndataplane:\n  workers: 2\n",
		 ":2: dataplane.ports: missing (at least one, e.g. - udp: 127.0.0.1:5683)\n"},
		{"dataplane:\n  ports:\n    - addresses: [10.0.0.1/8]\n",
		 ":3: dataplane.ports[0]: neither udp nor ethdev (exactly one of the two)\n"},
		{PORTS "      ethdev: net_tap0\n",
		 ":3: dataplane.ports[0]: both udp and ethdev (exactly one of the two)\n"},
		{PORTS "    - udp: 127.0.0.1:5683\n",
		 ":4: dataplane.ports[1]: same as ports[0] (each port once)\n"},
		{PORTS "    - udp: localhost:5683\n",
		 ":4: dataplane.ports[1].udp: not an address and port: localhost:5683 "
		 "(address:port, e.g. "
		 "127.0.0.1:5683 or [::1]:5683)\n"},
		{PORTS "      addresses: []\n",
		 ":4: dataplane.ports[0].addresses: not allowed with udp (the kernel has the "
		 "addresses)\n"},
		{"dataplane:\n  ports:\n    - ethdev: net_tap0\n",
		 ":3: dataplane.ports[0].addresses: missing (at least one address/prefix length, "
		 "e.g. "
		 "198.18.0.1/24 or 2001:db8::1/64)\n"},
		{"dataplane:\n  ports:\n    - ethdev: ''\n      addresses: [10.0.0.1/8]\n",
		 ":3: dataplane.ports[0].ethdev: empty (a PCI address or a vdev, e.g. "
		 "net_af_xdp0,iface=gw0)\n"},
		{"dataplane:\n  ports:\n    - ethdev: net_tap0\n      addresses:\n"
		 "        - 10.0.0.1/8\n        - 10.0.0.2\n        - 224.0.0.1/4\n        - "
		 "\"::/0\"\n",
		 ":6: dataplane.ports[0].addresses[1]: not an address: 10.0.0.2 (address/prefix "
		 "length, "
		 "e.g. 198.18.0.1/24 or 2001:db8::1/64)\n"
		 ":7: dataplane.ports[0].addresses[2]: not an address a host can have: 224.0.0.1/4 "
		 "(a "
		 "unicast address)\n"
		 ":8: dataplane.ports[0].addresses[3]: not an address a host can have: ::/0 (a "
		 "unicast "
		 "address)\n"},
		// Credentials.
		{PORTS "security:\n  key_file: ''\n",
		 ":5: security.key_file: empty (a file; made when it is missing)\n"},
		{PORTS "security:\n  certificate: a.pem\n",
		 ":5: security.certificate: without security.key (the private key that belongs to "
		 "it)\n"},
		{PORTS "security:\n  key: ''\n  ca: ''\n",
		 ":5: security.key: empty (a PEM file)\n:6: security.ca: empty (a PEM file)\n"},
		{PORTS "security:\n  psk: x\n",
		 ":5: security.psk: unknown key (key_file, certificate, key, ca, by_name, "
		 "ticket_lifetime_s)\n"},
		{PORTS "security:\n  ticket_lifetime_s: 604801\n",
		 ":5: security.ticket_lifetime_s: out of range: 604801 (0 to 604800)\n"},
		// Back ends.
		{PORTS
		 "backends:\n  - name: a\n    url: http://h/\n  - name: a\n    url: ftp://h/\n",
		 ":7: backends[1].name: same as backends[0] (unique names)\n"
		 ":8: backends[1].url: not a URL: ftp://h/ (http://... or https://...)\n"},
		{PORTS "backends:\n  - name: a b\n    url: 'http://h/ x'\n",
		 ":5: backends[0].name: not a name: a b (letters, digits, '.', '_', '-')\n"
		 ":6: backends[0].url: not a URL: http://h/ x (http://... or https://...)\n"},
		{PORTS "backends:\n  - {}\n",
		 ":5: backends[0].name: missing (letters, digits, '.', '_', '-')\n"
		 ":5: backends[0].url: missing (http://... or https://...)\n"},
		{PORTS "backends:\n  - name: a\n    url: http://h/\n    raw: maybe\n",
		 ":7: backends[0].raw: unknown value: maybe (false, true)\n"},
#define BACKEND PORTS "backends:\n  - name: a\n    url: http://h/\n" // lines 4 to 6
		{PORTS "backends:\n  - name: .a\n    url: http://h/\n",
		 ":5: backends[0].name: not a name: .a (letters, digits, '.', '_', '-')\n"},
		{PORTS "backends:\n  - url: http://h/\n    name: " A16 A16 A16 A16 "b\n",
		 ":6: backends[0].name: too long (at most 64 characters)\n"},
		{BACKEND "    types: [send, sent]\n",
		 ":7: backends[0].types: unknown value: sent (registration, update, "
		 "deregistration, notification, send, response)\n"},
		{BACKEND "    endpoints: ['']\n    paths: [/3303, 3]\n",
		 ":7: backends[0].endpoints[0]: empty (a pattern, e.g. meter-*)\n"
		 ":8: backends[0].paths[1]: not a path: 3 (e.g. /3303 or /3/0/9)\n"},
		{BACKEND "    batch: {events: 0, bytes: 100, linger_ms: 60001}\n",
		 ":7: backends[0].batch.events: out of range: 0 (1 to 10000)\n"
		 ":7: backends[0].batch.bytes: out of range: 100 (1024 to 16777216)\n"
		 ":7: backends[0].batch.linger_ms: out of range: 60001 (0 to 60000)\n"},
		{BACKEND "    connections: 17\n    timeout_s: 0\n    dead_letter_bytes: 1\n",
		 ":7: backends[0].connections: out of range: 17 (1 to 16)\n"
		 ":8: backends[0].timeout_s: out of range: 0 (1 to 300)\n"
		 ":9: backends[0].dead_letter_bytes: out of range: 1 (4096 to 4294967295)\n"},
		{BACKEND "    retry: {min_ms: 500, max_ms: 400, pause_after: 0}\n",
		 ":7: backends[0].retry.pause_after: out of range: 0 (1 to 1000)\n"
		 ":7: backends[0].retry.max_ms: less than min_ms (500 or more)\n"},
		{BACKEND "    auth: {bearer: a, bearer_file: b, basic: c, hmac_key: '', "
			 "hmac_key_file: ''}\n",
		 ":7: backends[0].auth.bearer: given here and as a file (one of the two)\n"
		 ":7: backends[0].auth.hmac_key: given here and as a file (one of the two)\n"
		 ":7: backends[0].auth.hmac_key: empty, or has control characters (one line)\n"
		 ":7: backends[0].auth.hmac_key: empty (a file)\n"
		 ":7: backends[0].auth: both bearer and basic (one of the two)\n"
		 ":7: backends[0].auth.basic: no colon (user:password)\n"},
		{BACKEND "    headers: ['X-A: b', 'Content-Type: c', 'no colon']\n",
		 ":7: backends[0].headers[1]: not a header that can be set (Name: value)\n"
		 ":7: backends[0].headers[2]: not a header that can be set (Name: value)\n"},
		{BACKEND "    tls: {certificate: c.pem}\n",
		 ":7: backends[0].tls: certificate without key or key without certificate "
		 "(both)\n"},
		{BACKEND "    http2: maybe\n",
		 ":7: backends[0].http2: unknown value: maybe (auto, never, prior-knowledge)\n"},
		{PORTS "outbox:\n  max_bytes: 1000\n",
		 ":5: outbox.max_bytes: out of range: 1000 (1048576 to 51539607552)\n"},
		{PORTS "outbox:\n  when_full: panic\n",
		 ":5: outbox.when_full: unknown value: panic (hold, drop)\n"},
		{PORTS "backends:\n  - name: a\n    url: https:///x\n",
		 ":6: backends[0].url: not a URL: https:///x (http://... or https://...)\n"},
	};
	char messages[4096];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(load(cases[i].text, strlen(cases[i].text), messages));
		assert_string_not_equal(messages, "");
		if (cases[i].message != NULL)
			assert_string_equal(messages, cases[i].message);
	}
}

static void a_nul_byte_and_a_broken_byte_order_mark_are_refused(void **state)
{
	static const char nul[] = PORTS "state: a\0b\n";
	char messages[4096];

	assert_null(load(nul, sizeof(nul) - 1, messages));
	assert_string_equal(messages,
			    ":4: syntax: control characters are not allowed (YAML in UTF-8)\n");
	assert_null(load("\xff\xfe", 2, messages));
	assert_string_not_equal(messages, "");
}

static void seventeen_ports_are_too_many(void **state)
{
	char text[1024] = "dataplane:\n  ports:\n", messages[4096];

	for (int i = 0; i < 17; i++)
		sprintf(text + strlen(text), "    - udp: 127.0.0.1:%d\n", 5683 + i);
	assert_null(load(text, strlen(text), messages));
	assert_string_equal(messages, ":2: dataplane.ports: too many: 17 (1 to 16)\n");
}

static void sixty_five_addresses_are_too_many(void **state)
{
	char text[2048] = "dataplane:\n  ports:\n    - ethdev: a\n      addresses:\n",
	     messages[4096];

	for (int i = 0; i < 65; i++)
		sprintf(text + strlen(text), "      - 10.0.0.%d/8\n", i + 1);
	assert_null(load(text, strlen(text), messages));
	assert_string_equal(messages, ":4: dataplane.ports[0].addresses: too many: 65 (1 to 64)\n");
}

static void a_text_of_more_than_4096_bytes_is_refused(void **state)
{
	char text[5000] = PORTS "state: ", messages[4096];

	memset(text + strlen(text), 'x', 4097);
	assert_null(load(text, strlen(text), messages));
	assert_string_equal(messages, ":4: state: too long (text of at most 4096 bytes)\n");
}

static void message_of(const char *file, char *buf, size_t size)
{
	FILE *err = fmemopen(buf, size, "w");

	assert_null(config_load(file, err));
	fclose(err);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	char buf[256];

	message_of("/nonexistent/sluice.yaml", buf, sizeof(buf));
	assert_string_equal(buf,
			    "/nonexistent/sluice.yaml: cannot open (No such file or directory)\n");
	message_of("/", buf, sizeof(buf));
	assert_string_equal(buf, "/: cannot read (Is a directory)\n");
	message_of("/dev/zero", buf, sizeof(buf));
	assert_string_equal(buf, "/dev/zero: too large (at most 1048576 bytes)\n");
}

static void what_is_absent_has_its_default(void **state)
{
	char messages[4096];
	struct config *cfg = load(PORTS, strlen(PORTS), messages);

	assert_string_equal(messages, "");
	assert_non_null(cfg);
	assert_string_equal(cfg->path, path);
	assert_string_equal(cfg->state, "./var");
	assert_int_equal(cfg->durability.notification, CONFIG_DURABILITY_COMMIT);
	assert_false(config_all_memory(cfg));
	assert_int_equal(cfg->dataplane.workers, 1);
	assert_int_equal(cfg->dataplane.poll, CONFIG_POLL_ADAPTIVE);
	assert_int_equal(cfg->dataplane.max_devices, 1000000);
	assert_int_equal(cfg->dataplane.ports_count, 1);
	assert_string_equal(cfg->control.listen, "127.0.0.1:8080");
	assert_int_equal(cfg->overload.peer_rate, 10000);
	assert_int_equal(cfg->overload.peer_burst, 20000);
	assert_int_equal(cfg->overload.unknown_rate, 20000);
	assert_int_equal(cfg->overload.new_rate, 0);
	assert_int_equal(cfg->overload.echo, CONFIG_ECHO_WHEN_NEEDED);
	assert_int_equal(cfg->backends_count, 0);
	config_free(cfg);
}

static void backend_assert_given(const struct config_backend *backend)
{
	assert_int_equal(backend->types, CONFIG_EVENT_SEND | CONFIG_EVENT_RESPONSE);
	assert_int_equal(backend->endpoints_count, 2);
	assert_string_equal(backend->endpoints[0], "meter-*");
	assert_string_equal(backend->paths[0], "/3303");
	assert_int_equal(backend->connections, 16);
	assert_int_equal(backend->batch.linger_ms, 0);
	assert_int_equal(backend->batch.events, 256);
	assert_int_equal(backend->retry.pause_s, 3600);
	assert_true(backend->gzip);
	assert_int_equal(backend->http2, CONFIG_HTTP2_PRIOR_KNOWLEDGE);
	assert_string_equal(backend->auth.basic, "me:secret");
	assert_string_equal(backend->auth.hmac_key_file, "/k");
	assert_string_equal(backend->headers[0], "X-Key: 1");
	assert_string_equal(backend->tls.key, "k.pem");
}

static void what_is_given_arrives(void **state)
{
	static const char text[] = "state: /srv/sluice\n"
				   "durability: memory\n"
				   "dataplane:\n"
				   "  workers: 64\n"
				   "  poll: busy\n"
				   "  max_devices: 100000000\n"
				   "  ports:\n"
				   "    - udp: '[::]:5683'\n"
				   "    - ethdev: net_af_xdp0,iface=gw0\n"
				   "      addresses: [198.18.0.1/24, \"2001:db8::1/64\"]\n"
				   "control:\n"
				   "  listen: '[::1]:80'\n"
				   "overload: {peer_rate: 7, unknown_rate: 0, new_rate: 9, "
				   "echo: always}\n"
				   "backends:\n"
				   "  - {name: a.B_c-1, url: 'https://host:9/x?y'}\n"
				   "  - name: b\n"
				   "    url: http://host\n"
				   "    raw: true\n"
				   "    types: [send, response]\n"
				   "    endpoints: [meter-*, '?']\n"
				   "    paths: [/3303]\n"
				   "    connections: 16\n"
				   "    batch: {linger_ms: 0}\n"
				   "    retry: {pause_s: 3600}\n"
				   "    gzip: true\n"
				   "    http2: prior-knowledge\n"
				   "    auth: {basic: 'me:secret', hmac_key_file: /k}\n"
				   "    headers: ['X-Key: 1']\n"
				   "    tls: {ca: ca.pem, certificate: c.pem, key: k.pem}\n"
				   "outbox:\n"
				   "  max_bytes: 51539607552\n"
				   "  max_age_s: 60\n"
				   "  when_full: drop\n";
	char messages[4096];
	struct config *cfg = load(text, strlen(text), messages);

	assert_string_equal(messages, "");
	assert_non_null(cfg);
	assert_string_equal(cfg->state, "/srv/sluice");
	assert_true(config_all_memory(cfg));
	assert_int_equal(cfg->dataplane.workers, 64);
	assert_int_equal(cfg->dataplane.poll, CONFIG_POLL_BUSY);
	assert_int_equal(cfg->dataplane.max_devices, 100000000);
	assert_int_equal(cfg->dataplane.ports_count, 2);
	assert_string_equal(cfg->dataplane.ports[0].udp, "[::]:5683");
	assert_null(cfg->dataplane.ports[0].ethdev);
	assert_string_equal(cfg->dataplane.ports[1].ethdev, "net_af_xdp0,iface=gw0");
	assert_int_equal(cfg->dataplane.ports[1].addresses_count, 2);
	assert_string_equal(cfg->dataplane.ports[1].addresses[1], "2001:db8::1/64");
	assert_string_equal(cfg->control.listen, "[::1]:80");
	assert_int_equal(cfg->overload.peer_rate, 7);
	assert_int_equal(cfg->overload.peer_burst, 14);
	assert_int_equal(cfg->overload.unknown_rate, 0);
	assert_int_equal(cfg->overload.new_rate, 9);
	assert_int_equal(cfg->overload.echo, CONFIG_ECHO_ALWAYS);
	assert_int_equal(cfg->backends_count, 2);
	assert_string_equal(cfg->backends[0].name, "a.B_c-1");
	assert_string_equal(cfg->backends[1].url, "http://host");
	assert_false(cfg->backends[0].raw);
	assert_true(cfg->backends[1].raw);
	assert_int_equal(cfg->backends[0].types, 0);
	assert_int_equal(cfg->backends[0].batch.events, 256);
	assert_int_equal(cfg->backends[0].batch.linger_ms, 20);
	assert_int_equal(cfg->backends[0].connections, 1);
	assert_int_equal(cfg->backends[0].retry.refuse_after, 3);
	assert_int_equal(cfg->backends[0].http2, CONFIG_HTTP2_AUTO);
	backend_assert_given(&cfg->backends[1]);
	assert_int_equal(cfg->outbox.max_bytes, 51539607552);
	assert_int_equal(cfg->outbox.max_age_s, 60);
	assert_int_equal(cfg->outbox.when_full, CONFIG_FULL_DROP);
	config_free(cfg);
}

static void the_sample_configuration_loads_and_says_what_it_documents(void **state)
{
	struct config *cfg = config_load(SAMPLE_CONFIG, stderr);

	assert_non_null(cfg);
	assert_string_equal(cfg->state, "./var");
	assert_int_equal(cfg->durability.notification, CONFIG_DURABILITY_COMMIT);
	assert_false(config_all_memory(cfg));
	assert_int_equal(cfg->dataplane.max_devices, 100000);
	assert_int_equal(cfg->dataplane.ports_count, 1);
	assert_string_equal(cfg->dataplane.ports[0].udp, "127.0.0.1:5683");
	assert_int_equal(cfg->backends_count, 0);
	config_free(cfg);
}

static void the_line_of_a_key_is_found_later(void **state)
{
	static const char text[] = PORTS "    - ethdev: nope\n      addresses: [10.0.0.1/8]\n";

	file_write(text, strlen(text));
	assert_int_equal(config_line(path, "dataplane"), 1);
	assert_int_equal(config_line(path, "dataplane.ports[1].ethdev"), 4);
	assert_int_equal(config_line(path, "dataplane.ports[1].addresses[0]"), 5);
	assert_int_equal(config_line(path, "dataplane.ports[2]"), 0);
	assert_int_equal(config_line(path, "dataplane.ports[x]"), 0);
	assert_int_equal(config_line(path, "dataplane[0]"), 0);
	assert_int_equal(config_line(path, "state"), 0);
	assert_int_equal(config_line("/nonexistent", "state"), 0);
}

// Whatever a text is cut to or spoilt with, loading ends with a configuration or with a message.
static void spoilt_files_never_fail_silently(void **state)
{
	char text[8192], spoilt[8192], messages[4096];
	FILE *file = fopen(SAMPLE_CONFIG, "r");
	size_t len;
	uint32_t rng = 1;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	for (int i = 0; i < 500; i++) {
		size_t n = len;
		struct config *cfg;

		memcpy(spoilt, text, len);
		for (int change = 0; change < 4; change++) {
			rng = rng * 1664525 + 1013904223;
			spoilt[(rng >> 8) % len] = "\n:-[]{}&*!|>'\"%@`\t x0\xff"[rng % 23];
		}
		if (i % 4 == 0)
			n = (rng >> 4) % len;
		cfg = load(spoilt, n, messages);
		assert_true((cfg != NULL) == (messages[0] == '\0'));
		config_free(cfg);
	}
}

static int dir_make(void **state)
{
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/sluice.yaml", dir);
	return 0;
}

static int dir_remove(void **state)
{
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_problem_is_one_line_with_file_line_key_and_what_would_be_right),
		cmocka_unit_test(a_nul_byte_and_a_broken_byte_order_mark_are_refused),
		cmocka_unit_test(seventeen_ports_are_too_many),
		cmocka_unit_test(sixty_five_addresses_are_too_many),
		cmocka_unit_test(a_text_of_more_than_4096_bytes_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
		cmocka_unit_test(what_is_absent_has_its_default),
		cmocka_unit_test(what_is_given_arrives),
		cmocka_unit_test(the_sample_configuration_loads_and_says_what_it_documents),
		cmocka_unit_test(the_line_of_a_key_is_found_later),
		cmocka_unit_test(spoilt_files_never_fail_silently),
	};

	return cmocka_run_group_tests(tests, dir_make, dir_remove);
}
