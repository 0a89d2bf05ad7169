// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/rest/resources.h"

#define COAP_PORT 5683 // of ethdev ports: RFC 7252 section 6.1

// Leshan shows the host without the brackets of a URI.
static json_t *endpoint_json(const char *host, size_t host_len, int port)
{
	bool v6 = memchr(host, ':', host_len) != NULL;

	return json_pack(
		"{s:{s:o, s:s, s:o, s:i}, s:s}", "uri", "full",
		json_sprintf(v6 ? "coap://[%.*s]:%d" : "coap://%.*s:%d", (int)host_len, host, port),
		"scheme", "coap", "host", json_stringn(host, host_len), "port", port, "description",
		"CoAP over UDP");
}

// "127.0.0.1:5683" or "[::1]:5683".
static json_t *udp_json(const char *udp)
{
	const char *colon = strrchr(udp, ':');
	const char *host = udp;
	size_t host_len;

	if (!colon)
		return NULL;
	host_len = (size_t)(colon - udp);
	if (host_len >= 2 && host[0] == '[') {
		host++;
		host_len -= 2;
	}
	return endpoint_json(host, host_len, atoi(colon + 1));
}

static int add_port(json_t *list, const struct config_port *port)
{
	if (port->udp)
		return json_array_append_new(list, udp_json(port->udp));
	for (uint32_t i = 0; i < port->addresses_count; i++) {
		const char *address = port->addresses[i]; // "198.18.0.1/24"

		if (json_array_append_new(
			    list, endpoint_json(address, strcspn(address, "/"), COAP_PORT)) != 0)
			return -1;
	}
	return 0;
}

int ctl_endpoints_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct config *cfg = req->ctl->cfg;
	json_t *list = json_array();

	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++) {
		if (add_port(list, &cfg->dataplane.ports[i]) != 0) {
			json_decref(list);
			return -ENOMEM;
		}
	}
	return ctl_resp_json(resp, 200, list);
}
