// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/rest/resources.h"

// Of ethdev ports: RFC 7252 section 6.1 and 6.2.
#define COAP_PORT  5683
#define COAPS_PORT 5684

// Leshan shows the host without the brackets of a URI.
static json_t *endpoint_json(const char *host, size_t host_len, int port, bool dtls)
{
	const char *scheme = dtls ? "coaps" : "coap";
	bool v6 = memchr(host, ':', host_len) != NULL;

	return json_pack("{s:{s:o, s:s, s:o, s:i}, s:s}", "uri", "full",
			 json_sprintf(v6 ? "%s://[%.*s]:%d" : "%s://%.*s:%d", scheme, (int)host_len,
				      host, port),
			 "scheme", scheme, "host", json_stringn(host, host_len), "port", port,
			 "description", dtls ? "CoAP over DTLS" : "CoAP over UDP");
}

// "127.0.0.1:5683" or "[::1]:5683".
static json_t *udp_json(const char *udp, bool dtls)
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
	return endpoint_json(host, host_len, atoi(colon + 1), dtls);
}

static int add_port(json_t *list, const struct config_port *port)
{
	if (port->udp)
		return json_array_append_new(list, udp_json(port->udp, port->dtls));
	for (uint32_t i = 0; i < port->addresses_count; i++) {
		const char *address = port->addresses[i]; // "198.18.0.1/24"
		size_t len = strcspn(address, "/");

		if (json_array_append_new(list, endpoint_json(address, len, COAP_PORT, false)) != 0)
			return -1;
		if (port->dtls &&
		    json_array_append_new(list, endpoint_json(address, len, COAPS_PORT, true)) != 0)
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
