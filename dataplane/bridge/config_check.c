// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/config_check.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "dataplane/bridge/config_backend.h"
#include "lwm2m/core/path.h"

#define WORKERS_MAX      64         // BRIDGE_WORKERS_MAX
#define DEVICES_MAX      100000000u // fits the slots of a location (proto.h) for any number of workers
#define PORTS_MAX        16
#define HANDSHAKES_MAX   1000000
#define CERTIFICATES_MAX 64u
#define ADDRESSES_MAX    64 // per port

#define TICKET_LIFETIME_MAX_S 604800 // RFC 8446 section 4.6.1

#define OBSERVE_MAX     64
#define AWAKE_MAX_S     86400
#define QUEUE_TTL_MAX_S (366 * 86400)
#define QUEUE_MAX       65536
#define BODY_MAX        60000 // with its header and options within BRIDGE_RECORD_MAX

#define RATE_MAX  10000000 // a second; each costs at least 100 ns anyway
#define BURST_MAX 100000000

#define ENDPOINT_SYNTAX "address:port, e.g. 127.0.0.1:5683 or [::1]:5683"
#define PREFIX_SYNTAX   "address/prefix length, e.g. 198.18.0.1/24 or 2001:db8::1/64"

#define OUTBOX_MIN (UINT64_C(1) << 20)
#define OUTBOX_MAX (UINT64_C(48) << 30) // the store's map has room for the rest, too

struct key {
	char text[96];
};

// "dataplane.ports[2].udp"
static struct key key_of(const char *list, uint32_t index, const char *field)
{
	struct key key;

	snprintf(key.text, sizeof(key.text), "%.48s[%" PRIu32 "]%.16s", list, index, field);
	return key;
}

static void number_check(struct config_doc *doc, const char *key, uint32_t value, uint32_t max)
{
	if (value < 1 || value > max)
		config_doc_problem(doc, key, "out of range: %" PRIu32 " (1 to %" PRIu32 ")", value,
				   max);
}

static void endpoint_check(struct config_doc *doc, const char *key, const char *text)
{
	uint8_t addr[16];
	uint16_t port;

	if (!config_parse_endpoint(text, addr, &port))
		config_doc_problem(doc, key, "not an address and port: %s (" ENDPOINT_SYNTAX ")",
				   text);
	else if (port == 0)
		config_doc_problem(doc, key, "port 0 (1 to 65535)");
}

// An address that a device can send to: not all zero, not multicast, not broadcast.
static bool address_unicast(const uint8_t addr[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t zero[16];

	if (memcmp(addr, mapped, sizeof(mapped)) == 0)
		return addr[12] != 0 && addr[12] < 224;
	return addr[0] != 0xff && memcmp(addr, zero, sizeof(zero)) != 0;
}

static void addresses_check(struct config_doc *doc, uint32_t index, const struct config_port *port)
{
	uint8_t addr[16], prefix_len;

	struct key list = key_of("dataplane.ports", index, ".addresses");

	if (port->addresses_count == 0)
		config_doc_problem(doc, list.text, "missing (at least one " PREFIX_SYNTAX ")");
	if (port->addresses_count > ADDRESSES_MAX)
		config_doc_problem(doc, list.text, "too many: %" PRIu32 " (1 to %d)",
				   port->addresses_count, ADDRESSES_MAX);
	for (uint32_t i = 0; i < port->addresses_count; i++) {
		struct key key = key_of(list.text, i, "");

		if (!config_parse_prefix(port->addresses[i], addr, &prefix_len))
			config_doc_problem(doc, key.text, "not an address: %s (" PREFIX_SYNTAX ")",
					   port->addresses[i]);
		else if (!address_unicast(addr))
			config_doc_problem(doc, key.text,
					   "not an address a host can have: %s (a unicast address)",
					   port->addresses[i]);
	}
}

static bool text_equal(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void port_twice_check(struct config_doc *doc, const struct config_dataplane *dp,
			     uint32_t index)
{
	for (uint32_t i = 0; i < index; i++) {
		if (!text_equal(dp->ports[i].udp, dp->ports[index].udp) &&
		    !text_equal(dp->ports[i].ethdev, dp->ports[index].ethdev))
			continue;
		config_doc_problem(doc, key_of("dataplane.ports", index, "").text,
				   "same as ports[%" PRIu32 "] (each port once)", i);
		return;
	}
}

static void port_check(struct config_doc *doc, const struct config_dataplane *dp, uint32_t index)
{
	const struct config_port *port = &dp->ports[index];
	struct key entry = key_of("dataplane.ports", index, "");
	struct key udp = key_of("dataplane.ports", index, ".udp");
	struct key ethdev = key_of("dataplane.ports", index, ".ethdev");
	struct key addresses = key_of("dataplane.ports", index, ".addresses");

	if ((port->udp != NULL) == (port->ethdev != NULL)) {
		config_doc_problem(doc, entry.text, "%s udp %s ethdev (exactly one of the two)",
				   port->udp != NULL ? "both" : "neither",
				   port->udp != NULL ? "and" : "nor");
		return;
	}
	port_twice_check(doc, dp, index);
	if (port->udp != NULL) {
		endpoint_check(doc, udp.text, port->udp);
		if (config_doc_line(doc, addresses.text) != 0)
			config_doc_problem(doc, addresses.text,
					   "not allowed with udp (the kernel has the addresses)");
		return;
	}
	if (port->ethdev[0] == '\0')
		config_doc_problem(doc, ethdev.text,
				   "empty (a PCI address or a vdev, e.g. net_af_xdp0,iface=gw0)");
	addresses_check(doc, index, port);
}

static void dataplane_check(struct config_doc *doc, const struct config_dataplane *dp)
{
	number_check(doc, "dataplane.workers", dp->workers, WORKERS_MAX);
	number_check(doc, "dataplane.max_devices", dp->max_devices, DEVICES_MAX);
	number_check(doc, "dataplane.handshakes_max", dp->handshakes_max, HANDSHAKES_MAX);
	if (dp->keylog != NULL && dp->keylog[0] == '\0')
		config_doc_problem(doc, "dataplane.keylog", "empty (a file)");
	if (dp->ports_count == 0)
		config_doc_problem(doc, "dataplane.ports",
				   "missing (at least one, e.g. - udp: 127.0.0.1:5683)");
	if (dp->ports_count > PORTS_MAX) {
		config_doc_problem(doc, "dataplane.ports", "too many: %" PRIu32 " (1 to %d)",
				   dp->ports_count, PORTS_MAX);
		return;
	}
	for (uint32_t i = 0; i < dp->ports_count; i++)
		port_check(doc, dp, i);
}

static void observe_check(struct config_doc *doc, const struct config_lwm2m *lwm2m)
{
	if (lwm2m->observe_count > OBSERVE_MAX)
		config_doc_problem(doc, "lwm2m.observe", "too many: %" PRIu32 " (up to %d)",
				   lwm2m->observe_count, OBSERVE_MAX);
	for (uint32_t i = 0; i < lwm2m->observe_count; i++) {
		const char *text = lwm2m->observe[i];
		struct lwm2m_path path;

		if (!lwm2m_path_parse(&path, text, strlen(text)) || path.depth == 0)
			config_doc_problem(doc, key_of("lwm2m.observe", i, "").text,
					   "not a path: %s (e.g. /3303 or /3/0/9)", text);
	}
}

static void lwm2m_check(struct config_doc *doc, const struct config_lwm2m *lwm2m)
{
	observe_check(doc, lwm2m);
	if (lwm2m->models != NULL && lwm2m->models[0] == '\0')
		config_doc_problem(doc, "lwm2m.models", "empty (a directory)");
	number_check(doc, "lwm2m.awake_s", lwm2m->awake_s, AWAKE_MAX_S);
	number_check(doc, "lwm2m.queue_ttl_s", lwm2m->queue_ttl_s, QUEUE_TTL_MAX_S);
	number_check(doc, "lwm2m.queue_max", lwm2m->queue_max, QUEUE_MAX);
	number_check(doc, "lwm2m.body_max", lwm2m->body_max, BODY_MAX);
}

static void certificates_check(struct config_doc *doc, const struct config_security *security)
{
	for (uint32_t i = 0; i < security->by_name_count; i++) {
		const struct config_certificate *one = &security->by_name[i];
		struct key key = key_of("security.by_name", i, "");

		if (one->name == NULL || one->certificate == NULL || one->key == NULL ||
		    one->name[0] == '\0' || one->certificate[0] == '\0' || one->key[0] == '\0')
			config_doc_problem(doc, key.text, "not complete (name, certificate, key)");
		for (uint32_t k = 0; one->name != NULL && k < i; k++)
			if (security->by_name[k].name != NULL &&
			    strcasecmp(security->by_name[k].name, one->name) == 0)
				config_doc_problem(doc, key.text, "%s is there twice", one->name);
	}
	if (security->by_name_count > CERTIFICATES_MAX)
		config_doc_problem(doc, "security.by_name", "more than %u", CERTIFICATES_MAX);
}

// 0 is allowed: no limit, or off.
static void rate_check(struct config_doc *doc, const char *key, uint32_t value, uint32_t max)
{
	if (value > max)
		config_doc_problem(doc, key, "out of range: %" PRIu32 " (0 to %" PRIu32 ")", value,
				   max);
}

// What is in the files is for those to say who read them.
static void security_check(struct config_doc *doc, const struct config_security *security)
{
	const struct {
		const char *key, *value, *what;
	} files[] = {
		{"security.key_file", security->key_file, "a file; made when it is missing"},
		{"security.certificate", security->certificate, "a PEM file"},
		{"security.key", security->key, "a PEM file"},
		{"security.ca", security->ca, "a PEM file"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i].value != NULL && files[i].value[0] == '\0')
			config_doc_problem(doc, files[i].key, "empty (%s)", files[i].what);
	if (security->certificate != NULL && security->key == NULL)
		config_doc_problem(doc, "security.certificate",
				   "without security.key (the private key that belongs to it)");
	certificates_check(doc, security);
	rate_check(doc, "security.ticket_lifetime_s", security->ticket_lifetime_s,
		   TICKET_LIFETIME_MAX_S);
}

static void overload_check(struct config_doc *doc, const struct config_overload *overload)
{
	rate_check(doc, "overload.peer_rate", overload->peer_rate, RATE_MAX);
	rate_check(doc, "overload.peer_burst", overload->peer_burst, BURST_MAX);
	rate_check(doc, "overload.unknown_rate", overload->unknown_rate, RATE_MAX);
	rate_check(doc, "overload.new_rate", overload->new_rate, RATE_MAX);
}

static void backend_twice_check(struct config_doc *doc, const struct config *cfg, uint32_t index)
{
	for (uint32_t i = 0; i < index; i++) {
		if (!text_equal(cfg->backends[i].name, cfg->backends[index].name))
			continue;
		config_doc_problem(doc, key_of("backends", index, ".name").text,
				   "same as backends[%" PRIu32 "] (unique names)", i);
		return;
	}
}

static void outbox_check(struct config_doc *doc, const struct config_outbox *outbox)
{
	if (outbox->max_bytes < OUTBOX_MIN || outbox->max_bytes > OUTBOX_MAX)
		config_doc_problem(doc, "outbox.max_bytes",
				   "out of range: %" PRIu64 " (%" PRIu64 " to %" PRIu64 ")",
				   outbox->max_bytes, OUTBOX_MIN, OUTBOX_MAX);
}

void config_check(struct config_doc *doc, const struct config *cfg)
{
	if (cfg->state[0] == '\0')
		config_doc_problem(doc, "state", "empty (a directory)");
	dataplane_check(doc, &cfg->dataplane);
	endpoint_check(doc, "control.listen", cfg->control.listen);
	lwm2m_check(doc, &cfg->lwm2m);
	security_check(doc, &cfg->security);
	overload_check(doc, &cfg->overload);
	outbox_check(doc, &cfg->outbox);
	for (uint32_t i = 0; i < cfg->backends_count; i++) {
		backend_twice_check(doc, cfg, i);
		config_backend_check(doc, key_of("backends", i, ".").text, &cfg->backends[i]);
	}
}
